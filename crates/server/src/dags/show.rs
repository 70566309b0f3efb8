//! DAGs as they are listed and shown, and their versions.

use super::title;
use crate::asked::{Asked, At, page_before, page_items};
use crate::download::attachment;
use crate::problem::{Answer, of_store};
use crate::runs::blocking;
use crate::service::Service;
use crate::wire;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use suanzi_api::{Code, DagSummary, DagVersionView, DagView, DagsQuery, DraftView, LastRun, Page, PageQuery, Problem};
use suanzi_store::{DagFilter, DagKey, DagRow, DagVersionKey};

pub(crate) async fn list(
    State(service): State<Arc<Service>>,
    Asked(query): Asked<DagsQuery>,
) -> Result<Json<Page<DagSummary>>, Answer> {
    let limit = page_items(query.limit)?;
    let before = page_before(query.before.as_deref())?.map(DagKey);
    let page = blocking(move || {
        let filter = DagFilter { text: query.q.unwrap_or_default(), before, limit };
        let rows = service.engine.store().dags(&filter).map_err(|e| of_store(&e))?;
        let next = rows.last().filter(|_| rows.len() == limit as usize).map(|row| row.key.0.to_string());
        let items = rows.iter().map(|row| summary(&service, row)).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    });
    Ok(Json(page.await?))
}

fn summary(service: &Service, row: &DagRow) -> Result<DagSummary, Problem> {
    let last_run = match row.newest_run {
        Some(run) => service.engine.store().run(run).map_err(|e| of_store(&e))?,
        None => None,
    };
    Ok(DagSummary {
        dag_id: row.key.0.to_string(),
        title: title(row),
        version: row.version,
        updated_at_ms: row.updated_at,
        operators: row.operators,
        has_draft: row.has_draft,
        last_run: last_run.map(|run| LastRun {
            run_id: run.run_id,
            status: wire::run_state(run.state),
            created_at_ms: run.created_at,
        }),
    })
}

pub(crate) async fn show(State(service): State<Arc<Service>>, At(dag_id): At<String>) -> Result<Response, Answer> {
    let view = blocking(move || {
        let row = service.dag(&dag_id)?;
        let source = row.version_key.map(|key| text_of(&service, key)).transpose()?.unwrap_or_default();
        let draft = service.engine.store().draft(row.key).map_err(|e| of_store(&e))?;
        Ok(DagView {
            dag_id,
            title: title(&row),
            version: row.version,
            source,
            draft: draft.map(|d| DraftView { source: d.source, revision: d.revision, updated_at_ms: d.at }),
            updated_at_ms: row.updated_at,
        })
    })
    .await?;
    let tag = HeaderValue::from_str(&format!("\"{}\"", view.version)).unwrap_or(HeaderValue::from_static("\"0\""));
    Ok(([(header::ETAG, tag)], Json(view)).into_response())
}

pub(crate) async fn versions(
    State(service): State<Arc<Service>>,
    At(dag_id): At<String>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<DagVersionView>>, Answer> {
    let limit = page_items(query.limit)?;
    let before = page_before(query.before.as_deref())?.map(|before| u32::try_from(before).unwrap_or(u32::MAX));
    let page = blocking(move || {
        let row = service.dag(&dag_id)?;
        let lines = service.engine.store().dag_versions(row.key, before, limit).map_err(|e| of_store(&e))?;
        let next = lines.last().filter(|_| lines.len() == limit as usize).map(|line| line.version.to_string());
        let view = |line: suanzi_store::DagVersionLine| DagVersionView {
            version: line.version,
            created_at_ms: line.created_at,
            source_hash: line.source_hash,
        };
        Ok(Page { items: lines.into_iter().map(view).collect(), next })
    });
    Ok(Json(page.await?))
}

pub(crate) async fn source(
    State(service): State<Arc<Service>>,
    At((dag_id, version)): At<(String, u32)>,
) -> Result<Response, Answer> {
    let (text, name) = blocking(move || {
        let row = service.dag(&dag_id)?;
        let key = service.version_of(&row, version)?;
        Ok((text_of(&service, key)?, format!("{}-v{version}.yaml", title(&row))))
    })
    .await?;
    Ok(attachment(text, "application/yaml", &name))
}

pub(crate) fn text_of(service: &Service, key: DagVersionKey) -> Result<String, Problem> {
    let row = service.engine.store().dag_version(key).map_err(|e| of_store(&e))?;
    row.map(|row| row.source).ok_or_else(|| Problem::new(Code::NotFound, "the version's text is gone"))
}

impl Service {
    pub fn version_of(&self, row: &DagRow, version: u32) -> Result<DagVersionKey, Problem> {
        let key = self.engine.store().dag_version_key(row.key, version).map_err(|e| of_store(&e))?;
        let missing = || Problem::new(Code::NotFound, format!("DAG '{}' has no version {version}", row.key.0));
        key.ok_or_else(missing)
    }
}
