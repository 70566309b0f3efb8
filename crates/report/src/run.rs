//! What came out of one run.

use crate::{ReportError, document_of, run_state, task_state};
use std::collections::BTreeMap;
use suanzi_api::{OperatorReport, OutputReport, RunReport};
use suanzi_artifact::{ArtifactKey, ArtifactStore};
use suanzi_store::{ArtifactRow, RunKey, Store, TaskState};

/// The largest metrics file that is read into a report.
const MAX_METRICS_BYTES: u64 = 64 << 20;

/// The report of a run.
///
/// # Errors
/// See [`ReportError`].
pub fn run_report(store: &dyn Store, artifacts: &dyn ArtifactStore, key: RunKey) -> Result<RunReport, ReportError> {
    let run = store.run(key)?.ok_or(ReportError::Gone("the run is gone"))?;
    let document = document_of(store, &run)?;
    let mut outputs: BTreeMap<u32, Vec<_>> = BTreeMap::new();
    for output in store.outputs(key)? {
        outputs.entry(output.op).or_default().push((output.port, output.artifact));
    }
    let mut attempts: BTreeMap<u32, Vec<_>> = BTreeMap::new();
    for attempt in store.attempts(key, None)? {
        attempts.entry(attempt.op).or_default().push(attempt);
    }
    let mut report = RunReport {
        run_id: run.run_id,
        status: run_state(run.state),
        duration_ms: run.ended_at.map_or(0, |e| (e - run.created_at).max(0) as u64),
        dag: run.dag_identity,
        operators: Vec::new(),
        metrics: BTreeMap::new(),
        findings: BTreeMap::new(),
        evaluations: BTreeMap::new(),
    };
    for task in store.tasks(key)? {
        let Some(op) = document.dag.operators.get(task.op as usize) else { continue };
        let id = op.id.to_string();
        let tried = attempts.remove(&task.op).unwrap_or_default();
        let last = tried.last().and_then(|a| a.ended.as_ref());
        let outputs = outputs.remove(&task.op).unwrap_or_default();
        for (_, artifact) in &outputs {
            take_metrics(&mut report, &id, artifact, artifacts);
        }
        report.operators.push(OperatorReport {
            id,
            algo_name: op.algo_name.clone(),
            status: task_state(task.state),
            cached: task.state == TaskState::Cached,
            duration_ms: last.map_or(0.0, |e| e.wall_us as f64 / 1000.0),
            attempts: tried.len() as u32,
            error: last.filter(|e| !e.failure.is_empty()).and_then(|e| serde_json::from_str(&e.failure).ok()),
            outputs: outputs.iter().map(|(port, artifact)| output(*port, artifact, artifacts)).collect(),
        });
    }
    Ok(report)
}

fn take_metrics(report: &mut RunReport, id: &str, artifact: &ArtifactRow, artifacts: &dyn ArtifactStore) {
    if artifact.port_type != "metrics" {
        return;
    }
    let Some(value) = read_json(artifact, artifacts) else { return };
    match value.get("metrics") {
        Some(numbers) => {
            report.metrics.insert(id.to_string(), numbers.clone());
            if let Some(findings) = value.get("findings").filter(|f| f.as_array().is_some_and(|a| !a.is_empty())) {
                report.findings.insert(id.to_string(), findings.clone());
            }
            report.evaluations.insert(id.to_string(), value);
        }
        None => {
            report.metrics.insert(id.to_string(), value);
        }
    }
}

fn output(port: u16, artifact: &ArtifactRow, artifacts: &dyn ArtifactStore) -> OutputReport {
    OutputReport {
        port,
        port_type: artifact.port_type.clone(),
        artifact: artifact.id.0.clone(),
        path: ArtifactKey::parse(&artifact.path).ok().map(|key| artifacts.shown(&key)),
        bytes: artifact.bytes,
        rows: artifact.rows,
        content_id: artifact.content_id.clone(),
        evicted: !artifact.present,
    }
}

/// A JSON artifact's value, wherever it lies; none where it is gone, or is no JSON of a sensible size.
pub fn read_json(artifact: &ArtifactRow, artifacts: &dyn ArtifactStore) -> Option<serde_json::Value> {
    if let Some(bytes) = &artifact.inline {
        return serde_json::from_slice(bytes).ok();
    }
    if !artifact.present || artifact.bytes > MAX_METRICS_BYTES {
        return None;
    }
    let path = artifacts.fetch(&ArtifactKey::parse(&artifact.path).ok()?).ok()?;
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}
