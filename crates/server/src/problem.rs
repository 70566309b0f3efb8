//! Everything that can go wrong, as problem+json: the one place where errors of the engine become answers.

use crate::host::Refusal;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::io::ErrorKind;
use suanzi_api::{Code, PROBLEM_JSON, Problem};
use suanzi_artifact::ArtifactError;
use suanzi_dag::Faults;
use suanzi_dag_engine::{PrepareError, SubmitError};
use suanzi_store::StoreError;

/// When an engine that ends has perhaps been followed by another, and a database that is away may be back.
const RETRY_AFTER_S: u64 = 5;

/// When requests of a service that were under way have probably been answered.
const BUSY_RETRY_AFTER_S: u64 = 1;

/// An answer that is a problem.
pub(crate) struct Answer(pub Problem);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let text = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], text).into_response();
        let headers = response.headers_mut();
        match self.0.code {
            Code::Unauthorized => drop(headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Code::ServiceBusy => drop(headers.insert(header::RETRY_AFTER, HeaderValue::from(BUSY_RETRY_AFTER_S))),
            Code::Closing | Code::DatabaseAway | Code::ServiceDown => {
                drop(headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S)))
            }
            _ => {}
        }
        response
    }
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Answer {
        Answer(problem)
    }
}

pub(crate) async fn no_route(uri: Uri) -> Answer {
    Answer(Problem::new(Code::NotFound, format!("there is nothing at {}", uri.path())))
}

pub(crate) async fn no_method(uri: Uri) -> Answer {
    Answer(Problem::new(Code::MethodNotAllowed, format!("{} doesn't take this method", uri.path())))
}

pub(crate) fn no_run(run_id: &str) -> Problem {
    Problem::new(Code::NotFound, format!("there is no run '{run_id}'"))
}

pub(crate) fn of_faults(faults: &Faults) -> Problem {
    let errors = faults.0.iter().filter(|f| !f.warning).count();
    let mut problem =
        Problem::new(Code::InvalidDag, format!("{errors} {} in the DAG", if errors == 1 { "error" } else { "errors" }));
    problem.faults = crate::wire::faults(faults);
    problem
}

pub(crate) fn of_store(error: &StoreError) -> Problem {
    match error {
        StoreError::Away(_) | StoreError::AwayAtCommit(_) | StoreError::Locked => {
            let hint = "runs that go wait for it, nothing of them is lost; ask again";
            Problem::new(Code::DatabaseAway, error.to_string()).hint(Some(hint))
        }
        StoreError::Full => Problem::new(Code::NoSpace, error.to_string())
            .hint(Some("free some space; `suanzi cache gc` removes results that are not needed")),
        error => Problem::new(Code::Store, error.to_string()),
    }
}

/// What a run's files couldn't be made for.
fn of_io(error: &std::io::Error) -> Problem {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem => {
            Problem::new(Code::NoSpace, format!("nothing can be written: {error}"))
        }
        _ => Problem::new(Code::Store, error.to_string()),
    }
}

/// A table's file that isn't what it should be.
pub(crate) fn of_artifact(error: &ArtifactError) -> Problem {
    Problem::new(Code::BadTable, error.to_string())
}

pub(crate) fn of_refusal(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Prepare(PrepareError::Faults(faults)) => of_faults(&faults),
        Refusal::Prepare(PrepareError::Store(error)) => of_store(&error),
        Refusal::Table { message, hint } => Problem::new(Code::BadTable, message).hint(hint),
        Refusal::Around { message, hint } => Problem::new(Code::CannotPrepare, message).hint(hint),
    }
}

pub(crate) fn of_submit(error: SubmitError) -> Problem {
    match error {
        SubmitError::MissingInputs(faults) => of_faults(&faults),
        SubmitError::Store(error) => of_store(&error),
        SubmitError::Io(error) => of_io(&error),
        error @ SubmitError::Artifact(_) => Problem::new(Code::Store, error.to_string()),
    }
}
