//! The API's table of contents.

use crate::service::Service;
use crate::{events, health, problem, runs};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use std::sync::Arc;
use suanzi_api::{MAX_BODY_BYTES, path};

pub(crate) fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route(path::HEALTH, get(health::health))
        .route(path::RUNS, post(runs::submit))
        .route(path::RUN, get(runs::show))
        .route(path::RUN_EVENTS, get(events::events))
        .route(path::RUN_CANCEL, post(runs::cancel))
        .route(path::RUN_RESUME, post(runs::resume))
        .fallback(problem::no_route)
        .method_not_allowed_fallback(problem::no_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(service)
}
