//! One batch, one transaction. The runs' rows are locked first, and with them everything of their tasks: whoever writes a
//! task holds its run's lock. What the records' guards look at is read, the records are judged in memory, and the outcome
//! is written with statements of many rows.

mod judge;
mod load;
mod write;

use std::collections::{BTreeMap, HashMap};

use suanzi_store::*;

use crate::session::{Answer, Session};

pub(crate) fn apply(
    session: &mut dyn Session,
    batch: &Batch,
    uses: &[(ArtifactId, EpochMillis)],
) -> Answer<BatchOutcome> {
    let mut desk = Desk::default();
    load::owners(session, batch, &mut desk)?;
    load::rows(session, batch, &mut desk)?;
    judge::all(batch, &mut desk);
    write::all(session, batch, &mut desk)?;
    crate::artifacts::touch(session, uses)?;
    Ok(desk.outcome)
}

type TaskId = (RunKey, u32);

/// What a batch is judged over: rows as they are in the database, then as they will be.
#[derive(Default)]
struct Desk<'b> {
    /// `None`: refused.
    runs: HashMap<RunKey, Option<OwnRun>>,
    tasks: HashMap<TaskId, Task>,
    attempts: BTreeMap<(RunKey, u32, u32), Attempt<'b>>,
    artifacts: HashMap<&'b str, Artifact>,
    fresh_artifacts: Vec<FreshArtifact<'b>>,
    described: Vec<(i64, &'b str, &'b str)>,
    durable: Vec<i64>,
    outputs: Vec<(TaskId, u16, ArtifactRef)>,
    results: HashMap<TaskId, PublishedResult>,
    fresh_results: Vec<(TaskId, u32, Option<CacheKey>)>,
    keys: HashMap<CacheKey, Keyed>,
    outcome: BatchOutcome,
}

/// A run this batch may write.
struct OwnRun {
    running: bool,
    ended: Option<(RunState, EpochMillis)>,
    seq: u64,
    seq_in_database: u64,
}

#[derive(Clone, Copy)]
struct Task {
    state: TaskState,
    attempt_no: u32,
    token: u64,
    failures: u32,
    seq: u64,
    changed_at: EpochMillis,
    changed: bool,
}

/// Of an attempt that began or ended in this batch. One that began earlier keeps its token and time in the database.
struct Attempt<'b> {
    token: u64,
    dispatched_at: EpochMillis,
    end: Option<End<'b>>,
}

/// How and when; what was measured and the key of its history, unless nobody will hear of it.
type End<'b> = (AttemptState, EpochMillis, Option<Measured<'b>>);
type Measured<'b> = (&'b AttemptEnd, &'b str);

#[derive(Clone, Copy)]
enum ArtifactRef {
    Kept(i64),
    Fresh(usize),
}

#[derive(Clone, Copy)]
struct Artifact {
    at: ArtifactRef,
    present: bool,
}

struct FreshArtifact<'b> {
    task: TaskId,
    new: &'b NewArtifact,
    created_at: EpochMillis,
    described: Option<(&'b str, &'b str)>,
    durable: bool,
}

/// In the order in which results came to be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ResultRef {
    Kept(i64),
    Fresh(usize),
}

#[derive(Clone, Copy)]
struct PublishedResult {
    at: ResultRef,
    attempt_no: u32,
    whole: bool,
}

#[derive(Clone, Copy)]
struct Keyed {
    result: ResultRef,
    whole: bool,
    changed: bool,
}
