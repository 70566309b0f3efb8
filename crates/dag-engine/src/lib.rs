//! The dag engine: binds a DAG to what exists (operators, files, earlier results), stores it, and drives the scheduler, the store's writer and the operator engine.
//!
//! [`core::Core`] is the part that decides: no threads, no clock, no I/O; the simulation drives it too. [`Engine`] is the part that acts.

/// A line to stderr that outlives its reader: `eprintln!` panics when the pipe is closed.
macro_rules! talk {
    ($($arg:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($arg)*);
    }};
}

mod collect;
pub mod core;
#[cfg(feature = "planted-defects")]
mod defect;
mod deploy;
mod describe;
mod durable;
mod engine;
mod event;
mod hold;
mod memory;
mod options;
mod plan;
mod prepare;
mod recover;
mod script;
mod submit;
mod travel;
mod verify;
mod words;
mod writer;

pub use collect::{CollectError, Collected, LEFTOVER_AGE, collect, sweep_leftovers};
pub use core::Told;
#[cfg(feature = "planted-defects")]
pub use defect::Defect;
pub use deploy::{Deploy, Deployer};
pub use durable::{Step, durable};
pub use engine::Engine;
pub use event::{RunEvent, TaskEnd, TaskOutput};
pub use options::{CacheMode, EngineOptions, RunOptions, STOP_GRACE};
pub use plan::{Plan, PlanRow, Resolution, Verdict};
pub use prepare::{Environment, FileAccess, PrepareError, Prepared, Preparer, Selected, identity};
pub use recover::{BoundRun, RunRows, recovered};
pub use script::for_script;
pub use submit::{Cause, SubmitError, Submitted, civil, dag_version};
pub use verify::{Since, Verified, VerifyError, verify_files};
pub use words::Words;
