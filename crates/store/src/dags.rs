//! DAGs that are kept: under a title, with versions and at most one draft.

use crate::{DagVersionKey, EpochMillis, RunKey};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DagKey(pub u64);

/// A DAG without its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DagRow {
    pub key: DagKey,
    pub identity: String,
    /// Empty: the identity serves.
    pub title: String,
    pub hidden: bool,
    /// 0 for one that never had a version.
    pub version: u32,
    pub version_key: Option<DagVersionKey>,
    /// Operators of its newest version.
    pub operators: u64,
    /// Of the draft there is, else of the last there was; 0 if there never was one.
    pub draft_revision: u64,
    pub has_draft: bool,
    /// Of the newest version or of the draft, whichever is later.
    pub updated_at: EpochMillis,
    pub newest_run: Option<RunKey>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRow {
    pub source: String,
    pub revision: u64,
    pub at: EpochMillis,
}

/// Newest first. Hidden DAGs are left out.
#[derive(Debug, Clone, Default)]
pub struct DagFilter {
    /// A part of the title, or of the identity where there is none; in any case of letters.
    pub text: String,
    pub before: Option<DagKey>,
    /// At most 1,000; 0 means 1,000.
    pub limit: u32,
}

/// What became of a change that was made on a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded<T> {
    Done(T),
    /// Somebody was faster: this is the present number.
    Moved(T),
}

/// A version without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DagVersionLine {
    pub version: u32,
    pub created_at: EpochMillis,
    pub source_hash: String,
}

/// How far the tasks of a run are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TaskCounts {
    /// In a final state.
    pub done: u32,
    pub failed: u32,
    pub cached: u32,
}

/// What makes a request the same when it is made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    pub key: String,
    /// Of all that was asked.
    pub request_hash: String,
}

/// A request that was made under a key of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedOnce {
    pub request: RequestKey,
    pub run_id: String,
    pub created_at: EpochMillis,
}
