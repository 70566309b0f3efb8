//! Shapes of the HTTP API, shared by the server and its clients. Plain data: nothing here knows how a run is made.

mod event;
pub mod path;
mod problem;
mod run;
mod session;
pub mod sse;

pub use event::{RunEvent, TaskError};
pub use problem::{Code, Fault, Problem};
pub use run::{Health, RunState, RunView, SubmitAnswer, SubmitRequest, TaskState};
pub use session::{CodeView, SessionView, SignIn};

/// Largest request body, in bytes.
pub const MAX_BODY_BYTES: usize = 64 << 20;
/// Carries a session's `csrf` with each unsafe request that a cookie authenticates.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// On every answer: names it in reports.
pub const REQUEST_ID_HEADER: &str = "x-request-id";
/// Media type of [`Problem`].
pub const PROBLEM_JSON: &str = "application/problem+json";
