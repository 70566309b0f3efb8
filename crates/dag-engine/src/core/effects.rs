//! What the core wants done by the outside.

use crate::event::RunEvent;
use suanzi_executor::{AttemptId, TaskRequest};
use suanzi_store::{ArtifactId, CacheKey, EpochMillis, FileStat, RunKey, StoreRecord};

/// Both clocks, read once per input.
#[derive(Debug, Clone, Copy, Default)]
pub struct Now {
    /// Monotonic, for deadlines.
    pub mono_ms: u64,
    /// Wall clock, for rows people read.
    pub wall: EpochMillis,
}

/// Buffers reused by the caller.
#[derive(Default)]
pub struct Effects {
    pub starts: Vec<(u16, Box<TaskRequest>)>,
    /// Attempts of an earlier engine, to be watched from now on. Before the stops.
    pub re_attaches: Vec<(u16, Box<TaskRequest>)>,
    pub stops: Vec<(u16, AttemptId)>,
    /// Attempts that are another engine's now: neither watched nor stopped.
    pub let_go: Vec<(u16, AttemptId)>,
    /// Answer each with [`super::Core::looked_up`].
    pub lookups: Vec<LookupJob>,
    pub describes: Vec<DescribeJob>,
    /// Answer each with [`super::Core::files_checked`].
    pub checks: Vec<CheckJob>,
    pub timer_ms: Option<u64>,
    /// For the writer, in order, with the epochs of the runs they belong to.
    pub records: Vec<StoreRecord>,
    pub runs: Vec<(RunKey, u64)>,
    /// To be done once `records` (and all before them) are committed.
    pub after: Vec<AfterCommit>,
    /// Events that need no commit.
    pub events: Vec<RunEvent>,
}

pub struct LookupJob {
    pub run: RunKey,
    pub op: u32,
    pub key: CacheKey,
}

/// A published file to be read for its content id and statistics (tables), and made durable.
#[derive(Debug, Clone)]
pub struct DescribeJob {
    pub run: RunKey,
    pub epoch: u64,
    pub op: u32,
    pub port: u16,
    pub artifact: ArtifactId,
    pub path: std::path::PathBuf,
    pub table: bool,
}

/// An operator that read files is done: are they still the ones that its keys were made of?
#[derive(Debug, Clone)]
pub struct CheckJob {
    pub run: RunKey,
    pub op: u32,
    pub attempt_no: u32,
    pub stats: Vec<FileStat>,
}

/// What an `endpoint` asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    pub run: RunKey,
    pub service: String,
    pub model: String,
    /// Requests that may be under way at one time, where that is to change.
    pub concurrency: Option<u32>,
    /// The task that registered the version: its run and its operator.
    pub registered_by: (RunKey, u32),
    pub at: suanzi_store::EpochMillis,
}

pub enum AfterCommit {
    Event(RunEvent),
    /// The dispatch record of a side-effecting attempt is durable: tell [`super::Core::committed`].
    Release(AttemptId),
    /// The end of an attempt that outlives engines is durable: its executor needn't keep it any more.
    Recorded(u16, AttemptId),
    /// A `model_ref` was published: enter it in the registry.
    Register(Box<suanzi_store::NewModelVersion>),
    /// An `endpoint` was published: put the model behind the service.
    Deploy(Box<Deployment>),
    /// The run is over or lost: nobody here looks at it any more.
    Gone {
        run: RunKey,
    },
}

impl AfterCommit {
    pub fn run(&self) -> RunKey {
        match self {
            AfterCommit::Event(event) => event.run(),
            AfterCommit::Release(attempt) | AfterCommit::Recorded(_, attempt) => RunKey(attempt.run),
            AfterCommit::Register(model) => model.run,
            AfterCommit::Deploy(deployment) => deployment.run,
            AfterCommit::Gone { run } => *run,
        }
    }
}

impl Effects {
    /// Notes the epoch under which a run's records are made.
    pub(super) fn touch(&mut self, run: RunKey, epoch: u64) {
        if self.runs.last() != Some(&(run, epoch)) && !self.runs.contains(&(run, epoch)) {
            self.runs.push((run, epoch));
        }
    }
}
