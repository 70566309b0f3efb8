//! The shapes of the contract with a platform (`docs/reference/executor-openapi.json`).

use serde::Deserialize;
use suanzi_executor::AttemptId;

/// The version of the contract that is spoken here.
pub const CONTRACT: u32 = 1;

/// `GET /v1/platform`.
#[derive(Debug, Deserialize)]
pub struct Platform {
    pub contract: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Queued,
    Running,
    Ended,
}

/// `GET /v1/tasks/{id}`.
#[derive(Debug, Deserialize)]
pub struct Status {
    pub state: State,
    /// Where it runs, for people.
    #[serde(default)]
    pub worker: Option<String>,
    /// Of an ended process: its exit status, or the signal that ended it.
    #[serde(default)]
    pub exit_status: Option<i32>,
    #[serde(default)]
    pub signal: Option<i32>,
    /// The platform ended it because of its memory.
    #[serde(default)]
    pub out_of_memory: bool,
    /// Bytes that may be read of each.
    pub log_bytes: u64,
    pub event_bytes: u64,
}

/// An attempt's name on the platform: safe in a path.
pub fn task_name(id: &AttemptId) -> String {
    format!("{}-{}-{}-{:016x}", id.run, id.op, id.no, id.token)
}
