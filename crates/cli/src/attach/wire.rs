//! Wire types as the engine's own, so that a run is shown the same wherever it goes.

use std::collections::HashMap;
use suanzi_api as api;
use suanzi_dag_engine::{RunEvent, TaskEnd};
use suanzi_executor::{Failure, FailureKind};
use suanzi_store::{RunKey, RunState, TaskState};

/// `None` for an operator that isn't in the DAG.
pub(super) fn event(event: api::RunEvent, run: RunKey, positions: &HashMap<String, u32>) -> Option<RunEvent> {
    let at = |operator: &str| positions.get(operator).copied();
    Some(match event {
        api::RunEvent::TaskStarted { operator, attempt } => {
            RunEvent::TaskStarted { run, op: at(&operator)?, attempt_no: attempt }
        }
        api::RunEvent::Progress { operator, fraction, message } => {
            RunEvent::Progress { run, op: at(&operator)?, fraction, message }
        }
        api::RunEvent::Metric { operator, name, step, value } => {
            RunEvent::Metric { run, op: at(&operator)?, name, step, value: value.unwrap_or(f64::NAN) }
        }
        api::RunEvent::TaskEnded { operator, status, attempt, duration_us, error, outputs: _ } => {
            RunEvent::TaskEnded(Box::new(TaskEnd {
                run,
                op: at(&operator)?,
                state: task_state(status),
                attempt_no: attempt,
                wall_us: duration_us,
                failure: error.map(failure),
                // Read from the store when the report is made.
                outputs: Vec::new(),
            }))
        }
        api::RunEvent::RunEnded { status } => RunEvent::RunEnded { run, state: run_state(status) },
    })
}

fn failure(error: api::TaskError) -> Failure {
    // A kind that only a newer owner knows is an exception like any other: its message is what is shown.
    let kind = serde_json::from_value(error.kind.into()).unwrap_or(FailureKind::Exception);
    Failure { kind, message: error.message, hint: error.hint, traceback: error.traceback }
}

fn run_state(state: api::RunState) -> RunState {
    match state {
        api::RunState::Running => RunState::Running,
        api::RunState::Success => RunState::Success,
        api::RunState::Failed => RunState::Failed,
        api::RunState::Cancelled => RunState::Cancelled,
    }
}

fn task_state(state: api::TaskState) -> TaskState {
    match state {
        api::TaskState::Running => TaskState::Running,
        api::TaskState::Retrying => TaskState::Retrying,
        api::TaskState::Success => TaskState::Success,
        api::TaskState::Cached => TaskState::Cached,
        api::TaskState::Failed => TaskState::Failed,
        api::TaskState::Skipped => TaskState::Skipped,
        api::TaskState::Cancelled => TaskState::Cancelled,
    }
}
