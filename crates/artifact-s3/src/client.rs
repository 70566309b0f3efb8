//! Single calls to the server: signed in the address, which therefore no message shows.

use crate::place::{Place, Surroundings};
use rusty_s3::actions::{ListObjectsV2, ListObjectsV2Response};
use rusty_s3::{Bucket, Credentials, S3Action};
use std::fs::File;
use std::io::Seek;
use std::time::{Duration, SystemTime};
use suanzi_artifact::ArtifactError;
use ureq::http::Response;
use ureq::{Agent, Body};

/// How long a signature holds; also what an upload or a download may take to begin.
const SIGNED_FOR: Duration = Duration::from_secs(600);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// For the head of an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
const IDLE_CONNECTIONS: usize = 8;
const MAX_LIST_BYTES: u64 = 16 << 20;
const MAX_FAULT_BYTES: u64 = 64 << 10;
const MAX_CODE_CHARS: usize = 60;

pub(crate) struct Client {
    agent: Agent,
    bucket: Bucket,
    credentials: Option<Credentials>,
    /// For messages.
    shown: String,
}

/// Why the server gave nothing.
#[derive(Debug)]
pub(crate) enum Fault {
    /// No such object.
    Absent,
    /// No such bucket.
    NoBucket,
    /// With the store's own word for it.
    Refused(String),
    Away(String),
}

impl Client {
    /// Calls nobody. Errors: in words, the server's address is none.
    pub fn new(place: &Place, around: &Surroundings) -> Result<Client, String> {
        let config = Agent::config_builder()
            .timeout_connect(Some(CONNECT_LIMIT))
            .timeout_recv_response(Some(ANSWER_LIMIT))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_idle_connections_per_host(IDLE_CONNECTIONS)
            .user_agent(concat!("suanzi/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Client {
            agent: config.into(),
            bucket: around.bucket(place)?,
            credentials: around.credentials.clone(),
            shown: format!("{place} at {}", around.server()),
        })
    }

    fn key(&self) -> Result<&Credentials, Fault> {
        let missing = || Fault::Refused("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY aren't set".into());
        self.credentials.as_ref().ok_or_else(missing)
    }

    pub fn get(&self, object: &str) -> Result<Response<Body>, Fault> {
        let url = self.bucket.get_object(Some(self.key()?), object).sign(SIGNED_FOR);
        answer(again(|| self.agent.get(url.as_str()).call()))
    }

    /// Its size in bytes, and when it was written.
    pub fn head(&self, object: &str) -> Result<(u64, Option<SystemTime>), Fault> {
        let url = self.bucket.head_object(Some(self.key()?), object).sign(SIGNED_FOR);
        let found = answer(again(|| self.agent.head(url.as_str()).call()))?;
        let header = |name: &str| found.headers().get(name).and_then(|value| value.to_str().ok());
        let length = header("content-length").and_then(|length| length.parse().ok());
        let written = header("last-modified")
            .and_then(|date| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
        Ok((length.ok_or_else(|| Fault::Away("it gave no size".into()))?, written.map(SystemTime::from)))
    }

    pub fn put(&self, object: &str, bytes: &[u8]) -> Result<(), Fault> {
        let url = self.bucket.put_object(Some(self.key()?), object).sign(SIGNED_FOR);
        answer(again(|| self.agent.put(url.as_str()).send(bytes))).map(drop)
    }

    pub fn put_file(&self, object: &str, file: &File) -> Result<(), Fault> {
        let url = self.bucket.put_object(Some(self.key()?), object).sign(SIGNED_FOR);
        let again = again(|| {
            (&mut &*file).rewind()?;
            self.agent.put(url.as_str()).send(file)
        });
        answer(again).map(drop)
    }

    pub fn delete(&self, object: &str) -> Result<(), Fault> {
        let url = self.bucket.delete_object(Some(self.key()?), object).sign(SIGNED_FOR);
        answer(again(|| self.agent.delete(url.as_str()).call())).map(drop)
    }

    /// One page of names that begin with `prefix`.
    pub fn list(&self, prefix: &str, from: Option<&str>) -> Result<ListObjectsV2Response, Fault> {
        let mut list = self.bucket.list_objects_v2(Some(self.key()?));
        list.with_prefix(prefix);
        if let Some(from) = from {
            list.with_continuation_token(from);
        }
        let url = list.sign(SIGNED_FOR);
        let mut found = answer(again(|| self.agent.get(url.as_str()).call()))?;
        let text = found.body_mut().with_config().limit(MAX_LIST_BYTES).read_to_string();
        let text = text.map_err(|error| Fault::Away(words(&error)))?;
        ListObjectsV2::parse_response(&text).map_err(|_| Fault::Away("its list isn't understood".into()))
    }

    /// In an artifact's words.
    pub fn error(&self, object: &str, fault: Fault) -> ArtifactError {
        let place = self.shown.clone();
        match fault {
            Fault::Absent => ArtifactError::NotFound { path: object.into() },
            Fault::NoBucket => ArtifactError::Refused { place, reason: "there is no such bucket".into() },
            Fault::Refused(reason) => ArtifactError::Refused { place, reason },
            Fault::Away(reason) => ArtifactError::Away { place, reason },
        }
    }
}

/// A kept connection may have been closed by the server meanwhile: once more, on a new one. All calls may come twice.
fn again(call: impl Fn() -> Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, ureq::Error> {
    call().or_else(|_| call())
}

fn answer(sent: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, Fault> {
    let mut found = sent.map_err(|error| Fault::Away(words(&error)))?;
    let status = found.status().as_u16();
    if (200..300).contains(&status) {
        return Ok(found);
    }
    let text = found.body_mut().with_config().limit(MAX_FAULT_BYTES).read_to_string().unwrap_or_default();
    Err(fault(status, &text))
}

fn fault(status: u16, text: &str) -> Fault {
    let code = code_of(text);
    match (status, code) {
        (404, Some("NoSuchBucket")) => Fault::NoBucket,
        (404, _) => Fault::Absent,
        (301 | 307 | 308, _) => Fault::Refused("the bucket is in another region: set AWS_REGION".into()),
        (429 | 500..=599, code) => Fault::Away(format!("it answered {status}{}", bracketed(code))),
        (status, code) => Fault::Refused(format!("it answered {status}{}", bracketed(code))),
    }
}

fn bracketed(code: Option<&str>) -> String {
    code.map(|code| format!(" ({code})")).unwrap_or_default()
}

/// The store's word for what is wrong. Its longer message may quote what was signed.
fn code_of(text: &str) -> Option<&str> {
    let code = text.split_once("<Code>")?.1.split_once("</Code>")?.0;
    (code.len() <= MAX_CODE_CHARS && code.chars().all(|c| c.is_ascii_alphanumeric())).then_some(code)
}

/// Never the address, which holds a signature.
fn words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "no answer in time".into(),
        ureq::Error::HostNotFound => "its host is unknown".into(),
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::ConnectionFailed => "no connection".into(),
        ureq::Error::Rustls(error) => format!("TLS: {error}"),
        _ => "the connection broke".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_faults() {
        let check = |status: u16, text: &str, expected: &str| {
            assert_eq!(format!("{:?}", fault(status, text)), expected, "{status} {text}");
        };
        let error = |code: &str| format!("<?xml?><Error><Code>{code}</Code><StringToSign>x</StringToSign></Error>");
        check(404, &error("NoSuchBucket"), "NoBucket");
        check(404, &error("NoSuchKey"), "Absent");
        check(404, "", "Absent");
        check(403, &error("SignatureDoesNotMatch"), r#"Refused("it answered 403 (SignatureDoesNotMatch)")"#);
        check(403, &error("a\nb"), r#"Refused("it answered 403")"#);
        check(301, "", r#"Refused("the bucket is in another region: set AWS_REGION")"#);
        check(503, &error("SlowDown"), r#"Away("it answered 503 (SlowDown)")"#);
        check(500, "<html>", r#"Away("it answered 500")"#);
    }
}
