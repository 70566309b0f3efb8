//! What can go wrong with an artifact.

use std::path::{Path, PathBuf};

/// Every fault of this crate. None of them is a panic, whatever a file holds.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// No such artifact (never made, or evicted).
    #[error("{}: no such artifact", path.display())]
    NotFound { path: PathBuf },

    /// The file is not a complete, consistent Arrow IPC file: cut short, corrupt, or something else altogether.
    #[error("{}: not a readable Arrow file: {reason}", path.display())]
    Malformed { path: PathBuf, reason: String },

    /// The file is sound but asks for more work than a table of its size should.
    #[error("{}: {what} is over the limit of {limit}", path.display())]
    TooLarge { path: PathBuf, what: String, limit: u64 },

    /// A key that could lead outside the store.
    #[error("{key:?} is not an artifact key: {reason}")]
    BadKey { key: String, reason: &'static str },

    /// The store where it lies doesn't answer, or not as it should. That may pass.
    #[error("{place} can't be reached: {reason}")]
    Away { place: String, reason: String },

    /// The store where it lies won't have it. The same call would be refused again.
    #[error("{place} refused it: {reason}")]
    Refused { place: String, reason: String },

    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

impl ArtifactError {
    /// An input/output error, with "not found" told apart because callers answer it differently ("evicted, re-create").
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::NotFound => Self::NotFound { path: path.to_owned() },
            _ => Self::Io { path: path.to_owned(), source },
        }
    }
}

/// A fault found inside a file, before the file's name is known to the code that found it.
#[derive(Debug)]
pub(crate) enum Flaw {
    Malformed(String),
    TooLarge { what: String, limit: u64 },
}

impl Flaw {
    pub(crate) fn malformed(reason: impl Into<String>) -> Self {
        Self::Malformed(reason.into())
    }

    pub(crate) fn at(self, path: &Path) -> ArtifactError {
        let path = path.to_owned();
        match self {
            Self::Malformed(reason) => ArtifactError::Malformed { path, reason },
            Self::TooLarge { what, limit } => ArtifactError::TooLarge { path, what, limit },
        }
    }
}

impl From<arrow_schema::ArrowError> for Flaw {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// Runs code that reads untrusted bytes. A panic in it is the file's fault, not the process's end: the checks before
/// decoding should leave none, this is the last line.
pub(crate) fn guard<T>(path: &Path, work: impl FnOnce() -> Result<T, Flaw>) -> Result<T, ArtifactError> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|flaw| flaw.at(path)),
        Err(payload) => {
            let said = payload.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Err(Flaw::malformed(format!("reading it failed inside: {said}")).at(path))
        }
    }
}
