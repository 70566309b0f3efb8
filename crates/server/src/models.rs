//! `/api/v1/models`: registered models, their versions, their files. Nothing is unpickled here.

use crate::asked::At;
use crate::data::{Attachment, attach};
use crate::problem::{Answer, of_store};
use crate::router::{Route, get};
use crate::runs::blocking;
use crate::service::Service;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use suanzi_api::{Code, Items, ModelVersionView, Problem, path};
use suanzi_dag::Limits;
use suanzi_store::{ModelVersionRow, Store};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(path::MODELS, list).does("The newest version of each model").gives::<Items<ModelVersionView>>(200),
        get(path::MODEL, versions).does("A model's versions, the newest first").gives::<Items<ModelVersionView>>(200),
        get(path::MODEL_DOWNLOAD, download)
            .does("A version's file, as it was trained")
            .gives_file(&["application/octet-stream"]),
    ]
}

async fn list(State(service): State<Arc<Service>>) -> Result<Json<Items<ModelVersionView>>, Answer> {
    let items = blocking(move || {
        let store = service.engine.store();
        let mut newest: Vec<ModelVersionRow> = Vec::new();
        // By name, then by version.
        for row in store.model_versions(None).map_err(|e| of_store(&e))? {
            match newest.last_mut() {
                Some(last) if last.name == row.name => *last = row,
                _ => newest.push(row),
            }
        }
        Ok(views(store.as_ref(), newest))
    });
    Ok(Json(Items { items: items.await? }))
}

async fn versions(
    State(service): State<Arc<Service>>,
    At(name): At<String>,
) -> Result<Json<Items<ModelVersionView>>, Answer> {
    let items = blocking(move || {
        let store = service.engine.store();
        let mut rows = of_name(store.as_ref(), &name)?;
        rows.reverse();
        Ok(views(store.as_ref(), rows))
    });
    Ok(Json(Items { items: items.await? }))
}

async fn download(
    State(service): State<Arc<Service>>,
    At((name, version)): At<(String, u32)>,
) -> Result<Response, Answer> {
    let artifact = {
        let service = service.clone();
        let name = name.clone();
        blocking(move || {
            let rows = of_name(service.engine.store().as_ref(), &name)?;
            let row = rows.into_iter().find(|row| row.version == version);
            let row =
                row.ok_or_else(|| Problem::new(Code::NotFound, format!("model '{name}' has no version {version}")))?;
            Ok(row.artifact)
        })
        .await?
    };
    let ending = artifact.path.rsplit_once('.').map_or("bin", |(_, ending)| ending).to_string();
    let file = Attachment { name: format!("{name}-{version}.{ending}"), media: "application/octet-stream" };
    attach(&service, &artifact, file).await
}

/// A model's versions, the oldest first.
pub(crate) fn of_name(store: &dyn Store, name: &str) -> Result<Vec<ModelVersionRow>, Problem> {
    let rows = store.model_versions(Some(name)).map_err(|e| of_store(&e))?;
    if rows.is_empty() {
        return Err(Problem::new(Code::NotFound, format!("there is no model '{name}'"))
            .hint(Some("the operator register_model registers one")));
    }
    Ok(rows)
}

fn views(store: &dyn Store, rows: Vec<ModelVersionRow>) -> Vec<ModelVersionView> {
    let mut operators: HashMap<String, Vec<String>> = HashMap::new();
    rows.into_iter()
        .map(|row| {
            let known = operators.entry(row.run_id.clone()).or_insert_with(|| operators_of(store, &row.run_id));
            let operator = known.get(row.op as usize).cloned().unwrap_or_default();
            view(row, operator)
        })
        .collect()
}

fn view(row: ModelVersionRow, operator: String) -> ModelVersionView {
    let manifest: Value = serde_json::from_str(&row.manifest).unwrap_or(Value::Null);
    ModelVersionView {
        name: row.name,
        version: row.version,
        run_id: row.run_id,
        operator,
        created_at_ms: row.created_at,
        bytes: row.artifact.bytes,
        present: row.artifact.present,
        metrics: manifest.get("metrics").cloned().unwrap_or_else(|| json!({})),
        manifest,
    }
}

/// Operator ids of a run's DAG, by position; none where it can't be read any more.
fn operators_of(store: &dyn Store, run_id: &str) -> Vec<String> {
    let version = store.run_by_id(run_id).ok().flatten().and_then(|run| store.dag_version(run.dag_version).ok()?);
    let document = version.and_then(|version| suanzi_dag::read(&version.source, &Limits::file()).ok());
    document.map(|d| d.dag.operators.iter().map(|op| op.id.to_string()).collect()).unwrap_or_default()
}
