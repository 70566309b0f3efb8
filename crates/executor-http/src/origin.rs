//! Where a platform comes from: an address that stands fast, or one that is had only once something was started there.

use crate::client::{CallError, call, read_json};
use crate::settings::Target;
use futures_util::future::{BoxFuture, ready};
use hyper::Method;
use hyper::body::Bytes;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Knows where to call. Shared by all attempts of an executor.
pub trait Origin: Send + Sync {
    /// Where to call now. What isn't there yet is started, which may take long.
    fn target(&self) -> BoxFuture<'_, Result<Arc<Target>, CallError>>;

    /// Where to call if something is there already.
    fn present(&self) -> Option<Arc<Target>>;

    /// Nobody answered at `target`, or not as a platform does: what was there may be gone, and another in its place.
    fn missed(&self, target: &Arc<Target>);

    /// Ends what was started. Called last; takes a few seconds at most.
    fn end(&self) -> BoxFuture<'_, ()>;

    /// Whether what runs there goes on without this process, and a later one finds it.
    fn outlives(&self) -> bool;

    /// Where it is, for people.
    fn shown(&self) -> String;
}

/// A platform that is there by itself.
pub struct Fixed(pub Arc<Target>);

impl Origin for Fixed {
    fn target(&self) -> BoxFuture<'_, Result<Arc<Target>, CallError>> {
        Box::pin(ready(Ok(self.0.clone())))
    }

    fn present(&self) -> Option<Arc<Target>> {
        Some(self.0.clone())
    }

    fn missed(&self, _target: &Arc<Target>) {}

    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(ready(()))
    }

    fn outlives(&self) -> bool {
        true
    }

    fn shown(&self) -> String {
        self.0.base.authority()
    }
}

/// Calls the platform, wherever it is, and starts it where it isn't.
pub async fn call_there(origin: &dyn Origin, method: Method, at: &str, body: Bytes) -> Result<Bytes, CallError> {
    call_at(origin, origin.target().await?, method, at, body).await
}

/// As [`call_there`], for an answer in JSON.
pub async fn json_there<T: DeserializeOwned>(origin: &dyn Origin, at: &str) -> Result<T, CallError> {
    let target = origin.target().await?;
    let body = call_at(origin, target.clone(), Method::GET, at, Bytes::new()).await?;
    read_json(&target, &body).inspect_err(|_| origin.missed(&target))
}

/// Calls the platform if it is there; nothing is started only to be told that something may end.
pub async fn call_if_present(origin: &dyn Origin, method: Method, at: &str) -> Result<Bytes, CallError> {
    match origin.present() {
        Some(target) => call_at(origin, target, method, at, Bytes::new()).await,
        None => Err(CallError::Away("nothing is there".into())),
    }
}

async fn call_at(
    origin: &dyn Origin,
    target: Arc<Target>,
    method: Method,
    at: &str,
    body: Bytes,
) -> Result<Bytes, CallError> {
    let answer = call(&target, method, at, body).await;
    if answer.as_ref().is_err_and(CallError::is_fault) {
        origin.missed(&target);
    }
    answer
}
