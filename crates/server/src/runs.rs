//! `/api/v1/runs`: begin, show, cancel, resume.

use crate::body::Body;
use crate::problem::Answer;
use crate::service::Service;
use crate::web::Grant;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
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

pub(crate) async fn show(State(service): Shared, Path(run_id): Path<String>) -> Result<Json<RunView>, Answer> {
    Ok(Json(blocking(move || service.show(&run_id)).await?))
}

/// Accepted: the run ends when its operators have been stopped.
pub(crate) async fn cancel(
    State(service): Shared,
    Path(run_id): Path<String>,
) -> Result<(StatusCode, Json<RunView>), Answer> {
    Ok((StatusCode::ACCEPTED, Json(blocking(move || service.cancel(&run_id)).await?)))
}

pub(crate) async fn resume(State(service): Shared, Path(run_id): Path<String>) -> Result<Json<SubmitAnswer>, Answer> {
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
