//! Planted defects: tests of the whole engine must find each of them. Only compiled for tests and under the feature `planted-defects`.

/// What the SQLite store does wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Batches are written whoever owns the run.
    MissingEpochFence,
    /// An attempt's end is accepted whatever its number and token.
    MissingAttemptFence,
    /// Commits aren't synced to disk.
    SynchronousOff,
}

impl Defect {
    /// The defect named by the environment variable `SUANZI_DEFECT`, in snake case; other names belong to other crates.
    #[cfg(feature = "planted-defects")]
    pub(super) fn from_env() -> Option<Defect> {
        match std::env::var("SUANZI_DEFECT").ok()?.as_str() {
            "missing_epoch_fence" => Some(Defect::MissingEpochFence),
            "missing_attempt_fence" => Some(Defect::MissingAttemptFence),
            "synchronous_off" => Some(Defect::SynchronousOff),
            _ => None,
        }
    }
}
