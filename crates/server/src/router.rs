//! The API's table of contents: every route with what it takes. Tests walk the same table.

use crate::service::Service;
use crate::web::{self, Access, Grant};
use crate::{events, health, problem, runs};
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router};
use std::sync::Arc;
use suanzi_api::{MAX_BODY_BYTES, path};

/// What a request may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    Json,
}

pub(crate) struct Route {
    pub method: Method,
    pub path: &'static str,
    pub takes: Takes,
    handler: MethodRouter<Arc<Service>>,
}

/// The only ones without sign-in: exact routes, never parts of paths.
const PUBLIC: &[(Method, &str)] = &[
    (Method::GET, path::HEALTH),
    (Method::GET, path::READY),
    (Method::GET, path::LOGIN),
    (Method::GET, path::LOGIN_SCRIPT),
    (Method::POST, path::SESSION),
];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(path::HEALTH, health::health),
        get(path::READY, health::ready),
        get(path::LOGIN, web::login),
        get(path::LOGIN_SCRIPT, web::login_script),
        post(path::SESSION, Takes::Json, web::sign_in),
        get(path::SESSION, web::show),
        delete(path::SESSION, web::sign_out),
        post(path::CODES, Takes::Nothing, web::make_code),
        post(path::RUNS, Takes::Json, runs::submit),
        get(path::RUN, runs::show),
        get(path::RUN_EVENTS, events::events),
        post(path::RUN_CANCEL, Takes::Nothing, runs::cancel),
        post(path::RUN_RESUME, Takes::Nothing, runs::resume),
    ]
}

/// For the home's socket: who got that far is the server's own user.
pub(crate) fn for_peers(service: Arc<Service>) -> Router {
    bare(service).layer(Extension(Grant::peer()))
}

/// For TCP: everything passes the guard, also what has no route.
pub(crate) fn for_web(service: Arc<Service>, access: Arc<Access>) -> Router {
    bare(service).layer(from_fn_with_state(access, web::guard)).layer(map_response(web::headers))
}

fn bare(service: Arc<Service>) -> Router {
    let router = routes().into_iter().fold(Router::new(), |router, route| router.route(route.path, route.handler));
    router
        .fallback(problem::no_route)
        .method_not_allowed_fallback(problem::no_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(service)
}

pub(crate) fn is_public(method: &Method, path: &str) -> bool {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    PUBLIC.iter().any(|(m, p)| m == method && *p == path)
}

/// What a route takes, if there is one of that method.
pub(crate) fn takes(method: &Method, path: &str) -> Option<Takes> {
    TAKES.with(|all| all.iter().find(|(m, p, _)| m == method && *p == path).map(|(_, _, takes)| *takes))
}

thread_local! {
    /// Of the thread that serves, made once.
    static TAKES: Vec<(Method, &'static str, Takes)> =
        routes().into_iter().map(|route| (route.method, route.path, route.takes)).collect();
}

fn get<H: Handler<T, Arc<Service>>, T: 'static>(path: &'static str, handler: H) -> Route {
    Route { method: Method::GET, path, takes: Takes::Nothing, handler: on(MethodFilter::GET, handler) }
}

fn post<H: Handler<T, Arc<Service>>, T: 'static>(path: &'static str, takes: Takes, handler: H) -> Route {
    Route { method: Method::POST, path, takes, handler: on(MethodFilter::POST, handler) }
}

fn delete<H: Handler<T, Arc<Service>>, T: 'static>(path: &'static str, handler: H) -> Route {
    Route { method: Method::DELETE, path, takes: Takes::Nothing, handler: on(MethodFilter::DELETE, handler) }
}
