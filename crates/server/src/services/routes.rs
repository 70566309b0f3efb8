//! `/api/v1/services`: what is served; and requests to what is served, in MLflow's forms.

use super::forms;
use super::worker::About;
use crate::asked::At;
use crate::body::{self, Body};
use crate::problem::Answer;
use crate::service::Service;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde_json::Value;
use std::sync::Arc;
use suanzi_api::{Code, DeployRequest, Items, MAX_INVOCATION_BYTES, Problem, ServiceView};

type Shared = State<Arc<Service>>;

pub(super) async fn list(State(service): Shared) -> Result<Json<Items<ServiceView>>, Answer> {
    Ok(Json(Items { items: service.services.list().await? }))
}

pub(super) async fn show(State(service): Shared, At(name): At<String>) -> Result<Json<ServiceView>, Answer> {
    Ok(Json(service.services.show(&name).await?))
}

pub(super) async fn deploy(
    State(service): Shared,
    At(name): At<String>,
    Body(asked): Body<DeployRequest>,
) -> Result<Json<ServiceView>, Answer> {
    // Goes on where the one who asked has gone: half a switch is none.
    finished(async move { service.services.deploy(name, asked).await }).await.map(Json)
}

pub(super) async fn roll_back(State(service): Shared, At(name): At<String>) -> Result<Json<ServiceView>, Answer> {
    finished(async move { service.services.roll_back(name).await }).await.map(Json)
}

pub(super) async fn remove(State(service): Shared, At(name): At<String>) -> Result<StatusCode, Answer> {
    finished(async move { service.services.remove(name).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn invocations(service: Shared, name: At<String>, request: Request) -> Result<Json<Value>, Answer> {
    invoke(service, name, request).await
}

/// The same at MLflow's address.
pub(super) async fn invoke(
    State(service): Shared,
    At(name): At<String>,
    request: Request,
) -> Result<Json<Value>, Answer> {
    let endpoint = service.services.endpoint(&name)?;
    let entered = endpoint.enter()?;
    let body = taken(&service, request).await?;
    let read = |body: &[u8], about: &About| Ok((forms::read(body, about)?, ()));
    let (scored, ()) = entered.score(body, read).await?;
    Ok(Json(forms::predictions(&scored.scores, scored.rows)))
}

/// A request's body, if a model may be asked so much.
pub(super) async fn taken(service: &Arc<Service>, request: Request) -> Result<Bytes, Answer> {
    let body = body::bytes(request, service).await?;
    if body.len() > MAX_INVOCATION_BYTES {
        let said = format!("the request is larger than {} MiB", MAX_INVOCATION_BYTES >> 20);
        return Err(Problem::new(Code::BodyTooLarge, said)
            .hint(Some("send fewer rows at a time, or use the operator batch_predict"))
            .into());
    }
    Ok(body)
}

async fn finished<T: Send + 'static>(
    work: impl Future<Output = Result<T, Answer>> + Send + 'static,
) -> Result<T, Answer> {
    match tokio::spawn(work).await {
        Ok(answer) => answer,
        Err(error) => Err(Problem::new(Code::Unknown, format!("the request was broken off: {error}")).into()),
    }
}
