//! The API's table of contents: every route with what it takes. Tests walk the same table.

use crate::openapi::{self, Doc};
use crate::service::Service;
use crate::web::{self, Access, Grant};
use crate::{
    canvas, dags, data, documents, events, health, models, operators, outputs, problem, reports, runs, schedules,
    services, settings, task_log, tasks, templates,
};
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router};
use std::sync::Arc;
use suanzi_api::{self as api, MAX_BODY_BYTES, path};

/// What a request may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    Json,
    /// One of these media types.
    Types(&'static [&'static str]),
}

pub(crate) struct Route {
    pub method: Method,
    pub path: &'static str,
    pub takes: Takes,
    pub doc: Doc,
    handler: MethodRouter<Arc<Service>>,
}

/// The only ones without sign-in: exact routes, never parts of paths.
const PUBLIC: &[(Method, &str)] = &[
    (Method::GET, path::HEALTH),
    (Method::GET, path::READY),
    (Method::GET, path::CANVAS),
    (Method::GET, path::ASSET),
    (Method::GET, path::LOGIN),
    (Method::GET, path::LOGIN_SCRIPT),
    (Method::POST, path::SESSION),
];

pub(crate) fn routes() -> Vec<Route> {
    let mut routes = vec![
        get(path::HEALTH, health::health).does("Somebody is there").gives::<api::Health>(200),
        get(path::READY, health::ready).does("Somebody is there and takes runs").gives::<api::Health>(200),
        get(path::CANVAS, canvas::page).does("The canvas").gives_text("text/html"),
        get(path::ASSET, canvas::asset).does("A built file of the canvas").gives_file(canvas::MEDIA),
        get(path::LOGIN, web::login).does("The page that signs in").gives_text("text/html"),
        get(path::LOGIN_SCRIPT, web::login_script).does("That page's script").gives_text("text/javascript"),
        post(path::SESSION, Takes::Json, web::sign_in)
            .does("Sign in by a one-time code or the password")
            .asks::<api::SignIn>()
            .gives::<api::SessionView>(201),
        get(path::SESSION, web::show).does("The session's csrf and how long it lasts").gives::<api::SessionView>(200),
        delete(path::SESSION, web::sign_out).does("Sign out").gives_nothing(204),
        post(path::CODES, Takes::Nothing, web::make_code)
            .does("Make an address that signs in once")
            .gives::<api::CodeView>(201),
        get(path::OPENAPI, openapi::openapi).does("This description").gives::<serde_json::Value>(200),
        get(path::EVENTS, events::all)
            .does("What happens in all runs and to DAGs, as server-sent events")
            .header("Last-Event-ID", false, "The last event received: goes on after it")
            .streams::<api::AnyEvent>(),
        get(path::RUNS, runs::list)
            .does("All runs, the newest first")
            .query::<api::RunsQuery>()
            .gives::<api::Page<api::RunView>>(200),
        post(path::RUNS, Takes::Json, runs::submit)
            .does("Begin a run")
            .header("Idempotency-Key", false, "A request of the same key begins no second run; kept for a day")
            .asks::<api::SubmitRequest>()
            .gives::<api::SubmitAnswer>(201),
        get(path::RUN, runs::show).does("How a run stands").gives::<api::RunView>(200),
        get(path::RUN_EVENTS, events::events)
            .does("What happens in a run, as server-sent events")
            .header("Last-Event-ID", false, "The last event received: goes on after it")
            .streams::<api::RunEvent>(),
        post(path::RUN_CANCEL, Takes::Nothing, runs::cancel).does("Cancel a run").gives::<api::RunView>(202),
        post(path::RUN_RESUME, Takes::Nothing, runs::resume)
            .does("Go on with an interrupted run")
            .gives::<api::SubmitAnswer>(200),
    ];
    routes.extend(of_tasks());
    routes.extend(dags::routes());
    routes.extend(documents::routes());
    routes.extend([
        get(path::OPERATORS, operators::operators)
            .does("What can be put into a DAG")
            .gives::<api::Items<api::OperatorKind>>(200),
        get(path::EXECUTORS, settings::executors)
            .does("On what operators run")
            .gives::<api::Items<api::ExecutorView>>(200),
        get(path::SETTINGS, settings::settings).does("What the server runs with").gives::<api::SettingsView>(200),
    ]);
    routes.extend(schedules::routes());
    routes.extend(data::routes());
    routes.extend(templates::routes());
    routes.extend(models::routes());
    routes.extend(services::routes());
    routes
}

fn of_tasks() -> Vec<Route> {
    vec![
        get(path::RUN_SOURCE, runs::source)
            .does("The text of the DAG that a run runs")
            .gives_file(&["application/yaml"]),
        get(path::RUN_REPORT, reports::report).does("What came out of a run").gives::<api::RunReport>(200),
        get(path::DIFF, reports::diff).does("What changed from one run to another").gives::<api::RunDiff>(200),
        get(path::TASKS, tasks::list).does("What each operator of a run did").gives::<api::Items<api::TaskView>>(200),
        get(path::TASK, tasks::show).does("What an operator of a run did, and why").gives::<api::TaskDetail>(200),
        get(path::TASK_LOG, task_log::log)
            .does("A part of what an attempt printed")
            .query::<api::LogQuery>()
            .gives::<api::LogView>(200),
        get(path::TASK_LOG_STREAM, task_log::stream)
            .does("What an attempt prints, as server-sent events `chunk` and, last, `end`")
            .query::<api::LogStreamQuery>()
            .streams::<api::LogChunk>(),
        get(path::OUTPUT, outputs::show).does("What an output is").gives::<api::OutputDetail>(200),
        get(path::OUTPUT_ROWS, outputs::rows)
            .does("Rows of a table that an operator made")
            .query::<api::RowsQuery>()
            .gives::<api::Preview>(200),
        get(path::OUTPUT_VALUE, outputs::value).does("The JSON of metrics or a report").gives::<serde_json::Value>(200),
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

pub(crate) fn get<H: Handler<T, Arc<Service>>, T: 'static>(path: &'static str, handler: H) -> Route {
    route(Method::GET, path, Takes::Nothing, MethodFilter::GET, handler)
}

pub(crate) fn post<H: Handler<T, Arc<Service>>, T: 'static>(path: &'static str, takes: Takes, handler: H) -> Route {
    route(Method::POST, path, takes, MethodFilter::POST, handler)
}

pub(crate) fn put<H: Handler<T, Arc<Service>>, T: 'static>(path: &'static str, takes: Takes, handler: H) -> Route {
    route(Method::PUT, path, takes, MethodFilter::PUT, handler)
}

pub(crate) fn delete<H: Handler<T, Arc<Service>>, T: 'static>(path: &'static str, handler: H) -> Route {
    route(Method::DELETE, path, Takes::Nothing, MethodFilter::DELETE, handler)
}

fn route<H: Handler<T, Arc<Service>>, T: 'static>(
    method: Method,
    path: &'static str,
    takes: Takes,
    filter: MethodFilter,
    handler: H,
) -> Route {
    let doc = Doc::of::<H>();
    Route { method, path, takes, doc, handler: on(filter, handler) }
}
