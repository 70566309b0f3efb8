//! States as the API words them.

use suanzi_api as api;
use suanzi_store::{RunState, TaskState};

pub fn run_state(state: RunState) -> api::RunState {
    match state {
        RunState::Running => api::RunState::Running,
        RunState::Success => api::RunState::Success,
        RunState::Failed => api::RunState::Failed,
        RunState::Cancelled => api::RunState::Cancelled,
    }
}

pub fn task_state(state: TaskState) -> api::TaskState {
    match state {
        TaskState::Running => api::TaskState::Running,
        TaskState::Retrying => api::TaskState::Retrying,
        TaskState::Success => api::TaskState::Success,
        TaskState::Cached => api::TaskState::Cached,
        TaskState::Failed => api::TaskState::Failed,
        TaskState::Skipped => api::TaskState::Skipped,
        TaskState::Cancelled => api::TaskState::Cancelled,
    }
}
