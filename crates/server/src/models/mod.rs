//! `/api/v1/models`: registered models, their versions, aliases, cards and files. Nothing is unpickled here.

mod aliases;
mod card;

use crate::asked::At;
use crate::data::{Attachment, attach};
use crate::problem::{Answer, of_store};
use crate::router::{Route, Takes, delete, get, put};
use crate::runs::blocking;
use crate::service::Service;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use suanzi_api::{self as api, Code, Items, ModelVersionView, Problem, VersionName, path};
use suanzi_dag::Limits;
use suanzi_report::version_named;
use suanzi_store::{AliasRow, ModelVersionRow, NoVersion, Store, find_version};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(path::MODELS, list).does("The newest version of each model").gives::<Items<ModelVersionView>>(200),
        get(path::MODEL, versions).does("A model's versions, the newest first").gives::<Items<ModelVersionView>>(200),
        get(path::MODEL_ALIASES, aliases::list)
            .does("A model's aliases, and the version that each stands for")
            .gives::<Items<api::AliasView>>(200),
        put(path::MODEL_ALIAS, Takes::Json, aliases::put)
            .does("Set an alias, or move it to another version")
            .asks::<api::AliasRequest>()
            .gives::<api::AliasView>(200),
        delete(path::MODEL_ALIAS, aliases::remove).does("Remove an alias; its version stays").gives_nothing(204),
        get(path::MODEL_COMPARE, card::compare)
            .does("Versions of a model side by side: figures, parameters, data and lineage")
            .query::<api::CompareQuery>()
            .gives::<api::ModelComparison>(200),
        get(path::MODEL_CARD, card::card)
            .does("A version's card, as a page in both languages; the version is a number or an alias")
            .query::<api::CardQuery>()
            .gives_text("text/html"),
        get(path::MODEL_DOWNLOAD, download)
            .does("A version's file, as it was trained; the version is a number or an alias")
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
        views(store.as_ref(), newest, None)
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
        views(store.as_ref(), rows, Some(&name))
    });
    Ok(Json(Items { items: items.await? }))
}

async fn download(
    State(service): State<Arc<Service>>,
    At((name, version)): At<(String, String)>,
) -> Result<Response, Answer> {
    let row = {
        let service = service.clone();
        blocking(move || found(service.engine.store().as_ref(), &name, Some(&VersionName::Text(version)))).await?
    };
    let (name, version, artifact) = (row.name, row.version, row.artifact);
    let ending = artifact.path.rsplit_once('.').map_or("bin", |(_, ending)| ending).to_string();
    let file = Attachment { name: format!("{name}-{version}.{ending}"), media: "application/octet-stream" };
    attach(&service, &artifact, file).await
}

/// The version that a request names, beside the model or within its name.
pub(crate) fn found(store: &dyn Store, model: &str, version: Option<&VersionName>) -> Result<ModelVersionRow, Problem> {
    let (name, which) = version_named(model, version).map_err(|why| of_missing(&why))?;
    find_version(store, &name, &which).map_err(|e| of_store(&e))?.map_err(|why| of_missing(&why))
}

/// A version that isn't there, or whose name can't be one.
fn of_missing(why: &NoVersion) -> Problem {
    let code = match why {
        NoVersion::Text(_) | NoVersion::Twice(_) => Code::BadRequest,
        NoVersion::Model(_) | NoVersion::Number { .. } | NoVersion::Alias { .. } => Code::NotFound,
    };
    Problem::new(code, why.to_string()).hint(Some(why.hint()))
}

/// A model's versions, the oldest first.
pub(crate) fn of_name(store: &dyn Store, name: &str) -> Result<Vec<ModelVersionRow>, Problem> {
    let rows = store.model_versions(Some(name)).map_err(|e| of_store(&e))?;
    if rows.is_empty() {
        return Err(of_missing(&NoVersion::Model(name.to_string())));
    }
    Ok(rows)
}

fn views(store: &dyn Store, rows: Vec<ModelVersionRow>, name: Option<&str>) -> Result<Vec<ModelVersionView>, Problem> {
    let aliases = store.model_aliases(name).map_err(|e| of_store(&e))?;
    let mut operators: HashMap<String, Vec<String>> = HashMap::new();
    let views = rows
        .into_iter()
        .map(|row| {
            let known = operators.entry(row.run_id.clone()).or_insert_with(|| operators_of(store, &row.run_id));
            let operator = known.get(row.op as usize).cloned().unwrap_or_default();
            view(row, operator, &aliases)
        })
        .collect();
    Ok(views)
}

fn view(row: ModelVersionRow, operator: String, aliases: &[AliasRow]) -> ModelVersionView {
    let aliases = aliases.iter().filter(|alias| alias.model == row.name && alias.version == row.version);
    let aliases = aliases.map(|alias| alias.alias.clone()).collect();
    let manifest: Value = serde_json::from_str(&row.manifest).unwrap_or(Value::Null);
    ModelVersionView {
        name: row.name,
        version: row.version,
        aliases,
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
