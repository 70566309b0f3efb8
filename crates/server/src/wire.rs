//! The engine's values as the API shows them: the one edge where domain types become wire types.

use suanzi_api as api;
use suanzi_dag::{Fault, Faults};
use suanzi_dag_engine::{RunEvent, TaskOutput};
use suanzi_executor::Failure;
use suanzi_store::{RunRow, RunState, TaskCounts, TaskState};

pub(crate) fn run(row: &RunRow, counts: TaskCounts, title: String) -> api::RunView {
    api::RunView {
        run_id: row.run_id.clone(),
        status: run_state(row.state),
        dag: title,
        dag_id: row.dag.0.to_string(),
        version: row.version,
        total: row.total,
        done: counts.done,
        failed: counts.failed,
        cached: counts.cached,
        cancel_requested: row.cancel_requested,
        created_at_ms: row.created_at,
        ended_at_ms: row.ended_at,
        options: run_options(row),
        mlflow: None,
    }
}

/// `names`: operator ids by position.
pub(crate) fn event(event: &RunEvent, names: &[String]) -> api::RunEvent {
    let operator = |op: u32| names.get(op as usize).cloned().unwrap_or_default();
    match event {
        RunEvent::TaskStarted { op, attempt_no, .. } => {
            api::RunEvent::TaskStarted { operator: operator(*op), attempt: *attempt_no }
        }
        RunEvent::Progress { op, fraction, message, .. } => api::RunEvent::Progress {
            operator: operator(*op),
            fraction: if fraction.is_finite() { *fraction } else { 0.0 },
            message: message.clone(),
        },
        RunEvent::Metric { op, name, step, value, .. } => api::RunEvent::Metric {
            operator: operator(*op),
            name: name.clone(),
            step: *step,
            value: value.is_finite().then_some(*value),
        },
        RunEvent::TaskEnded(end) => api::RunEvent::TaskEnded {
            operator: operator(end.op),
            status: task_state(end.state),
            attempt: end.attempt_no,
            duration_us: end.wall_us,
            error: end.failure.as_ref().map(task_error),
            outputs: end.outputs.iter().map(task_output).collect(),
        },
        RunEvent::RunEnded { state, .. } => api::RunEvent::RunEnded { status: run_state(*state) },
    }
}

fn task_output(output: &TaskOutput) -> api::OutputView {
    api::OutputView {
        port: output.port,
        port_type: output.port_type.clone(),
        rows: output.rows,
        bytes: output.bytes,
        content_id: output.content_id.clone(),
        present: output.present,
        described: output.described,
    }
}

/// As they were stored; what isn't understood any more is left at its default.
pub(crate) fn run_options(row: &RunRow) -> api::RunOptions {
    serde_json::from_str(&row.config).unwrap_or_default()
}

pub(crate) fn run_state(state: RunState) -> api::RunState {
    match state {
        RunState::Running => api::RunState::Running,
        RunState::Success => api::RunState::Success,
        RunState::Failed => api::RunState::Failed,
        RunState::Cancelled => api::RunState::Cancelled,
    }
}

pub(crate) fn of_run_state(state: api::RunState) -> RunState {
    match state {
        api::RunState::Running => RunState::Running,
        api::RunState::Success => RunState::Success,
        api::RunState::Failed => RunState::Failed,
        api::RunState::Cancelled => RunState::Cancelled,
    }
}

pub(crate) fn task_state(state: TaskState) -> api::TaskState {
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

pub(crate) fn task_error(failure: &Failure) -> api::TaskError {
    let kind = serde_json::to_value(failure.kind).ok().and_then(|v| v.as_str().map(str::to_string));
    api::TaskError {
        kind: kind.unwrap_or_default(),
        message: failure.message.clone(),
        hint: failure.hint.clone(),
        traceback: failure.traceback.clone(),
    }
}

pub(crate) fn faults(faults: &Faults) -> Vec<api::Fault> {
    faults.0.iter().map(fault).collect()
}

fn fault(fault: &Fault) -> api::Fault {
    api::Fault {
        code: fault.code.to_string(),
        message: fault.message.clone(),
        hint: fault.hint.clone(),
        line: fault.place.map(|p| p.line),
        column: fault.place.map(|p| p.column),
        operator: fault.operator.clone(),
        warning: fault.warning,
        ..api::Fault::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use suanzi_dag::Place;

    #[test]
    fn faults_print_as_found_locally() {
        let at = Some(Place { line: 12, column: 5 });
        for local in [
            Fault::new("cycle", "a needs itself"),
            Fault::new("cycle", "a needs itself").at(at).hint("cut it"),
            Fault::new("model_as_data", "说明").at(at).warning().operator("a"),
        ] {
            assert_eq!(fault(&local).to_string(), local.to_string());
        }
    }
}
