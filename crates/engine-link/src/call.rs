//! A signed call, and the look at whether its answer is signed.

use crate::secret::{HEADER, Secret};
use crate::wire::{MAX_BODY_BYTES, decode, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use ureq::Agent;

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// For a call in all. Longer than a disk may stall; shorter than [`crate::fleet`] waits until it counts an engine as lost.
const CALL_LIMIT: Duration = Duration::from_secs(20);

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("can't be reached: {0}")]
    Away(String),
    /// Somebody else answered, or somebody changed what was said.
    #[error(
        "gave an answer that isn't signed with this engine's secret: the secrets of both sides differ, or something else answers there"
    )]
    NotSigned,
    #[error("refused ({status}): {why}")]
    Refused { status: u16, why: String },
    #[error("gave an answer that isn't understood: {0}")]
    Malformed(String),
}

impl CallError {
    pub(crate) fn is(&self, wanted: u16) -> bool {
        matches!(self, CallError::Refused { status, .. } if *status == wanted)
    }
}

/// Calls one address. Keeps its connections.
pub(crate) struct Caller {
    agent: Agent,
    secret: Secret,
    base: String,
}

impl Caller {
    /// `base` is `http://host:port`.
    pub fn new(base: &str, secret: Secret) -> Caller {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_connect(Some(CONNECT_LIMIT))
            .timeout_global(Some(CALL_LIMIT))
            .build();
        Caller { agent: config.into(), secret, base: base.trim_end_matches('/').to_owned() }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn get(&self, path: &str) -> Result<Vec<u8>, CallError> {
        let (signature, nonce) = self.secret.sign("GET", path, b"");
        let sent = self.agent.get(format!("{}{path}", self.base)).header(HEADER, signature).call();
        self.answer(sent, &nonce)
    }

    pub fn post<T: Serialize>(&self, path: &str, body: &T) -> Result<Vec<u8>, CallError> {
        let body = encode(body).map_err(CallError::Malformed)?;
        let (signature, nonce) = self.secret.sign("POST", path, &body);
        let sent = self.agent.post(format!("{}{path}", self.base)).header(HEADER, signature).send(&body[..]);
        self.answer(sent, &nonce)
    }

    fn answer(
        &self,
        sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
        nonce: &str,
    ) -> Result<Vec<u8>, CallError> {
        let mut response = sent.map_err(|error| CallError::Away(error.to_string()))?;
        let status = response.status().as_u16();
        let signature =
            response.headers().get(HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let body = response.body_mut().with_config().limit(MAX_BODY_BYTES as u64).read_to_vec();
        let body = body.map_err(|error| CallError::Away(error.to_string()))?;
        if !self.secret.is_answer(&signature, nonce, status, &body) {
            return Err(CallError::NotSigned);
        }
        match status {
            200 => Ok(body),
            _ => Err(CallError::Refused { status, why: String::from_utf8_lossy(&body).into_owned() }),
        }
    }
}

/// The answer's body, read.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, CallError> {
    decode(body).map_err(CallError::Malformed)
}
