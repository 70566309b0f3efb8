//! `/api/v1/runs`: begin, show, cancel, resume.

use crate::asked::{Asked, At, page_before, page_items};
use crate::body::Body;
use crate::problem::{Answer, of_store};
use crate::service::Service;
use crate::web::Grant;
use crate::wire;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, PoisonError};
use suanzi_api::{Code, Page, Problem, RunView, RunsQuery, SubmitAnswer, SubmitRequest};
use suanzi_dag_engine::Cause;
use suanzi_store::{RequestKey, RunFilter, RunKey};

type Shared = State<Arc<Service>>;

/// In bytes.
const MAX_KEY: usize = 200;

pub(crate) async fn submit(
    State(service): Shared,
    grant: Grant,
    headers: HeaderMap,
    Body(request): Body<SubmitRequest>,
) -> Result<(StatusCode, Json<SubmitAnswer>), Answer> {
    let key = headers.get("idempotency-key").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let answer = blocking(move || match key {
        None => service.submit(request, &grant, Cause::Wish),
        Some(key) => submit_once(&service, request, &grant, key),
    });
    Ok((StatusCode::CREATED, Json(answer.await?)))
}

/// A request that was made already under its key gives the run that it began.
fn submit_once(service: &Service, request: SubmitRequest, grant: &Grant, key: String) -> Result<SubmitAnswer, Problem> {
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(Problem::new(Code::BadRequest, format!("Idempotency-Key: 1 to {MAX_KEY} bytes are taken")));
    }
    let store = service.engine.store();
    let text = serde_json::to_vec(&request).unwrap_or_default();
    let request_hash = blake3::hash(&text).to_hex().to_string();
    let _alone = service.once.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(asked) = store.asked(&key).map_err(|e| of_store(&e))? {
        if asked.request.request_hash != request_hash {
            let detail = format!("Idempotency-Key: '{key}' began run {} by another request", asked.run_id);
            return Err(Problem::new(Code::KeyReused, detail).hint(Some("take a new key for each run")));
        }
        let row = service.row(&asked.run_id)?;
        return Ok(SubmitAnswer {
            run_id: row.run_id,
            total: row.total,
            dag_id: row.dag.0.to_string(),
            version: row.version,
            warnings: Vec::new(),
        });
    }
    service.submit(request, grant, Cause::Request(RequestKey { key, request_hash }))
}

pub(crate) async fn list(
    State(service): Shared,
    Asked(query): Asked<RunsQuery>,
) -> Result<Json<Page<RunView>>, Answer> {
    let limit = page_items(query.limit)?;
    let before = page_before(query.before.as_deref())?.map(RunKey);
    let page = blocking(move || {
        let dag = query.dag_id.as_deref().map(|dag_id| service.dag(dag_id)).transpose()?;
        let states = query.status.map(wire::of_run_state).into_iter().collect();
        let filter = RunFilter { dag_identity: dag.map(|dag| dag.identity), states, before, limit };
        let rows = service.engine.store().runs(&filter).map_err(|e| of_store(&e))?;
        let next = rows.last().filter(|_| rows.len() == limit as usize).map(|row| row.key.0.to_string());
        Ok(Page { items: service.views(&rows)?, next })
    });
    Ok(Json(page.await?))
}

pub(crate) async fn show(State(service): Shared, At(run_id): At<String>) -> Result<Json<RunView>, Answer> {
    Ok(Json(blocking(move || service.show(&run_id)).await?))
}

/// Byte for byte as it was submitted.
pub(crate) async fn source(State(service): Shared, At(run_id): At<String>) -> Result<Response, Answer> {
    let found = blocking(move || {
        let row = service.row(&run_id)?;
        let version = service.engine.store().dag_version(row.dag_version).map_err(|e| of_store(&e))?;
        version
            .map(|v| v.source)
            .ok_or_else(|| Problem::new(Code::NotFound, format!("run {run_id} has no text any more")))
    });
    Ok(([(header::CONTENT_TYPE, "application/yaml")], found.await?).into_response())
}

/// Accepted: the run ends when its operators have been stopped.
pub(crate) async fn cancel(
    State(service): Shared,
    At(run_id): At<String>,
) -> Result<(StatusCode, Json<RunView>), Answer> {
    Ok((StatusCode::ACCEPTED, Json(blocking(move || service.cancel(&run_id)).await?)))
}

pub(crate) async fn resume(State(service): Shared, At(run_id): At<String>) -> Result<Json<SubmitAnswer>, Answer> {
    Ok(Json(blocking(move || service.resume(&run_id)).await?))
}

/// The engine's calls block; they run beside the thread that serves connections.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Answer> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer.map_err(Answer),
        Err(error) => Err(Answer(Problem::new(Code::Unknown, format!("the request was broken off: {error}")))),
    }
}
