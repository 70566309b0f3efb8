//! What a message about a run's end says, and whether there is one.

use serde_json::json;
use suanzi_dag::Limits;
use suanzi_operator::scheduling::webhook;
use suanzi_store::{NewNotification, RunRow, RunState, Store, StoreError, TaskState};

/// Failed operators that a message names.
const MAX_NAMED: usize = 20;
/// Scheduled runs among which a run's due time is looked for.
const LOOKED_THROUGH: u32 = 1_000;

/// `None` where the run's DAG wants none.
pub(super) fn about(store: &dyn Store, run: &RunRow, now: i64) -> Result<Option<NewNotification>, StoreError> {
    let failed = match run.state {
        RunState::Failed => true,
        RunState::Success => false,
        RunState::Running | RunState::Cancelled => return Ok(None),
    };
    let Some(version) = store.dag_version(run.dag_version)?.filter(|version| version.source.contains("webhook")) else {
        return Ok(None);
    };
    let Ok(document) = suanzi_dag::read(version.source.as_bytes(), &Limits::file()) else { return Ok(None) };
    let Ok(Some(url)) = webhook(&document.dag, failed) else { return Ok(None) };
    let dag = store.dag(run.dag)?;
    let of_schedule = store.scheduled_runs(&run.dag_identity, LOOKED_THROUGH)?.into_iter().find(|s| s.run == run.key);
    let mut named = Vec::new();
    if failed {
        let tasks = store.tasks(run.key)?.into_iter().filter(|task| task.state == TaskState::Failed);
        let operators = tasks.filter_map(|task| document.dag.operators.get(task.op as usize));
        named.extend(operators.map(|operator| operator.id.to_string()).take(MAX_NAMED));
    }
    let body = json!({
        "event": if failed { "run_failed" } else { "run_succeeded" },
        "run_id": run.run_id,
        "dag_id": run.dag.0.to_string(),
        "title": dag.map_or_else(|| run.dag_identity.clone(), |dag| crate::dags::title(&dag)),
        "version": run.version,
        "scheduled_ms": of_schedule.map(|scheduled| scheduled.logical_at),
        "begun_ms": run.created_at,
        "ended_ms": run.ended_at,
        "failed_operators": named,
    });
    let (run_id, url) = (run.run_id.clone(), url.to_string());
    Ok(Some(NewNotification { run_id, url, body: body.to_string(), created_at: now }))
}
