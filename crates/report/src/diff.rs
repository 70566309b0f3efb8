//! What changed from one run to another: parameters, metrics, the first output that differs.

use crate::outputs;
use crate::{ReportError, document_of, run_report};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use suanzi_api::{MetricDiff, ParamDiff, RunDiff, RunReport, StatusDiff, TaskState};
use suanzi_artifact::ArtifactStore;
use suanzi_dag::{Document, Operator, Value, topological_order};
use suanzi_dag_engine::RunOptions;
use suanzi_store::{ArtifactRow, RunRow, Store};

/// One of the two runs: its DAG, options, report and outputs.
pub(crate) struct Side {
    pub run_id: String,
    pub document: Document,
    options: RunOptions,
    report: RunReport,
    /// By operator id and port.
    pub outputs: HashMap<(String, u16), ArtifactRow>,
    by_id: HashMap<String, usize>,
}

/// Compares two runs.
///
/// # Errors
/// See [`ReportError`].
pub fn diff(
    store: &dyn Store,
    artifacts: &dyn ArtifactStore,
    before: &RunRow,
    after: &RunRow,
) -> Result<RunDiff, ReportError> {
    let before = Side::load(store, artifacts, before)?;
    let after = Side::load(store, artifacts, after)?;
    let ids = |side: &Side| side.document.dag.operators.iter().map(|op| op.id.to_string()).collect::<BTreeSet<_>>();
    let (old, new) = (ids(&before), ids(&after));
    Ok(RunDiff {
        before: before.run_id.clone(),
        after: after.run_id.clone(),
        removed: old.difference(&new).cloned().collect(),
        added: new.difference(&old).cloned().collect(),
        parameters: parameters(&before, &after),
        basis: basis(&before, &after),
        statuses: statuses(&before, &after),
        metrics: metrics(&before, &after),
        first_divergence: outputs::first(artifacts, &before, &after),
    })
}

impl Side {
    fn load(store: &dyn Store, artifacts: &dyn ArtifactStore, run: &RunRow) -> Result<Side, ReportError> {
        let document = document_of(store, run)?;
        let report = run_report(store, artifacts, run.key)?;
        let options = serde_json::from_str(&run.config).unwrap_or_default();
        let id = |op: u32| document.dag.operators.get(op as usize).map(|op| op.id.to_string());
        let outputs =
            store.outputs(run.key)?.into_iter().filter_map(|o| Some(((id(o.op)?, o.port), o.artifact))).collect();
        let by_id = document.dag.operators.iter().enumerate().map(|(ix, op)| (op.id.to_string(), ix)).collect();
        Ok(Side { run_id: run.run_id.clone(), document, options, report, outputs, by_id })
    }

    fn operator(&self, id: &str) -> Option<&Operator> {
        self.document.dag.operators.get(*self.by_id.get(id)?)
    }

    /// The DAG's own parameters, with what the run was given in place of their defaults.
    fn parameters(&self) -> BTreeMap<String, Json> {
        let defaults = self.document.dag.parameters.iter();
        let mut values: BTreeMap<String, Json> =
            defaults.map(|(name, value)| (name.clone(), serde_json::to_value(value).unwrap_or_default())).collect();
        values.extend(self.options.parameters.clone());
        values
    }

    /// Operator ids, each after those it reads from.
    pub fn in_order(&self) -> Vec<String> {
        let dag = &self.document.dag;
        let order = topological_order(dag.operators.len(), dag.edges.iter().map(|e| (e.source, e.target)));
        order.into_iter().filter_map(|ix| dag.operators.get(ix as usize)).map(|op| op.id.to_string()).collect()
    }
}

fn parameters(before: &Side, after: &Side) -> Vec<ParamDiff> {
    let json = |value: &Value| serde_json::to_value(value).unwrap_or_default();
    let mut found = Vec::new();
    for op in &after.document.dag.operators {
        let Some(old) = before.operator(&op.id.0) else { continue };
        let names: BTreeSet<&String> = old.params.iter().chain(&op.params).map(|(n, _)| n).collect();
        let get =
            |params: &[(String, Value)], name: &str| params.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        for name in names {
            let (was, is) = (get(&old.params, name), get(&op.params, name));
            if was != is {
                found.push(ParamDiff {
                    operator: op.id.to_string(),
                    parameter: name.clone(),
                    before: was.as_ref().map(json),
                    after: is.as_ref().map(json),
                });
            }
        }
        if old.algo_name != op.algo_name {
            found.push(ParamDiff {
                operator: op.id.to_string(),
                parameter: "algo_name".into(),
                before: Some(old.algo_name.clone().into()),
                after: Some(op.algo_name.clone().into()),
            });
        }
    }
    found
}

fn basis(before: &Side, after: &Side) -> Vec<String> {
    let (old, new) = (&before.options, &after.options);
    let mut lines = Vec::new();
    if old.seed != new.seed {
        lines.push(format!("seed {} → {}", old.seed, new.seed));
    }
    let (was, is) = (before.parameters(), after.parameters());
    for name in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        let text = |values: &BTreeMap<String, Json>| values.get(name).map_or("(none)".to_owned(), Json::to_string);
        if was.get(name) != is.get(name) {
            lines.push(format!("parameter {name} {} → {}", text(&was), text(&is)));
        }
    }
    if old.basis.environment != new.basis.environment {
        lines.push("the Python environment differs".into());
    }
    for (package, hash) in &new.basis.code {
        if old.basis.code.get(package).is_some_and(|h| h != hash) {
            lines.push(format!("the source code of {package} differs"));
        }
    }
    for (name, content) in &new.basis.files {
        if old.basis.files.get(name).is_some_and(|c| c != content) {
            lines.push(format!("the content of {name} differs"));
        }
    }
    lines
}

fn statuses(before: &Side, after: &Side) -> Vec<StatusDiff> {
    // Cached or computed anew is no difference of the result.
    let plain = |state: TaskState| if state == TaskState::Cached { TaskState::Success } else { state };
    let mut found = Vec::new();
    for op in &after.document.dag.operators {
        let of = |side: &Side| side.report.operators.iter().find(|o| o.id == *op.id.0).map(|o| plain(o.status));
        let (was, is) = (of(before), of(after));
        if was != is && before.operator(&op.id.0).is_some() {
            found.push(StatusDiff { operator: op.id.to_string(), before: was, after: is });
        }
    }
    found
}

fn metrics(before: &Side, after: &Side) -> Vec<MetricDiff> {
    let mut found = Vec::new();
    for (operator, numbers) in &after.report.metrics {
        let Some(old) = before.report.metrics.get(operator) else { continue };
        for (metric, value) in numbers.as_object().into_iter().flatten() {
            if let (Some(after), Some(before)) = (value.as_f64(), old.get(metric).and_then(|v| v.as_f64()))
                && after != before
            {
                found.push(MetricDiff { operator: operator.clone(), metric: metric.clone(), before, after });
            }
        }
    }
    found
}
