//! A run as `suanzi.mlflow` takes it.

use serde_json::{Map, Value, json};
use suanzi_artifact::{ArtifactError, ArtifactKey, ArtifactStore};
use suanzi_report::{ReportError, document_of, run_report};
use suanzi_store::{RunRow, Store};

/// Parameters, figures, curves, and where the files of its models lie on this machine. A model that was collected since has none.
///
/// # Errors
/// See [`ReportError`].
pub fn describe(store: &dyn Store, artifacts: &dyn ArtifactStore, run: &RunRow) -> Result<Value, ReportError> {
    let document = document_of(store, run)?;
    let report = run_report(store, artifacts, run.key)?;
    let config: Value = serde_json::from_str(&run.config).unwrap_or_default();
    let json_of = |value: &_| serde_json::to_value(value).unwrap_or_default();
    let mut parameters: Map<String, Value> =
        document.dag.parameters.iter().map(|(name, value)| (name.clone(), json_of(value))).collect();
    let given = config.get("parameters").and_then(Value::as_object);
    parameters.extend(given.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    let operators = document.dag.operators.iter().map(|operator| {
        let params: Map<String, Value> =
            operator.params.iter().map(|(name, value)| (name.clone(), json_of(value))).collect();
        json!({ "operator": operator.id.to_string(), "algo_name": operator.algo_name, "params": params })
    });
    let operators: Vec<Value> = operators.collect();
    let registered = store.model_versions(None)?;
    let mut models = Vec::new();
    for output in store.outputs(run.key)?.into_iter().filter(|output| output.artifact.port_type == "model") {
        let Some(operator) = document.dag.operators.get(output.op as usize) else { continue };
        let versions = registered.iter().filter(|v| v.artifact.id == output.artifact.id && v.run_id == run.run_id);
        let versions: Vec<Value> = versions.map(|v| json!({ "name": v.name, "version": v.version })).collect();
        let file = match ArtifactKey::parse(&output.artifact.path).and_then(|key| artifacts.fetch(&key)) {
            Ok(file) => file.display().to_string(),
            Err(error @ ArtifactError::Away { .. }) => return Err(error.into()),
            Err(_) => continue,
        };
        models.push(json!({
            "operator": operator.id.to_string(),
            "path": file,
            "manifest": {
                "registered": versions,
                "manifest": serde_json::from_str::<Value>(&output.artifact.manifest).unwrap_or_default(),
            },
        }));
    }
    Ok(json!({
        "run_id": run.run_id,
        "dag": run.dag_identity,
        "dag_version": run.version,
        "seed": config.get("seed").cloned().unwrap_or_default(),
        "status": report.status,
        "begun_ms": run.created_at,
        "ended_ms": run.ended_at,
        "dag_parameters": parameters,
        "operators": operators,
        "metrics": report.metrics,
        "evaluations": report.evaluations,
        "models": models,
    }))
}
