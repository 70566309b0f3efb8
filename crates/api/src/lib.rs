//! Shapes of the HTTP API, shared by the server and its clients. Plain data: nothing here knows how a run is made.

mod event;
pub mod path;
mod problem;
mod run;
pub mod sse;

pub use event::{RunEvent, TaskError};
pub use problem::{Code, Fault, Problem};
pub use run::{Health, RunState, RunView, SubmitAnswer, SubmitRequest, TaskState};

/// Largest request body, in bytes.
pub const MAX_BODY_BYTES: usize = 64 << 20;
/// Media type of [`Problem`].
pub const PROBLEM_JSON: &str = "application/problem+json";
