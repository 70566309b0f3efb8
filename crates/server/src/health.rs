//! `/healthz`: somebody is there. `/readyz`: and takes runs.

use crate::problem::Answer;
use crate::service::Service;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;
use suanzi_api::{Code, Health, Problem};

pub(crate) async fn health() -> Json<Health> {
    Json(said("ok"))
}

pub(crate) async fn ready(State(service): State<Arc<Service>>) -> Result<Json<Health>, Answer> {
    if service.attached.is_open() {
        return Ok(Json(said("ready")));
    }
    Err(Answer(Problem::new(Code::Closing, "the engine is about to end and takes no more runs")))
}

fn said(status: &str) -> Health {
    Health { status: status.into(), version: env!("CARGO_PKG_VERSION").into(), pid: std::process::id() }
}
