//! HTTP over the home's socket: one connection for each call, without threads.

use crate::fail::Failure;
use crate::home::Home;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, header};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use std::io;
use suanzi_api::{
    Code, CodeView, DeployRequest, Items, MAX_BODY_BYTES, Problem, RunEvent, RunView, ServiceView, SubmitAnswer,
    SubmitRequest, path, sse,
};
use tokio::runtime::Runtime;

/// The largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 64 << 20;

pub struct Client {
    home: Home,
    runtime: Runtime,
}

#[derive(Debug)]
pub enum CallError {
    /// Nobody listens, or the connection ended before the answer.
    Away(String),
    /// The owner's answer.
    Refused(Box<Problem>),
    /// It came to no call.
    Failed(Failure),
}

impl From<Failure> for CallError {
    fn from(failure: Failure) -> CallError {
        CallError::Failed(failure)
    }
}

/// Connections and their breaking.
fn away(error: impl std::fmt::Display) -> CallError {
    CallError::Away(error.to_string())
}

impl Client {
    pub fn new(home: &Home) -> Result<Client, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        Ok(Client { home: home.clone(), runtime })
    }

    pub fn submit(&self, request: &SubmitRequest) -> Result<SubmitAnswer, CallError> {
        let body = serde_json::to_vec(request).map_err(Failure::invalid)?;
        if body.len() > MAX_BODY_BYTES {
            let problem = Problem::new(
                Code::BodyTooLarge,
                format!("the DAG is too large to be given to another process ({} MiB at most)", MAX_BODY_BYTES >> 20),
            );
            let hint = "wait until the process that owns the home has ended";
            return Err(CallError::Refused(Box::new(problem.hint(Some(hint)))));
        }
        self.call(Method::POST, path::RUNS, body)
    }

    pub fn resume(&self, run_id: &str) -> Result<SubmitAnswer, CallError> {
        self.call(Method::POST, &path::of_run(path::RUN_RESUME, run_id), Vec::new())
    }

    pub fn cancel(&self, run_id: &str) -> Result<RunView, CallError> {
        self.call(Method::POST, &path::of_run(path::RUN_CANCEL, run_id), Vec::new())
    }

    /// An address that signs in once.
    pub fn code(&self) -> Result<CodeView, CallError> {
        self.call(Method::POST, path::CODES, Vec::new())
    }

    pub fn services(&self) -> Result<Items<ServiceView>, CallError> {
        self.call(Method::GET, path::SERVICES, Vec::new())
    }

    pub fn service(&self, name: &str) -> Result<ServiceView, CallError> {
        self.call(Method::GET, &path::of_service(path::SERVICE, name), Vec::new())
    }

    /// Waits until the model answers.
    pub fn deploy(&self, name: &str, asked: &DeployRequest) -> Result<ServiceView, CallError> {
        let body = serde_json::to_vec(asked).map_err(Failure::invalid)?;
        self.call(Method::PUT, &path::of_service(path::SERVICE, name), body)
    }

    pub fn roll_back(&self, name: &str) -> Result<ServiceView, CallError> {
        self.call(Method::POST, &path::of_service(path::SERVICE_ROLL_BACK, name), Vec::new())
    }

    pub fn remove_service(&self, name: &str) -> Result<(), CallError> {
        let at = path::of_service(path::SERVICE, name);
        self.runtime.block_on(async { self.send(Method::DELETE, &at, Vec::new()).await.map(drop) })
    }

    /// Gives a run's events from its first one on, until the stream ends, however it does.
    pub fn events(&self, run_id: &str, tell: &mut dyn FnMut(RunEvent)) -> Result<(), CallError> {
        self.runtime.block_on(async {
            let response = self.send(Method::GET, &path::of_run(path::RUN_EVENTS, run_id), Vec::new()).await?;
            let mut body = response.into_body();
            let mut reader = sse::Reader::default();
            while let Some(frame) = body.frame().await {
                let Ok(piece) = frame.map_err(away)?.into_data() else { continue };
                for event in reader.push(&piece).map_err(|_| away("an event is too long"))? {
                    // Kinds of events that a newer owner tells are passed over.
                    if let Ok(event) = serde_json::from_str(&event.data) {
                        tell(event);
                    }
                }
            }
            Ok(())
        })
    }

    fn call<T: DeserializeOwned>(&self, method: Method, at: &str, body: Vec<u8>) -> Result<T, CallError> {
        self.runtime.block_on(async {
            let response = self.send(method, at, body).await?;
            let bytes = collect(response).await?;
            serde_json::from_slice(&bytes)
                .map_err(|e| Failure::invalid(format!("the owner's answer isn't understood: {e}")).into())
        })
    }

    /// A response of success, or the problem it carries.
    async fn send(&self, method: Method, at: &str, body: Vec<u8>) -> Result<Response<Incoming>, CallError> {
        let stream = self.connect().map_err(away)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(away)?;
        // Its end shows in the response.
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(at)
            .header(header::HOST, "suanzi")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(Failure::invalid)?;
        let response = sender.send_request(request).await.map_err(away)?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let problem = serde_json::from_slice(&collect(response).await?)
            .unwrap_or_else(|_| Problem::new(Code::Unknown, format!("the owner answered {status}")));
        Err(CallError::Refused(Box::new(problem)))
    }

    fn connect(&self) -> io::Result<tokio::net::UnixStream> {
        let stream = self.home.connect()?;
        stream.set_nonblocking(true)?;
        tokio::net::UnixStream::from_std(stream)
    }
}

async fn collect(response: Response<Incoming>) -> Result<Bytes, CallError> {
    Ok(Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await.map_err(away)?.to_bytes())
}
