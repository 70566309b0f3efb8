//! Calls over HTTP: one connection each, bounded in time and size, without redirects. No error holds the token.

use crate::settings::Target;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::net::TcpStream;

/// The largest answer that is read.
pub const MAX_ANSWER_BYTES: usize = 1 << 20;
/// How long a call may take in all.
pub const CALL_LIMIT: Duration = Duration::from_secs(10);
/// How long sending a code package may take.
const UPLOAD_LIMIT: Duration = Duration::from_secs(120);
const MAX_QUOTED_CHARS: usize = 200;

#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("can't be reached: {0}")]
    Away(String),
    #[error("did not answer within {0:?}")]
    Slow(Duration),
    #[error("gave an answer that isn't understood: {0}")]
    Malformed(String),
    /// Each answer can be read, and together they can't be true.
    #[error("contradicts itself: {0}")]
    Contradiction(&'static str),
    /// Tried again it would end the same way.
    #[error("can't take work: {0}")]
    Unusable(String),
    /// Any status but success; a redirect is one of them.
    #[error("answered {status}{}", quoted(.body))]
    Status { status: u16, body: String },
}

fn quoted(body: &str) -> String {
    if body.is_empty() { String::new() } else { format!(": {body:?}") }
}

impl CallError {
    pub fn is(&self, wanted: StatusCode) -> bool {
        matches!(self, CallError::Status { status, .. } if *status == wanted.as_u16())
    }

    /// The platform doesn't answer as one does. Statuses that speak of the request alone are answers.
    pub fn is_fault(&self) -> bool {
        !matches!(self, CallError::Status { status: 400 | 403..=499, .. })
    }

    /// The same call would be refused again.
    pub fn is_refusal(&self) -> bool {
        matches!(self, CallError::Unusable(_) | CallError::Status { status: 400 | 403 | 405 | 409 | 413 | 422, .. })
    }
}

/// The body of a successful answer, read as JSON.
pub async fn json<T: DeserializeOwned>(target: &Target, method: Method, at: &str) -> Result<T, CallError> {
    read_json(target, &call(target, method, at, Bytes::new()).await?)
}

/// The body of an answer from there. An error quotes a little of it, never the token.
pub fn read_json<T: DeserializeOwned>(target: &Target, body: &[u8]) -> Result<T, CallError> {
    serde_json::from_slice(body).map_err(|error| CallError::Malformed(some_of(target, &error.to_string())))
}

/// What may be quoted: an answer may be long, and may echo what was sent.
fn some_of(target: &Target, text: &str) -> String {
    let text = match &target.token {
        Some(token) => text.replace(token, "(token)"),
        None => text.to_owned(),
    };
    text.chars().take(MAX_QUOTED_CHARS).collect()
}

/// The body of a successful answer.
pub async fn call(target: &Target, method: Method, at: &str, body: Bytes) -> Result<Bytes, CallError> {
    let limit = if body.len() > MAX_ANSWER_BYTES { UPLOAD_LIMIT } else { CALL_LIMIT };
    tokio::time::timeout(limit, send(target, method, at, body)).await.unwrap_or(Err(CallError::Slow(limit)))
}

async fn send(target: &Target, method: Method, at: &str, body: Bytes) -> Result<Bytes, CallError> {
    let away = |error: &dyn std::fmt::Display| CallError::Away(error.to_string());
    let host = target.base.host.trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, target.base.port)).await.map_err(|e| away(&e))?;
    let _ = stream.set_nodelay(true); // only slower without
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|e| away(&e))?;
    let connection = tokio::spawn(connection);
    let answer = exchange(target, &mut sender, method, at, body).await;
    // Also where the answer was cut short because it is too long.
    connection.abort();
    answer
}

async fn exchange(
    target: &Target,
    sender: &mut hyper::client::conn::http1::SendRequest<Full<Bytes>>,
    method: Method,
    at: &str,
    body: Bytes,
) -> Result<Bytes, CallError> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("{}{at}", target.base.path))
        .header(header::HOST, target.base.authority())
        .header(header::CONTENT_TYPE, "application/octet-stream");
    if let Some(token) = &target.token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    // An error of the builder may quote a header.
    let request = request.body(Full::new(body)).map_err(|_| CallError::Away("the request can't be written".into()))?;
    let response = sender.send_request(request).await.map_err(|e| CallError::Away(e.to_string()))?;
    let status = response.status();
    let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES)
        .collect()
        .await
        .map_err(|e| CallError::Malformed(e.to_string()))?
        .to_bytes();
    if status.is_success() {
        return Ok(body);
    }
    let body = some_of(target, String::from_utf8_lossy(&body).trim());
    Err(CallError::Status { status: status.as_u16(), body })
}
