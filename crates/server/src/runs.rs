//! `/api/v1/runs`: begin, show, cancel, resume.

use crate::asked::At;
use crate::body::Body;
use crate::problem::{Answer, of_store};
use crate::service::Service;
use crate::web::Grant;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use suanzi_api::{Code, Problem, RunView, SubmitAnswer, SubmitRequest};

type Shared = State<Arc<Service>>;

pub(crate) async fn submit(
    State(service): Shared,
    grant: Grant,
    Body(request): Body<SubmitRequest>,
) -> Result<(StatusCode, Json<SubmitAnswer>), Answer> {
    let answer = blocking(move || service.submit(request, &grant)).await?;
    Ok((StatusCode::CREATED, Json(answer)))
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
