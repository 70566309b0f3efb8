//! Rows, keys and errors of the store.

use crate::DagKey;
use serde::{Deserialize, Serialize};

pub type Result<T> = std::result::Result<T, StoreError>;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database can't be opened: {0}")]
    Open(String),
    #[error("the database was written by a newer Suanzi (schema {found}, this one knows {known})")]
    NewerSchema { found: u32, known: u32 },
    #[error("the database is locked by another process")]
    Locked,
    #[error("no space left for the database")]
    Full,
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// The transaction may or may not have been committed: read back.
    #[error("the commit's outcome is unknown: {0}")]
    CommitUnknown(String),
    /// The database's server can't be reached for now; nothing of the transaction was kept.
    #[error("the database is away: {0}")]
    Away(String),
    /// The server went away during a commit, which may or may not have been kept. Once it is back: [`Store::apply`] may be called again with the same batch, other verbs read back.
    #[error("the database went away during a commit: {0}")]
    AwayAtCommit(String),
    #[error("{0}")]
    Conflict(String),
    /// Of a scheduled run: that time of the DAG has begun its run already.
    #[error("run {run_id} was begun for that time already")]
    LogicalTimeTaken { run_id: String },
    /// Of a run asked for under a key: the key has begun its run already.
    #[error("run {run_id} was begun under that key already")]
    AskedBefore { run_id: String },
    #[error("database error: {0}")]
    Database(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunKey(pub u64);
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DagVersionKey(pub u64);
/// A 32-byte hash, as the cache uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CacheKey(pub [u8; 32]);
/// Unique name of an artifact: `<run>-<op>-<attempt>-<port>-<token>`; also its file's stem.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ArtifactId(pub String);

/// Wall-clock milliseconds since 1970.
pub type EpochMillis = i64;

#[derive(Debug, Clone, PartialEq)]
pub struct NewDagVersion {
    /// The DAG's identity: its `name`, else the file's absolute path.
    pub identity: String,
    pub source: String,
    /// BLAKE3 of `source`, hex.
    pub source_hash: String,
    pub operators: Vec<OperatorRow>,
    pub relations: Vec<RelationRow>,
    pub created_at: EpochMillis,
}

/// One operator of a version: `inputs`, `outputs` and `params` are JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatorRow {
    pub op: u32,
    pub operator_id: String,
    pub algo_name: String,
    pub category: String,
    pub inputs: String,
    pub outputs: String,
    pub params: String,
    pub config: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelationRow {
    pub source: u32,
    pub source_index: u16,
    pub target: u32,
    pub target_index: u16,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DagVersionRow {
    pub key: DagVersionKey,
    pub dag: DagKey,
    pub identity: String,
    /// From 1, within the DAG.
    pub version: u32,
    pub source: String,
    pub source_hash: String,
    pub created_at: EpochMillis,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    pub run_id: String,
    pub dag_version: DagVersionKey,
    /// JSON: selection, seed, dataset overrides, operator directories, executor, cache mode. What recovery needs to bind the same run again.
    pub config: String,
    pub total: u32,
    pub token_seed: u64,
    pub created_at: EpochMillis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    Running,
    Success,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    pub key: RunKey,
    pub run_id: String,
    pub dag_version: DagVersionKey,
    pub dag: DagKey,
    /// The DAG version's number.
    pub version: u32,
    pub dag_identity: String,
    pub state: RunState,
    pub config: String,
    pub total: u32,
    pub token_seed: u64,
    pub owner: String,
    pub owner_epoch: u64,
    pub cancel_requested: bool,
    /// Sequence of its newest change; tasks carry the sequence of theirs.
    pub seq: u64,
    pub created_at: EpochMillis,
    pub ended_at: Option<EpochMillis>,
}

#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    pub dag_identity: Option<String>,
    pub states: Vec<RunState>,
    pub before: Option<RunKey>,
    /// At most 1,000; 0 means 1,000.
    pub limit: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    Running,
    /// Waits for its next attempt.
    Retrying,
    Success,
    Cached,
    Failed,
    Skipped,
    Cancelled,
}

impl TaskState {
    pub fn is_final(self) -> bool {
        !matches!(self, TaskState::Running | TaskState::Retrying)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct TaskRow {
    pub op: u32,
    pub state: TaskState,
    /// Of its newest attempt; 0 when it never had one.
    pub attempt_no: u32,
    /// Attempts that count against the user's retries.
    pub failures: u32,
    pub seq: u64,
    pub changed_at: EpochMillis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    Running,
    Success,
    Failed,
    TimedOut,
    Cancelled,
    Lost,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AttemptRow {
    pub op: u32,
    pub attempt_no: u32,
    pub token: u64,
    pub state: AttemptState,
    pub dispatched_at: EpochMillis,
    pub ended: Option<AttemptEnd>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct AttemptEnd {
    pub at: EpochMillis,
    pub wall_us: u64,
    pub cpu_us: u64,
    pub peak_rss_bytes: u64,
    pub worker: String,
    /// JSON of the failure, empty for success.
    pub failure: String,
    pub log_file: u64,
    pub log_start: u64,
    pub log_end: u64,
}

/// What the newest [`crate::PAST_USAGE_ATTEMPTS`] successful attempts of an operator took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastUsage {
    /// Their mean, in microseconds.
    pub wall_us: u64,
    /// The most that one of them held, in bytes: what the next one needs room for. Zero where none was measured.
    pub peak_rss_bytes: u64,
}

impl PastUsage {
    /// Of pairs of microseconds and bytes, the newest first; only as many as count are looked at.
    pub fn of_newest(newest: impl IntoIterator<Item = (u64, u64)>) -> Option<PastUsage> {
        let (mut sum, mut count, mut peak) = (0_u128, 0_u128, 0);
        for (wall_us, peak_rss_bytes) in newest.into_iter().take(crate::PAST_USAGE_ATTEMPTS) {
            sum += u128::from(wall_us);
            count += 1;
            peak = peak_rss_bytes.max(peak);
        }
        let mean = sum.checked_div(count)?;
        Some(PastUsage { wall_us: u64::try_from(mean).unwrap_or(u64::MAX), peak_rss_bytes: peak })
    }
}

/// Records of one commit. Order matters within a run.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub owner: String,
    /// The runs it touches, with the epoch under which their records were made.
    pub runs: Vec<(RunKey, u64)>,
    pub records: Vec<StoreRecord>,
}

/// Each carries the sequence number within its run. Guards: a task row in a final state never changes; an attempt's record applies only if its number is the task's newest
/// (or newer, for `Dispatched`) and its token is the attempt's; an ended attempt never changes. A record that fails its guard is dropped and reported stale, never an error.
///
/// Further: nothing of a task changes once its run has ended, while `Described`, `Keyed` and `Durable` may follow it. A `Dispatched` or `Settled` marks an older attempt that was still
/// running as lost. A record that contradicts itself, takes an artifact's name twice or names an unknown artifact is stale as a whole.
#[derive(Debug, Clone)]
pub enum StoreRecord {
    Dispatched {
        run: RunKey,
        op: u32,
        attempt_no: u32,
        token: u64,
        at: EpochMillis,
        seq: u64,
    },
    Ended {
        run: RunKey,
        op: u32,
        attempt_no: u32,
        token: u64,
        state: AttemptState,
        end: Box<AttemptEnd>,
        /// The task's state after it.
        task: TaskState,
        failures: u32,
        /// For success: what it published, and under which keys it can be found again.
        result: Option<Box<TaskResult>>,
        history_key: String,
        seq: u64,
    },
    /// A task settled without an attempt; a cached one refers to an earlier result's artifacts.
    Settled {
        run: RunKey,
        op: u32,
        state: TaskState,
        outputs: Vec<(u16, ArtifactId)>,
        at: EpochMillis,
        seq: u64,
    },
    /// Computed off the critical path: content id, statistics and schema of a published table.
    Described {
        run: RunKey,
        artifact: ArtifactId,
        content_id: String,
        stats: String,
    },
    /// More cache keys for a result already published.
    Keyed {
        run: RunKey,
        op: u32,
        attempt_no: u32,
        keys: Vec<CacheKey>,
    },
    /// Its file was fsynced.
    Durable {
        run: RunKey,
        artifacts: Vec<ArtifactId>,
    },
    RunEnded {
        run: RunKey,
        state: RunState,
        at: EpochMillis,
        seq: u64,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct TaskResult {
    pub outputs: Vec<NewArtifact>,
    pub keys: Vec<CacheKey>,
    pub self_hash: Option<CacheKey>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewArtifact {
    pub id: ArtifactId,
    pub port: u16,
    pub port_type: String,
    /// Relative to the artifact root; empty for inline ones.
    pub path: String,
    pub inline: Option<Vec<u8>>,
    pub bytes: u64,
    pub rows: Option<u64>,
    pub manifest: String,
    /// What stands for its content in successors' keys, where it isn't a content id (models): hex.
    pub identity: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ArtifactRow {
    pub id: ArtifactId,
    pub run: RunKey,
    pub op: u32,
    pub port_type: String,
    pub path: String,
    pub inline: Option<Vec<u8>>,
    pub bytes: u64,
    pub rows: Option<u64>,
    pub manifest: String,
    pub identity: Option<String>,
    pub content_id: Option<String>,
    pub stats: Option<String>,
    pub durable: bool,
    pub present: bool,
    pub created_at: EpochMillis,
    pub last_used: EpochMillis,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OutputRow {
    pub op: u32,
    pub port: u16,
    pub artifact: ArtifactRow,
}

#[derive(Debug, Clone, Default)]
pub struct ArtifactFilter {
    pub ids: Vec<ArtifactId>,
    /// Not yet durable, of runs that haven't ended or any.
    pub not_durable: bool,
    pub present: bool,
    /// Present files, least recently used first, not pinned by a running run or a registered model. Inline artifacts have no file to gain.
    pub collectable: bool,
    /// 0 means all. Without `collectable` the order is that of `ids`, else of creation.
    pub limit: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CachedResult {
    /// The run and operator that made it.
    pub run_id: String,
    pub run: RunKey,
    pub op: u32,
    pub outputs: Vec<(u16, ArtifactRow)>,
    pub wall_us: u64,
}

/// What identifies a file's state without reading it. `path` is absolute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileStat {
    pub path: String,
    pub device: u64,
    pub inode: u64,
    pub size: u64,
    pub mtime_ns: i64,
    pub ctime_ns: i64,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct DatasetRow {
    pub id: String,
    pub path: String,
    pub created_at: EpochMillis,
    pub description: String,
    /// Empty: the id serves.
    pub title: String,
    /// Of the file it was imported from (`csv`, …); empty where only a path was registered.
    pub format: String,
    pub rows: Option<u64>,
    pub bytes: Option<u64>,
    /// JSON: names and types; empty where nobody looked yet.
    pub columns: String,
    /// The file is the home's own and goes with the row.
    pub managed: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewModelVersion {
    pub name: String,
    pub run: RunKey,
    pub op: u32,
    pub artifact: ArtifactId,
    /// JSON: input schema, metrics, parameters.
    pub manifest: String,
    pub created_at: EpochMillis,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ModelVersionRow {
    pub name: String,
    pub version: u32,
    pub run_id: String,
    pub op: u32,
    pub artifact: ArtifactRow,
    pub manifest: String,
    pub created_at: EpochMillis,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct BatchOutcome {
    /// Runs whose owner or epoch wasn't the batch's: nothing of theirs was written.
    pub refused: Vec<RunKey>,
    /// Positions in `records` dropped by a guard.
    pub stale: Vec<usize>,
}
