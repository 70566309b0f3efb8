//! The store on SQLite: one writing connection, a few reading ones, one file per kind of thing.

mod aliases;
mod apply;
mod artifacts;
mod cache;
mod connect;
mod dags;
#[cfg(any(test, feature = "planted-defects"))]
mod defect;
mod error;
mod files;
mod lost_files;
mod migrate;
mod models;
mod notifications;
mod publish;
mod quarantine;
mod readers;
mod runs;
mod saved_dags;
mod schedules;
mod services;
mod statements;
mod tasks;
mod text;
mod touches;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, TransactionBehavior};

use crate::touches::Touches;
use crate::*;
use connect::ReaderSource;
#[cfg(any(test, feature = "planted-defects"))]
pub use defect::Defect;
use quarantine::Quarantine;
use readers::Readers;

/// How a database is opened. That there is only one owner is the caller's business (a lock on the home).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Reads and writes; creates and migrates the database as needed.
    Owner,
    /// Only reads, beside an owner or without one. Verbs that write give [`StoreError::Database`].
    ReadOnly,
}

/// A [`Store`] in one SQLite file.
///
/// `apply` and the other writing verbs share one connection behind a lock: call them from one thread. Reading verbs run beside them.
pub struct SqliteStore {
    writer: Option<Mutex<Connection>>,
    readers: Readers,
    touches: Touches,
    quarantine: Quarantine,
    fences: apply::Fences,
}

impl SqliteStore {
    /// # Errors
    /// `Open` (with path and reason), `NewerSchema`, `Corrupt` where the file isn't a database, `Locked` while another process migrates it.
    pub fn open(path: &Path, mode: OpenMode) -> Result<SqliteStore> {
        let store = Self::open_sound(path, mode)?;
        #[cfg(feature = "planted-defects")]
        let store = match Defect::from_env() {
            Some(defect) => store.with_defect(defect)?,
            None => store,
        };
        Ok(store)
    }

    fn open_sound(path: &Path, mode: OpenMode) -> Result<SqliteStore> {
        let (writer, readers) = match mode {
            OpenMode::Owner => {
                let mut connection = connect::writer(path)?;
                migrate::to_newest(&mut connection)?;
                (Some(Mutex::new(connection)), Readers::new(ReaderSource::of_owner(path), None))
            }
            OpenMode::ReadOnly => {
                let (source, first) = ReaderSource::probe(path)?;
                migrate::check_current(&first, path)?;
                (None, Readers::new(source, Some(first)))
            }
        };
        Ok(SqliteStore {
            writer,
            readers,
            touches: Touches::default(),
            quarantine: Quarantine::default(),
            fences: apply::Fences::default(),
        })
    }

    /// The same store, misbehaving.
    ///
    /// # Errors
    /// As a setting of the database that can't be changed.
    #[cfg(any(test, feature = "planted-defects"))]
    pub fn with_defect(mut self, defect: Defect) -> Result<SqliteStore> {
        match defect {
            Defect::MissingEpochFence => self.fences.epoch = false,
            Defect::MissingAttemptFence => self.fences.attempt = false,
            Defect::SynchronousOff => {
                self.write(|connection| Ok(connection.pragma_update(None, "synchronous", "OFF")?))?
            }
        }
        Ok(self)
    }

    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        let Some(writer) = &self.writer else {
            return Err(StoreError::Database("the store was opened for reading only".into()));
        };
        work(&mut writer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn write_at_once<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.write(|connection| transact(connection, work))
    }
}

/// Runs `work` in a transaction that takes the write lock at its start, so that nothing it read can change under it.
fn transact<T>(connection: &mut Connection, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let answer = work(&transaction)?;
    transaction.commit().map_err(error::of_commit)?;
    Ok(answer)
}

impl Store for SqliteStore {
    fn put_dag_version(&self, version: &NewDagVersion) -> Result<DagVersionKey> {
        self.write_at_once(|c| dags::put_version(c, version))
    }

    fn dag_version(&self, key: DagVersionKey) -> Result<Option<DagVersionRow>> {
        self.readers.read(|c| dags::version(c, &self.quarantine, key))
    }

    fn create_dag(&self, identity: &str, title: &str) -> Result<DagKey> {
        self.write_at_once(|c| saved_dags::create(c, identity, title))
    }

    fn dag(&self, key: DagKey) -> Result<Option<DagRow>> {
        self.readers.read(|c| saved_dags::get(c, &self.quarantine, key))
    }

    fn dags(&self, filter: &DagFilter) -> Result<Vec<DagRow>> {
        self.readers.read(|c| saved_dags::list(c, &self.quarantine, filter))
    }

    fn save_dag(
        &self,
        key: DagKey,
        expected: u32,
        version: &NewDagVersion,
        title: Option<&str>,
    ) -> Result<Guarded<u32>> {
        self.write_at_once(|c| saved_dags::save(c, key, expected, version, title))
    }

    fn draft(&self, key: DagKey) -> Result<Option<DraftRow>> {
        self.readers.read(|c| saved_dags::draft(c, key))
    }

    fn put_draft(&self, key: DagKey, expected: u64, source: &str, at: EpochMillis) -> Result<Guarded<u64>> {
        self.write_at_once(|c| saved_dags::put_draft(c, key, expected, source, at))
    }

    fn drop_draft(&self, key: DagKey) -> Result<bool> {
        self.write_at_once(|c| saved_dags::drop_draft(c, key))
    }

    fn hide_dag(&self, key: DagKey) -> Result<bool> {
        self.write_at_once(|c| saved_dags::hide(c, key))
    }

    fn dag_versions(&self, key: DagKey, before: Option<u32>, limit: u32) -> Result<Vec<DagVersionLine>> {
        self.readers.read(|c| saved_dags::versions(c, &self.quarantine, key, before, limit))
    }

    fn dag_version_key(&self, key: DagKey, version: u32) -> Result<Option<DagVersionKey>> {
        self.readers.read(|c| saved_dags::version_key(c, key, version))
    }

    fn asked(&self, key: &str) -> Result<Option<AskedOnce>> {
        self.readers.read(|c| saved_dags::asked(c, key))
    }

    fn create_asked_run(
        &self,
        run: &NewRun,
        owner: &str,
        request: &RequestKey,
        forget_before: EpochMillis,
    ) -> Result<RunKey> {
        self.write_at_once(|c| saved_dags::create_asked_run(c, run, owner, request, forget_before))
    }

    fn task_counts(&self, runs: &[RunKey]) -> Result<Vec<TaskCounts>> {
        self.readers.read(|c| saved_dags::counts(c, runs))
    }

    fn create_run(&self, run: &NewRun, owner: &str) -> Result<RunKey> {
        self.write_at_once(|c| runs::create(c, run, owner))
    }

    fn claim_runs(&self, owner: &str, only: Option<RunKey>) -> Result<Vec<RunRow>> {
        self.write_at_once(|c| runs::claim(c, &self.quarantine, owner, only))
    }

    fn apply(&self, batch: &Batch) -> Result<BatchOutcome> {
        self.write(|c| apply::apply(c, batch, &self.touches, self.fences))
    }

    fn run(&self, run: RunKey) -> Result<Option<RunRow>> {
        self.readers.read(|c| runs::by_key(c, &self.quarantine, run))
    }

    fn run_by_id(&self, run_id: &str) -> Result<Option<RunRow>> {
        self.readers.read(|c| runs::by_id(c, &self.quarantine, run_id))
    }

    fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>> {
        self.readers.read(|c| runs::list(c, &self.quarantine, filter))
    }

    fn tasks(&self, run: RunKey) -> Result<Vec<TaskRow>> {
        self.readers.read(|c| tasks::tasks(c, &self.quarantine, run))
    }

    fn attempts(&self, run: RunKey, op: Option<u32>) -> Result<Vec<AttemptRow>> {
        self.readers.read(|c| tasks::attempts(c, &self.quarantine, run, op))
    }

    fn outputs(&self, run: RunKey) -> Result<Vec<OutputRow>> {
        self.readers.read(|c| tasks::outputs(c, &self.quarantine, run))
    }

    fn request_cancel(&self, run: RunKey) -> Result<()> {
        self.write_at_once(|c| runs::request_cancel(c, run))
    }

    fn past_usage(&self, history_keys: &[String]) -> Result<Vec<Option<PastUsage>>> {
        self.readers.read(|c| tasks::past_usage(c, history_keys))
    }

    fn lookup(&self, keys: &[CacheKey]) -> Result<Vec<Option<CachedResult>>> {
        let found = self.readers.read(|c| cache::lookup(c, &self.quarantine, keys))?;
        if self.writer.is_some() {
            self.touches
                .add(found.iter().flatten().flat_map(|result| &result.outputs).map(|(_, artifact)| &artifact.id));
        }
        Ok(found)
    }

    fn has_self_hash(&self, self_hashes: &[CacheKey]) -> Result<Vec<bool>> {
        self.readers.read(|c| cache::has_self_hash(c, self_hashes))
    }

    fn artifacts(&self, filter: &ArtifactFilter) -> Result<Vec<ArtifactRow>> {
        if filter.collectable && self.writer.is_some() {
            self.write_at_once(|c| touches::write(c, &self.touches))?;
        }
        self.readers.read(|c| artifacts::list(c, &self.quarantine, filter))
    }

    fn evict(&self, artifacts: &[ArtifactId]) -> Result<Vec<ArtifactRow>> {
        self.write_at_once(|c| artifacts::evict(c, &self.quarantine, artifacts))
    }

    fn settle_files(&self, durable: &[ArtifactId], lost: &[ArtifactId]) -> Result<u64> {
        self.write_at_once(|c| lost_files::settle(c, durable, lost))
    }

    fn forget(&self, keys: &[CacheKey]) -> Result<u64> {
        self.write_at_once(|c| cache::forget(c, keys))
    }

    fn file_content(&self, stat: &FileStat) -> Result<Option<String>> {
        self.readers.read(|c| files::content(c, stat))
    }

    fn put_file_content(&self, stat: &FileStat, content_id: &str) -> Result<()> {
        self.write_at_once(|c| files::put_content(c, stat, content_id))
    }

    fn put_dataset(&self, dataset: &DatasetRow) -> Result<()> {
        self.write_at_once(|c| files::put_dataset(c, dataset))
    }

    fn dataset(&self, id: &str) -> Result<Option<DatasetRow>> {
        self.readers.read(|c| files::dataset(c, &self.quarantine, id))
    }

    fn datasets(&self) -> Result<Vec<DatasetRow>> {
        self.readers.read(|c| files::datasets(c, &self.quarantine))
    }

    fn remove_dataset(&self, id: &str) -> Result<bool> {
        self.write_at_once(|c| files::remove_dataset(c, id))
    }

    fn register_model(&self, model: &NewModelVersion) -> Result<u32> {
        self.write_at_once(|c| models::register(c, model))
    }

    fn model_versions(&self, name: Option<&str>) -> Result<Vec<ModelVersionRow>> {
        self.readers.read(|c| models::versions(c, &self.quarantine, name))
    }

    fn model_aliases(&self, model: Option<&str>) -> Result<Vec<AliasRow>> {
        self.readers.read(|c| aliases::list(c, &self.quarantine, model))
    }

    fn put_model_alias(&self, alias: &AliasRow) -> Result<()> {
        self.write_at_once(|c| aliases::put(c, alias))
    }

    fn remove_model_alias(&self, model: &str, alias: &str) -> Result<bool> {
        self.write_at_once(|c| aliases::remove(c, model, alias))
    }

    fn create_scheduled_run(&self, run: &NewRun, owner: &str, logical_at: EpochMillis) -> Result<RunKey> {
        self.write_at_once(|c| schedules::create_run(c, run, owner, logical_at))
    }

    fn scheduled_runs(&self, dag: &str, limit: u32) -> Result<Vec<ScheduledRun>> {
        self.readers.read(|c| schedules::runs(c, &self.quarantine, dag, limit))
    }

    fn put_schedule(&self, schedule: &ScheduleRow) -> Result<()> {
        self.write_at_once(|c| schedules::put(c, schedule))
    }

    fn schedules(&self) -> Result<Vec<ScheduleRow>> {
        self.readers.read(|c| schedules::list(c, &self.quarantine))
    }

    fn services(&self) -> Result<Vec<ServiceRow>> {
        self.readers.read(|c| services::list(c, &self.quarantine))
    }

    fn service(&self, name: &str) -> Result<Option<ServiceRow>> {
        self.readers.read(|c| services::get(c, &self.quarantine, name))
    }

    fn put_service(&self, service: &ServiceRow) -> Result<()> {
        self.write_at_once(|c| services::put(c, service))
    }

    fn remove_service(&self, name: &str) -> Result<bool> {
        self.write_at_once(|c| services::remove(c, name))
    }

    fn put_notification(&self, new: &NewNotification) -> Result<bool> {
        self.write_at_once(|c| notifications::put(c, new))
    }

    fn waiting_notifications(&self, limit: u32) -> Result<Vec<NotificationRow>> {
        self.readers.read(|c| notifications::waiting(c, &self.quarantine, limit))
    }

    fn settle_notification(&self, settled: &NotificationRow) -> Result<()> {
        self.write_at_once(|c| notifications::settle(c, settled))
    }

    fn prune_notifications(&self, before: EpochMillis) -> Result<u64> {
        self.write_at_once(|c| notifications::prune(c, before))
    }

    fn take_warnings(&self) -> Vec<String> {
        self.quarantine.take()
    }
}
