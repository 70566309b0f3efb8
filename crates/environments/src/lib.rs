//! Python environments of operators' own: each named by the hash of what it is made of, made once, kept below the home, and taken away when nobody needs it.
//!
//! An environment is a virtual environment whose own packages come first and behind which everything of the base environment stays reachable: what an operator pins wins,
//! and Suanzi, pandas and whatever else is there already need not be installed again.

mod base;
mod child;
mod kept;
mod lease;
mod make;

pub use base::{Base, EnvironmentId};
pub use kept::{Kept, State};
pub use lease::Lease;
pub use make::Making;

use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long one may take to be made unless options say otherwise: large wheels come over slow lines.
pub const DEFAULT_LIMIT: Duration = Duration::from_secs(30 * 60);

/// Where environments lie and on what they stand.
#[derive(Debug, Clone)]
pub struct Environments {
    root: PathBuf,
    base: Base,
    limit: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// In words of whatever made it: pip's last lines.
    #[error("the environment with {requirements} couldn't be made: {reason}")]
    Failed { requirements: String, reason: String },
    /// Nobody waits for it any more.
    #[error("making the environment was given up")]
    Cancelled,
    #[error("the environment {0} is in use")]
    InUse(EnvironmentId),
    #[error("{}: {reason}", path.display())]
    Io { path: PathBuf, reason: String },
}

impl EnvironmentError {
    pub fn hint(&self) -> &'static str {
        match self {
            EnvironmentError::Failed { .. } => {
                "correct the requirements, or how pip finds packages (PIP_INDEX_URL, PIP_FIND_LINKS, pip.conf); `suanzi env create` tries again"
            }
            EnvironmentError::Cancelled => "it is begun anew when it is needed again",
            EnvironmentError::InUse(_) => "end what runs in it, or wait until its workers have ended",
            EnvironmentError::Io { .. } => "check that the path exists and can be written",
        }
    }

    pub(crate) fn io(path: &Path, error: impl std::fmt::Display) -> EnvironmentError {
        EnvironmentError::Io { path: path.to_path_buf(), reason: error.to_string() }
    }
}

impl Environments {
    /// Below `root`, made when the first one is.
    pub fn new(root: PathBuf, base: Base) -> Environments {
        Environments { root, base, limit: DEFAULT_LIMIT }
    }

    /// With another limit for how long one may take to be made.
    pub fn with_limit(mut self, limit: Duration) -> Environments {
        self.limit = limit;
        self
    }

    /// Names the environment with these requirements, which are sorted and each in its one form.
    pub fn id(&self, requirements: &[String]) -> EnvironmentId {
        self.base.id(requirements)
    }

    /// Whether it needs not be made.
    pub fn is_ready(&self, id: &EnvironmentId) -> bool {
        kept::is_whole(&self.dir(id))
    }

    /// What was said while it was made.
    pub fn log(&self, id: &EnvironmentId) -> PathBuf {
        self.dir(id).join(make::LOG)
    }

    pub(crate) fn dir(&self, id: &EnvironmentId) -> PathBuf {
        self.root.join(id.as_str())
    }
}
