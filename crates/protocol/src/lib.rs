//! Frames between Rust and Python workers: a 4-byte big-endian length, then one MessagePack map with a `t` key that names the frame.
//!
//! Two channels speak it. Engine and *zygote* (the process that imported the libraries and forks workers) exchange [`ToZygote`] and
//! [`FromZygote`]; engine and worker exchange [`ToWorker`] and [`FromWorker`]. Unknown keys are ignored, unknown frames are errors.
//! The Python side is `python/suanzi/worker/protocol.py`; `golden/` holds samples that the tests of both languages read.

mod frame;
mod worker;
mod zygote;

pub use frame::{FrameBuffer, FrameError, decode, encode};
pub use worker::{FailureKind, FromWorker, Input, Objects, Output, Port, Task, ToWorker, Usage, Value};
pub use zygote::{FromZygote, ToZygote};

/// Raised by every change that an older reader would misunderstand. Told in the zygote's `hello`; both sides must be equal.
pub const PROTOCOL_VERSION: u32 = 1;

/// The longest frame body either side accepts.
pub const MAX_FRAME_BYTES: usize = 64 << 20;
