//! Durable state. Four databases' worth of difference stays behind [`Store`]; one conformance suite holds every implementation to the same outcomes.
//!
//! SQL state rows are the only truth. The hot verb is [`Store::apply`]; the cold ones are one transaction each.

mod clock;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod dags;
mod memory;
mod models;
mod record;
mod schedules;
mod services;
mod sqlite;
#[cfg(test)]
mod tests;
mod touches;
mod types;
mod warnings;
mod word;
pub use dags::*;
pub use memory::MemoryStore;
pub use models::*;
pub use schedules::*;
pub use services::*;
#[cfg(any(test, feature = "planted-defects"))]
pub use sqlite::Defect;
pub use sqlite::{OpenMode, SqliteStore};
pub use types::*;

/// What implementations of [`Store`] in other crates build on.
pub mod implementing {
    pub use crate::clock::now_ms;
    pub use crate::touches::Touches;
    pub use crate::warnings::Warnings;
    pub use crate::word::Word;
}

/// How many of the newest successful attempts [`Store::past_usage`] looks at.
pub const PAST_USAGE_ATTEMPTS: usize = 5;
/// Most rows one [`Store::runs`] call gives back.
pub const RUNS_PAGE_MAX_ROWS: u32 = 1_000;

pub trait Store: Send + Sync {
    // ---- definitions
    /// Stores a version of a DAG with its operators, relations and source text; gives the existing version back when its source hash is the DAG's newest one.
    fn put_dag_version(&self, version: &NewDagVersion) -> Result<DagVersionKey>;
    fn dag_version(&self, key: DagVersionKey) -> Result<Option<DagVersionRow>>;

    // ---- DAGs that are kept
    /// A DAG without a version. `Conflict` where one of that identity is there, hidden ones too.
    fn create_dag(&self, identity: &str, title: &str) -> Result<DagKey>;
    fn dag(&self, key: DagKey) -> Result<Option<DagRow>>;
    fn dags(&self, filter: &DagFilter) -> Result<Vec<DagRow>>;
    /// Stores a version of that DAG (whatever identity `version` has) if its newest is `expected`, drops its draft, and sets the title if there is one. Gives the number of the newest version. `Conflict` where there is no such DAG.
    fn save_dag(
        &self,
        key: DagKey,
        expected: u32,
        version: &NewDagVersion,
        title: Option<&str>,
    ) -> Result<Guarded<u32>>;
    fn draft(&self, key: DagKey) -> Result<Option<DraftRow>>;
    /// Puts `source` in the place of the draft whose revision is `expected`, 0 for none. Revisions of a DAG never come twice. `Conflict` where there is no such DAG.
    fn put_draft(&self, key: DagKey, expected: u64, source: &str, at: EpochMillis) -> Result<Guarded<u64>>;
    fn drop_draft(&self, key: DagKey) -> Result<bool>;
    /// Leaves it out of lists; its versions and runs stay.
    fn hide_dag(&self, key: DagKey) -> Result<bool>;
    /// Newest first.
    fn dag_versions(&self, key: DagKey, before: Option<u32>, limit: u32) -> Result<Vec<DagVersionLine>>;
    fn dag_version_key(&self, key: DagKey, version: u32) -> Result<Option<DagVersionKey>>;

    // ---- requests that must not be done twice
    fn asked(&self, key: &str) -> Result<Option<AskedOnce>>;
    /// As [`Store::create_run`], for a request with a key of its own. Both are written in one transaction, or [`StoreError::AskedBefore`] says which run that key began.
    /// Forgets the requests made before `forget_before`.
    fn create_asked_run(
        &self,
        run: &NewRun,
        owner: &str,
        request: &RequestKey,
        forget_before: EpochMillis,
    ) -> Result<RunKey>;

    // ---- runs
    /// Creates a run owned by `owner` with epoch 1. Durable when it returns.
    fn create_run(&self, run: &NewRun, owner: &str) -> Result<RunKey>;
    /// Takes over runs that haven't ended and aren't owned by a living owner (the caller holds the home's lock, so all others are dead): raises `owner_epoch`, sets `owner`.
    /// `only`: that run alone. Gives the run rows with their new epochs. Runs of the same `owner` are left alone: a name must belong to one process's life (a pid isn't enough).
    fn claim_runs(&self, owner: &str, only: Option<RunKey>) -> Result<Vec<RunRow>>;
    /// Applies records in order in one transaction. Runs whose `(owner, epoch)` in the database isn't the batch's are refused whole, the others go on.
    /// So are runs that don't exist or that the batch doesn't list. Records of refused runs aren't reported stale as well.
    fn apply(&self, batch: &Batch) -> Result<BatchOutcome>;
    fn run(&self, run: RunKey) -> Result<Option<RunRow>>;
    fn run_by_id(&self, run_id: &str) -> Result<Option<RunRow>>;
    /// Newest first. `before` is a run key to page on.
    fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>>;
    /// All task rows of a run, by operator position. Tasks that never changed state have no row.
    fn tasks(&self, run: RunKey) -> Result<Vec<TaskRow>>;
    /// In the order asked; nothing for a run that doesn't exist.
    fn task_counts(&self, runs: &[RunKey]) -> Result<Vec<TaskCounts>>;
    fn attempts(&self, run: RunKey, op: Option<u32>) -> Result<Vec<AttemptRow>>;
    /// Outputs of a run's tasks with their artifacts, by (op, port).
    fn outputs(&self, run: RunKey) -> Result<Vec<OutputRow>>;
    /// Asks the run's owner to cancel it; nothing for an ended run, `Conflict` for one that doesn't exist (also durable when the owner is dead: recovery obeys).
    fn request_cancel(&self, run: RunKey) -> Result<()>;
    /// What the newest successful attempts took, by `history_key`; nothing where none succeeded.
    fn past_usage(&self, history_keys: &[String]) -> Result<Vec<Option<PastUsage>>>;

    // ---- artifacts and the cache
    /// Results by cache key, in the order asked; only those whose artifacts are all present. Touches `last_used`, on disk at the latest with the next batch.
    fn lookup(&self, keys: &[CacheKey]) -> Result<Vec<Option<CachedResult>>>;
    /// Is there any result with this self hash (same kind, code, environment and parameters on whatever input)?
    fn has_self_hash(&self, self_hashes: &[CacheKey]) -> Result<Vec<bool>>;
    fn artifacts(&self, filter: &ArtifactFilter) -> Result<Vec<ArtifactRow>>;
    /// Marks artifacts evicted (their files are about to go) and drops their inline bytes; the rest of the row stays. Pinned ones and those of runs in progress are left out; gives back the ones marked.
    fn evict(&self, artifacts: &[ArtifactId]) -> Result<Vec<ArtifactRow>>;
    /// After a look at files that weren't known to be on the disk for good: `durable` are now; `lost` aren't what was written. Lost ones are no longer present, pinned or not.
    /// A task of an unended run that published or took over one of them waits for another attempt, and its successful attempt counts as lost. The caller owns the home, so no engine holds these runs.
    /// Gives how many tasks were opened again. Unknown ids are left out.
    fn settle_files(&self, durable: &[ArtifactId], lost: &[ArtifactId]) -> Result<u64>;
    /// Drops a cache entry (its artifacts stay until collected). Gives how many keys went.
    fn forget(&self, keys: &[CacheKey]) -> Result<u64>;

    // ---- files and datasets
    /// Content id known for a file with exactly this stat, or none.
    fn file_content(&self, stat: &FileStat) -> Result<Option<String>>;
    fn put_file_content(&self, stat: &FileStat, content_id: &str) -> Result<()>;
    fn put_dataset(&self, dataset: &DatasetRow) -> Result<()>;
    fn dataset(&self, id: &str) -> Result<Option<DatasetRow>>;
    fn datasets(&self) -> Result<Vec<DatasetRow>>;
    fn remove_dataset(&self, id: &str) -> Result<bool>;

    // ---- models
    /// Registers the next version of a model; `Conflict` where the run or the present artifact is missing. Idempotent by `(run, op)`: the same task registers once.
    fn register_model(&self, model: &NewModelVersion) -> Result<u32>;
    fn model_versions(&self, name: Option<&str>) -> Result<Vec<ModelVersionRow>>;
    /// By model, then by alias.
    fn model_aliases(&self, model: Option<&str>) -> Result<Vec<AliasRow>>;
    /// Sets an alias or moves it, in one write. `Conflict` where the version isn't registered.
    fn put_model_alias(&self, alias: &AliasRow) -> Result<()>;
    fn remove_model_alias(&self, model: &str, alias: &str) -> Result<bool>;

    // ---- schedules
    /// As [`Store::create_run`], for a due time of the run's DAG. Both are written in one transaction, or [`StoreError::LogicalTimeTaken`] says which run has that time.
    fn create_scheduled_run(&self, run: &NewRun, owner: &str, logical_at: EpochMillis) -> Result<RunKey>;
    /// Runs that a DAG's schedule began, the newest logical time first.
    fn scheduled_runs(&self, dag: &str, limit: u32) -> Result<Vec<ScheduledRun>>;
    /// `Conflict` where there is no such DAG.
    fn put_schedule(&self, schedule: &ScheduleRow) -> Result<()>;
    /// By the DAG's identity.
    fn schedules(&self) -> Result<Vec<ScheduleRow>>;

    // ---- models that are served
    /// By name.
    fn services(&self) -> Result<Vec<ServiceRow>>;
    fn service(&self, name: &str) -> Result<Option<ServiceRow>>;
    /// Makes the service or takes the place of the one of that name, in one write. `Conflict` where a version it names isn't registered.
    fn put_service(&self, service: &ServiceRow) -> Result<()>;
    fn remove_service(&self, name: &str) -> Result<bool>;

    // ---- messages about runs' ends
    /// False where that run's message to that address is kept already, sent or not.
    fn put_notification(&self, new: &NewNotification) -> Result<bool>;
    /// Those that wait, the earliest due first.
    fn waiting_notifications(&self, limit: u32) -> Result<Vec<NotificationRow>>;
    /// Writes state, attempts, next time and reason of one that waits; else nothing.
    fn settle_notification(&self, settled: &NotificationRow) -> Result<()>;
    /// Forgets settled ones made before.
    fn prune_notifications(&self, before: EpochMillis) -> Result<u64>;

    // ---- health
    /// Sentences about rows that were left out of earlier answers because they can't be read (damaged by hand, or of a newer version); each is given once. They were also printed to stderr.
    fn take_warnings(&self) -> Vec<String> {
        Vec::new()
    }
}
