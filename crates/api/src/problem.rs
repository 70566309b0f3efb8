//! What went wrong with a request: problem+json (RFC 9457) with a stable code and, for a DAG, all its faults.

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:suanzi:problem:` and the code.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub kind: Box<str>,
    /// The same for every problem of this code.
    #[schema(value_type = String)]
    pub title: Box<str>,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong this time.
    pub detail: String,
    pub code: Code,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub hint: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// Of a conflict: the number that is the newest by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<u64>,
}

/// Stable: clients decide by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProblemCode)]
pub enum Code {
    /// No such route, or no such run.
    NotFound,
    MethodNotAllowed,
    /// The body isn't what the route takes.
    BadRequest,
    BodyTooLarge,
    /// The route doesn't take this content type.
    UnsupportedMediaType,
    /// The body didn't come in time.
    RequestTimeout,
    /// No token, no session, or one that isn't valid (any more).
    Unauthorized,
    /// Signed in, but not allowed: another site's page, a missing CSRF header, or a right that this way in doesn't give.
    Forbidden,
    /// The `Host` isn't one of this server's.
    Misdirected,
    /// Too many failed attempts to sign in.
    TooManyAttempts,
    /// An option that only commands on the server's own host may give.
    OptionRefused,
    /// This process serves no page: it isn't `suanzi serve`.
    NoWeb,
    /// A file that can't be read as a table, or not with the types asked for.
    BadTable,
    /// A cron expression or time zone that isn't one.
    BadSchedule,
    /// A dataset of that id is there.
    DatasetExists,
    /// No space is left on the server's disk.
    NoSpace,
    /// Somebody else changed it since: `present` is its number now.
    VersionConflict,
    /// What is replaced must be said.
    PreconditionRequired,
    /// That idempotency key was used for another request.
    KeyReused,
    /// An edit that can't be made; the first fault says which and why.
    EditRefused,
    /// Nothing mends that finding in this DAG.
    NoFix,
    /// The output isn't of the kind that was asked for.
    WrongOutput,
    /// The output's bytes were collected.
    Evicted,
    /// The DAG has faults; they are all listed.
    InvalidDag,
    /// The DAG can't be prepared here: operators, interpreter or datasets.
    CannotPrepare,
    /// The run has ended.
    RunEnded,
    /// The run is going in this engine already.
    RunIsGoing,
    /// The run isn't ended, and not in this engine either: it was interrupted.
    RunInterrupted,
    TooManyRuns,
    /// The engine is about to end; whoever asks next may take the home.
    Closing,
    /// The database can't be reached or is busy; the same request may succeed later.
    DatabaseAway,
    /// Rows that the model doesn't take: `faults` say which, where that is known.
    InvalidInput,
    /// A model's version that can't be served: its file, its libraries.
    ModelUnusable,
    /// The service has no version before this one.
    NothingBefore,
    /// As many requests of the service are under way as may be.
    ServiceBusy,
    /// The service's process ended or didn't answer; it is started again.
    ServiceDown,
    /// The database refused.
    Store,
    /// A code that a newer server sends.
    #[serde(other)]
    Unknown,
}

impl Code {
    pub fn status(self) -> u16 {
        match self {
            Code::BadRequest => 400,
            Code::Unauthorized => 401,
            Code::Forbidden => 403,
            Code::NotFound | Code::NoFix => 404,
            Code::MethodNotAllowed => 405,
            Code::RequestTimeout => 408,
            Code::DatasetExists
            | Code::Evicted
            | Code::WrongOutput
            | Code::RunEnded
            | Code::RunIsGoing
            | Code::RunInterrupted
            | Code::NothingBefore
            | Code::NoWeb => 409,
            Code::VersionConflict => 412,
            Code::BodyTooLarge => 413,
            Code::UnsupportedMediaType => 415,
            Code::Misdirected => 421,
            Code::BadSchedule
            | Code::BadTable
            | Code::EditRefused
            | Code::KeyReused
            | Code::InvalidDag
            | Code::InvalidInput
            | Code::ModelUnusable
            | Code::CannotPrepare
            | Code::OptionRefused => 422,
            Code::PreconditionRequired => 428,
            Code::TooManyRuns | Code::TooManyAttempts | Code::ServiceBusy => 429,
            Code::Store | Code::Unknown => 500,
            Code::Closing | Code::DatabaseAway | Code::ServiceDown => 503,
            Code::NoSpace => 507,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Code::NotFound => "Not found",
            Code::MethodNotAllowed => "Method not allowed",
            Code::BadRequest => "Bad request",
            Code::BodyTooLarge => "Body too large",
            Code::UnsupportedMediaType => "Unsupported content type",
            Code::RequestTimeout => "The body took too long",
            Code::Unauthorized => "Not signed in",
            Code::Forbidden => "Not allowed",
            Code::Misdirected => "Not this server's host",
            Code::TooManyAttempts => "Too many attempts",
            Code::OptionRefused => "Option not allowed here",
            Code::NoWeb => "No page is served here",
            Code::BadTable => "Not a table that can be read",
            Code::BadSchedule => "Not a schedule",
            Code::DatasetExists => "The dataset exists",
            Code::NoSpace => "No space left",
            Code::VersionConflict => "Changed by somebody else",
            Code::PreconditionRequired => "What is replaced must be said",
            Code::KeyReused => "The key was used for another request",
            Code::EditRefused => "The edit can't be made",
            Code::NoFix => "No fix",
            Code::WrongOutput => "Not that kind of output",
            Code::Evicted => "The output was collected",
            Code::InvalidDag => "Invalid DAG",
            Code::CannotPrepare => "The DAG can't be prepared",
            Code::RunEnded => "The run has ended",
            Code::RunIsGoing => "The run is going already",
            Code::RunInterrupted => "The run was interrupted",
            Code::TooManyRuns => "Too many runs",
            Code::Closing => "The engine is about to end",
            Code::DatabaseAway => "The database can't be reached",
            Code::InvalidInput => "Not what the model takes",
            Code::ModelUnusable => "The model can't be served",
            Code::NothingBefore => "Nothing was served before",
            Code::ServiceBusy => "Too many requests",
            Code::ServiceDown => "The service is down",
            Code::Store => "The database refused",
            Code::Unknown => "Unknown",
        }
    }

    fn word(self) -> String {
        serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
    }
}

impl Problem {
    pub fn new(code: Code, detail: impl Into<String>) -> Problem {
        Problem {
            kind: format!("urn:suanzi:problem:{}", code.word()).into(),
            title: code.title().into(),
            status: code.status(),
            detail: detail.into(),
            code,
            hint: None,
            faults: Vec::new(),
            present: None,
        }
    }

    pub fn hint(mut self, hint: Option<impl Into<String>>) -> Problem {
        self.hint = hint.map(|hint| hint.into().into_boxed_str());
        self
    }
}

/// One fault of a DAG or of a request to a model, with its place where it has one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    pub code: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// From 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// In characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Of a model's input: the row, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// Of a model's input: the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Of a model's input: what that column takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// A warning doesn't stop a run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub warning: bool,
}

impl fmt::Display for Fault {
    /// `12:5: error[cycle]: message` and, on a line of its own, `hint: …`: as faults found locally are printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "{line}:{column}: ")?;
        }
        write!(f, "{}[{}]: {}", if self.warning { "warning" } else { "error" }, self.code, self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_problem_json() {
        let problem = Problem::new(Code::InvalidDag, "1 error").hint(Some("mend it"));
        let text = serde_json::to_string(&problem).expect("problems are JSON");
        assert_eq!(
            text,
            r#"{"type":"urn:suanzi:problem:invalid_dag","title":"Invalid DAG","status":422,"detail":"1 error","code":"invalid_dag","hint":"mend it"}"#
        );
        assert_eq!(serde_json::from_str::<Problem>(&text).expect("it reads back"), problem);
    }

    #[test]
    fn a_newer_code_is_read() {
        let read: Problem =
            serde_json::from_str(r#"{"type":"t","title":"T","status":418,"detail":"d","code":"teapot"}"#)
                .expect("reads");
        assert_eq!((read.code, read.status), (Code::Unknown, 418));
    }
}
