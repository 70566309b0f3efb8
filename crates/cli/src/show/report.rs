//! What came out of a run, read back from the store: the JSON object and the text of `run` and `runs show`.

use crate::fail::Failure;
use crate::home::Home;
use serde::Serialize;
use std::collections::BTreeMap;
use suanzi_dag::Limits;
use suanzi_store::{ArtifactRow, RunKey, Store, TaskState};

/// The largest metrics file that is read into a report.
const MAX_METRICS_BYTES: u64 = 64 << 20;

#[derive(Serialize)]
pub struct RunReport {
    pub run_id: String,
    pub status: &'static str,
    pub duration_ms: u64,
    pub dag: String,
    pub operators: Vec<OperatorReport>,
    /// Numbers by operator id.
    pub metrics: BTreeMap<String, serde_json::Value>,
    /// What a colleague would point out, by operator id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub findings: BTreeMap<String, serde_json::Value>,
    /// Whole evaluations, curves included, by operator id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub evaluations: BTreeMap<String, serde_json::Value>,
}

#[derive(Serialize)]
pub struct OperatorReport {
    pub id: String,
    pub algo_name: String,
    pub status: &'static str,
    pub cached: bool,
    pub duration_ms: f64,
    pub attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<serde_json::Value>,
    pub outputs: Vec<OutputReport>,
}

#[derive(Serialize)]
pub struct OutputReport {
    pub port: u16,
    #[serde(rename = "type")]
    pub port_type: String,
    pub artifact: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    pub bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_id: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub evicted: bool,
}

impl RunReport {
    pub fn load(store: &dyn Store, home: &Home, key: RunKey) -> Result<RunReport, Failure> {
        let run = store.run(key)?.ok_or_else(|| Failure::invalid("the run is gone"))?;
        let version =
            store.dag_version(run.dag_version)?.ok_or_else(|| Failure::invalid("the run's DAG version is gone"))?;
        let document =
            suanzi_dag::read(&version.source, &Limits::file()).map_err(|f| Failure::faults("the stored DAG", &f))?;
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
            status: super::run_word(run.state),
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
                report.take_metrics(&id, artifact, home);
            }
            report.operators.push(OperatorReport {
                id,
                algo_name: op.algo_name.clone(),
                status: super::task_word(task.state),
                cached: task.state == TaskState::Cached,
                duration_ms: last.map_or(0.0, |e| e.wall_us as f64 / 1000.0),
                attempts: tried.len() as u32,
                error: last.filter(|e| !e.failure.is_empty()).and_then(|e| serde_json::from_str(&e.failure).ok()),
                outputs: outputs.iter().map(|(port, artifact)| output(*port, artifact, home)).collect(),
            });
        }
        Ok(report)
    }

    fn take_metrics(&mut self, id: &str, artifact: &ArtifactRow, home: &Home) {
        if artifact.port_type != "metrics" {
            return;
        }
        let Some(value) = read_json(artifact, home) else { return };
        match value.get("metrics") {
            Some(numbers) => {
                self.metrics.insert(id.to_string(), numbers.clone());
                if let Some(findings) = value.get("findings").filter(|f| f.as_array().is_some_and(|a| !a.is_empty())) {
                    self.findings.insert(id.to_string(), findings.clone());
                }
                self.evaluations.insert(id.to_string(), value);
            }
            None => {
                self.metrics.insert(id.to_string(), value);
            }
        }
    }

    /// What failed and why, for those who did not watch it.
    pub fn print_failures(&self) {
        for op in &self.operators {
            let text = |key: &str| op.error.as_ref().and_then(|e| e.get(key)).and_then(|v| v.as_str());
            if let Some(message) = text("message") {
                say!("\n{} failed: {message}", op.id);
            }
            if let Some(hint) = text("hint") {
                say!("  hint: {hint}");
            }
        }
    }

    pub fn print(&self) {
        let rows: Vec<Vec<String>> = self
            .operators
            .iter()
            .map(|op| {
                let took = if op.attempts > 0 { super::millis(op.duration_ms.ceil() as u64) } else { String::new() };
                let made: Vec<String> = op
                    .outputs
                    .iter()
                    .map(|o| match o.rows {
                        Some(rows) => format!("{} {rows} rows", o.port_type),
                        None => format!("{} {}", o.port_type, super::bytes(o.bytes)),
                    })
                    .collect();
                vec![op.status.to_string(), op.id.clone(), op.algo_name.clone(), took, made.join(", ")]
            })
            .collect();
        super::table(&["status", "operator", "algorithm", "took", "outputs"], &rows);
        for (id, evaluation) in &self.evaluations {
            say!();
            super::evaluation::print(id, evaluation);
        }
        say!("\nrun {}: {} in {}", self.run_id, self.status, super::millis(self.duration_ms));
    }
}

fn output(port: u16, artifact: &ArtifactRow, home: &Home) -> OutputReport {
    OutputReport {
        port,
        port_type: artifact.port_type.clone(),
        artifact: artifact.id.0.clone(),
        path: (!artifact.path.is_empty()).then(|| home.artifacts().join(&artifact.path).display().to_string()),
        bytes: artifact.bytes,
        rows: artifact.rows,
        content_id: artifact.content_id.clone(),
        evicted: !artifact.present,
    }
}

/// A JSON artifact's value, wherever it lies.
pub fn read_json(artifact: &ArtifactRow, home: &Home) -> Option<serde_json::Value> {
    if let Some(bytes) = &artifact.inline {
        return serde_json::from_slice(bytes).ok();
    }
    if !artifact.present || artifact.bytes > MAX_METRICS_BYTES {
        return None;
    }
    serde_json::from_slice(&std::fs::read(home.artifacts().join(&artifact.path)).ok()?).ok()
}
