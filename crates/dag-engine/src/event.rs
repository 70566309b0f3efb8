//! What a run tells those who watch it. Events about states leave only after their records are committed; progress and metrics at once.

use suanzi_executor::Failure;
use suanzi_store::{RunKey, RunState, TaskState};

#[derive(Debug, Clone)]
pub enum RunEvent {
    TaskStarted { run: RunKey, op: u32, attempt_no: u32 },
    Progress { run: RunKey, op: u32, fraction: f64, message: String },
    Metric { run: RunKey, op: u32, name: String, step: Option<i64>, value: f64 },
    TaskEnded(Box<TaskEnd>),
    RunEnded { run: RunKey, state: RunState },
}

/// An attempt's end, or a task settled without one.
#[derive(Debug, Clone)]
pub struct TaskEnd {
    pub run: RunKey,
    pub op: u32,
    pub state: TaskState,
    /// 0 where no attempt was made.
    pub attempt_no: u32,
    pub wall_us: u64,
    pub failure: Option<Failure>,
    /// Of a success or a cached result; empty otherwise.
    pub outputs: Vec<TaskOutput>,
}

/// What a task put out, as far as it is known at its end: a new table's content id and statistics follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskOutput {
    pub port: u16,
    pub port_type: String,
    pub rows: Option<u64>,
    pub bytes: u64,
    pub content_id: Option<String>,
    /// Its bytes are there: those of a cached result may have been collected.
    pub present: bool,
    pub described: bool,
}

impl RunEvent {
    pub fn run(&self) -> RunKey {
        match self {
            RunEvent::TaskStarted { run, .. }
            | RunEvent::Progress { run, .. }
            | RunEvent::Metric { run, .. }
            | RunEvent::RunEnded { run, .. } => *run,
            RunEvent::TaskEnded(end) => end.run,
        }
    }
}
