//! An address that answers signed calls, and signs its answers.

use crate::secret::{HEADER, Secret, Taken};
use crate::wire::MAX_BODY_BYTES;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a call's body may take.
const BODY_LIMIT: Duration = Duration::from_secs(20);
/// Calls that are answered at a time; more wait.
const MAX_CALLS: usize = 64;

/// A refusal: an HTTP status and why.
pub(crate) type Refusal = (u16, String);

/// Who answers. Called on threads that may block.
pub(crate) trait Desk: Send + Sync + 'static {
    fn answer(&self, method: &str, path: &str, query: &str, body: &[u8]) -> Result<Vec<u8>, Refusal>;
}

pub(crate) struct Door {
    pub address: SocketAddr,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Inside {
    secret: Secret,
    taken: Taken,
    desk: Arc<dyn Desk>,
}

impl Door {
    pub fn open(listener: TcpListener, secret: Secret, desk: Arc<dyn Desk>) -> io::Result<Door> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .max_blocking_threads(MAX_CALLS)
            .build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let inside = Arc::new(Inside { secret, taken: Taken::default(), desk });
        let listener = {
            let _inside_runtime = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let thread = std::thread::Builder::new().name("engine-link".into()).spawn(move || {
            runtime.block_on(async {
                let serving = axum::serve(listener, Router::new().fallback(take).with_state(inside));
                tokio::select! {
                    _ = serving => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        })?;
        Ok(Door { address, stop: Mutex::new(Some(stop)), thread: Mutex::new(Some(thread)) })
    }

    pub fn close(&self) {
        // Twice is no harm.
        drop(self.stop.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.close();
    }
}

async fn take(State(inside): State<Arc<Inside>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let signature = head.headers.get(HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    if !Secret::looks_signed(&signature) {
        return plain(StatusCode::UNAUTHORIZED, "the call is not signed");
    }
    let body = match tokio::time::timeout(BODY_LIMIT, to_bytes(body, MAX_BODY_BYTES)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return plain(StatusCode::PAYLOAD_TOO_LARGE, "the call is too large, or was cut short"),
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, "the call did not come in time"),
    };
    let method = head.method.as_str().to_owned();
    let whole = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let nonce = inside.secret.check(&signature, &method, &whole, &body);
    let nonce = match nonce.and_then(|nonce| inside.taken.take(&nonce).map(|()| nonce)) {
        Ok(nonce) => nonce,
        Err(refusal) => return plain(StatusCode::UNAUTHORIZED, &refusal.to_string()),
    };
    let desk = inside.desk.clone();
    let answered = tokio::task::spawn_blocking(move || {
        let (path, query) = whole.split_once('?').unwrap_or((&whole, ""));
        desk.answer(&method, path, query, &body)
    });
    let (status, body) = match answered.await {
        Ok(Ok(body)) => (200, body),
        Ok(Err((status, why))) => (status, why.into_bytes()),
        Err(_) => (500, b"the call could not be answered".to_vec()),
    };
    let signature = inside.secret.sign_answer(&nonce, status, &body);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::from_str(&signature) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// An answer to somebody who has not shown to hold the secret: nothing is signed for them.
fn plain(status: StatusCode, why: &str) -> Response {
    let mut response = Response::new(Body::from(why.to_owned()));
    *response.status_mut() = status;
    response
}
