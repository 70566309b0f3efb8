//! The router as requests over TCP meet it, without a network: an engine without executors behind it.

mod attacks;
mod dags;
mod deny_by_default;
mod hostile;
mod signing_in;

use crate::attached::Attached;
use crate::clock::WallClock;
use crate::data::Places;
use crate::host::{Host, Refusal};
use crate::router::for_web;
use crate::schedules::Keeper;
use crate::service::Service;
use crate::services::Services;
use crate::web::connections::Link;
use crate::web::{Access, AccessOptions};
use crate::webhooks::Outbox;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use suanzi_api::{Problem, PythonView};
use suanzi_dag::Document;
use suanzi_dag_engine::{Engine, EngineOptions, FileAccess, Prepared, RunOptions};
use suanzi_operator_engine::OperatorEngine;
use suanzi_store::MemoryStore;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower_service::Service as _;

const ADDRESS: &str = "127.0.0.1:8765";
const STREAM_LEFT_S: u64 = 3;
const PASSWORD: &str = "correct horse battery";

/// A server nobody started: its router, and the files of its secrets.
struct Scene {
    dir: TempDir,
    runtime: Runtime,
    router: Router,
    access: Arc<Access>,
    engine: Arc<Engine>,
}

/// A request by parts.
struct Ask {
    method: Method,
    uri: String,
    headers: Vec<(String, String)>,
    body: String,
}

struct Answered {
    status: u16,
    headers: axum::http::HeaderMap,
    body: String,
}

/// Signed in.
struct Browser {
    cookie: String,
    csrf: String,
}

struct NoOperators;

impl Host for NoOperators {
    fn prepare(&self, _: Arc<Document>, _: &RunOptions, _: FileAccess) -> Result<Prepared, Refusal> {
        Err(Refusal::Around { message: "there are no operators".into(), hint: None })
    }

    fn python(&self) -> PythonView {
        PythonView { version: "3.12.0".into(), path: "/none".into(), why: "a test".into() }
    }

    fn warm_up(&self) {}
}

impl Scene {
    fn new() -> Scene {
        let dir = tempfile::tempdir().expect("a temporary directory");
        write_secret(&dir.path().join("password"), PASSWORD);
        let engine = Arc::new(Engine::start(
            EngineOptions {
                artifacts: Arc::new(suanzi_artifact::LocalArtifacts::new(dir.path()).expect("a folder")),
                objects: None,
                first_is_here: true,
                owner: "test".into(),
                pools: Default::default(),
                stop_grace: suanzi_dag_engine::STOP_GRACE,
            },
            Arc::new(MemoryStore::new()),
            Arc::new(OperatorEngine::new(Vec::new())),
        ));
        let options = AccessOptions {
            token: dir.path().join("token"),
            password: Some(dir.path().join("password")),
            address: address(ADDRESS),
            hosts: Vec::new(),
            data_roots: Vec::new(),
        };
        let access = Arc::new(Access::new(options).expect("good secrets"));
        let service = Arc::new(Service {
            engine: engine.clone(),
            owner: "test".into(),
            host: Arc::new(NoOperators),
            attached: Arc::new(Attached::default()),
            news: Default::default(),
            once: Default::default(),
            data: Arc::new(Places::new(dir.path())),
            schedules: Arc::new(Keeper::new(engine.store().clone(), Arc::new(WallClock::new().expect("a clock")))),
            outbox: Arc::new(Outbox::new(
                engine.store().clone(),
                Arc::new(WallClock::new().expect("a clock")),
                vec!["hooks.example.com".parse().expect("a host")],
                true,
            )),
            mlflow: Arc::new(crate::mlflow::Mlflow::new(dir.path(), Arc::new(WallClock::new().expect("a clock")))),
            services: Services::new(engine.store().clone(), Arc::new(NoOperators), engine.artifacts().clone(), true),
            home: dir.path().to_path_buf(),
            web: Some(access.clone()),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        Scene { router: for_web(service, access.clone()), dir, runtime, access, engine }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn token(&self) -> String {
        std::fs::read_to_string(self.path("token")).expect("the token is there").trim().to_string()
    }

    fn bearer(&self) -> (&'static str, String) {
        ("authorization", format!("Bearer {}", self.token()))
    }

    fn code(&self) -> String {
        let url = self.access.url();
        url.split_once("#code=").expect("a code").1.to_string()
    }

    fn send(&self, ask: Ask) -> Answered {
        self.send_from(ask, "127.0.0.1:50000")
    }

    fn send_from(&self, ask: Ask, peer: &str) -> Answered {
        let mut request = Request::builder().method(ask.method).uri(ask.uri);
        for (name, value) in ask.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(Body::from(ask.body)).expect("a request");
        request.extensions_mut().insert(Link { peer: address(peer), local: address(ADDRESS) });
        let mut router = self.router.clone();
        self.runtime.block_on(async move {
            let response: Response<Body> = router.call(request).await.expect("a router always answers");
            let (parts, body) = response.into_parts();
            // A stream that doesn't end is left after a while.
            let collected = tokio::time::timeout(Duration::from_secs(STREAM_LEFT_S), body.collect()).await;
            let body = collected.map(|body| body.expect("a whole body").to_bytes()).unwrap_or_default();
            let body = String::from_utf8_lossy(&body).into_owned();
            Answered { status: parts.status.as_u16(), headers: parts.headers, body }
        })
    }

    fn sign_in(&self) -> Browser {
        let answered = self.send(sign_in_by("code", &self.code()));
        assert_eq!(answered.status, StatusCode::CREATED, "{}", answered.body);
        answered.browser()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.engine.shutdown();
    }
}

impl Ask {
    /// With this server's `Host`.
    fn new(method: Method, uri: &str) -> Ask {
        Ask { method, uri: uri.into(), headers: vec![("host".into(), ADDRESS.into())], body: String::new() }
    }

    fn with(mut self, (name, value): (&str, impl Into<String>)) -> Ask {
        self.headers.push((name.into(), value.into()));
        self
    }

    fn json(mut self, body: &str) -> Ask {
        self.body = body.into();
        self.with(("content-type", "application/json"))
    }

    fn by(self, browser: &Browser) -> Ask {
        self.with(("cookie", browser.cookie.clone()))
    }

    fn with_csrf(self, browser: &Browser) -> Ask {
        self.with(("x-csrf-token", browser.csrf.clone()))
    }
}

impl Answered {
    fn code(&self) -> String {
        let problem: Option<Problem> = serde_json::from_str(&self.body).ok();
        let code = problem.and_then(|p| serde_json::to_value(p.code).ok());
        code.and_then(|c| c.as_str().map(str::to_string)).unwrap_or_default()
    }

    fn browser(&self) -> Browser {
        let cookie = self.headers[header::SET_COOKIE].to_str().expect("text");
        let view: suanzi_api::SessionView = serde_json::from_str(&self.body).expect("a session");
        Browser { cookie: cookie.split(';').next().unwrap_or_default().into(), csrf: view.csrf }
    }
}

fn get(uri: &str) -> Ask {
    Ask::new(Method::GET, uri)
}

fn sign_in_by(what: &str, secret: &str) -> Ask {
    Ask::new(Method::POST, "/api/v1/session").json(&serde_json::json!({ what: secret }).to_string())
}

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

/// Replaces a file as an administrator would.
fn write_secret(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    let fresh = path.with_extension("fresh");
    std::fs::write(&fresh, text).expect("a file");
    std::fs::set_permissions(&fresh, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    std::fs::rename(&fresh, path).expect("a file is replaced");
}
