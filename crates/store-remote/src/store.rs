//! [`Store`] on a server: each verb is one transaction, or one question.

use suanzi_store::implementing::Touches;
use suanzi_store::*;

use crate::connections::{Access, Connections};
use crate::quarantine::Quarantine;
use crate::url::Server;
use crate::{
    aliases, apply, artifacts, cache, dags, files, lost_files, models, notifications, runs, saved_dags, schedules,
    services, tasks,
};

/// A [`Store`] in a database of MySQL, MariaDB or PostgreSQL.
///
/// `apply` and the other writing verbs share one connection behind a lock. Reading verbs run beside them.
pub struct RemoteStore {
    connections: Connections,
    access: Access,
    touches: Touches,
    quarantine: Quarantine,
    unsafe_settings: Vec<String>,
}

impl RemoteStore {
    /// Connects, looks at the server's settings and brings the schema up to date.
    ///
    /// # Errors
    /// `Open` with the address (without password) and the reason: unreachable, refused, too old, unsafe settings, owned by another process. `NewerSchema`.
    pub fn open(server: &Server, access: Access) -> Result<RemoteStore> {
        let (connections, unsafe_settings) = Connections::open(server, access)?;
        Ok(RemoteStore {
            connections,
            access,
            touches: Touches::default(),
            quarantine: Quarantine::default(),
            unsafe_settings,
        })
    }

    /// Sentences about settings that are allowed but that somebody should know of.
    pub fn setting_warnings(&self) -> &[String] {
        &self.unsafe_settings
    }
}

impl Store for RemoteStore {
    fn put_dag_version(&self, version: &NewDagVersion) -> Result<DagVersionKey> {
        self.connections.write(|c| dags::put_version(c, version))
    }

    fn dag_version(&self, key: DagVersionKey) -> Result<Option<DagVersionRow>> {
        self.connections.read(|c| dags::version(c, key))
    }

    fn create_dag(&self, identity: &str, title: &str) -> Result<DagKey> {
        self.connections.write(|c| saved_dags::create(c, identity, title))
    }

    fn dag(&self, key: DagKey) -> Result<Option<DagRow>> {
        self.connections.read(|c| saved_dags::get(c, key))
    }

    fn dags(&self, filter: &DagFilter) -> Result<Vec<DagRow>> {
        self.connections.read(|c| saved_dags::list(c, &self.quarantine, filter))
    }

    fn save_dag(
        &self,
        key: DagKey,
        expected: u32,
        version: &NewDagVersion,
        title: Option<&str>,
    ) -> Result<Guarded<u32>> {
        self.connections.write(|c| saved_dags::save(c, key, expected, version, title))
    }

    fn draft(&self, key: DagKey) -> Result<Option<DraftRow>> {
        self.connections.read(|c| saved_dags::draft(c, key))
    }

    fn put_draft(&self, key: DagKey, expected: u64, source: &str, at: EpochMillis) -> Result<Guarded<u64>> {
        self.connections.write(|c| saved_dags::put_draft(c, key, expected, source, at))
    }

    fn drop_draft(&self, key: DagKey) -> Result<bool> {
        self.connections.write(|c| saved_dags::drop_draft(c, key))
    }

    fn hide_dag(&self, key: DagKey) -> Result<bool> {
        self.connections.write(|c| saved_dags::hide(c, key))
    }

    fn dag_versions(&self, key: DagKey, before: Option<u32>, limit: u32) -> Result<Vec<DagVersionLine>> {
        self.connections.read(|c| saved_dags::versions(c, &self.quarantine, key, before, limit))
    }

    fn dag_version_key(&self, key: DagKey, version: u32) -> Result<Option<DagVersionKey>> {
        self.connections.read(|c| saved_dags::version_key(c, key, version))
    }

    fn asked(&self, key: &str) -> Result<Option<AskedOnce>> {
        self.connections.read(|c| saved_dags::asked(c, key))
    }

    fn create_asked_run(
        &self,
        run: &NewRun,
        owner: &str,
        request: &RequestKey,
        forget_before: EpochMillis,
    ) -> Result<RunKey> {
        self.connections.write(|c| saved_dags::create_asked_run(c, run, owner, request, forget_before))
    }

    fn task_counts(&self, runs: &[RunKey]) -> Result<Vec<TaskCounts>> {
        self.connections.read(|c| saved_dags::counts(c, runs))
    }

    fn create_run(&self, run: &NewRun, owner: &str) -> Result<RunKey> {
        self.connections.write(|c| runs::create(c, run, owner))
    }

    fn claim_runs(&self, owner: &str, only: Option<RunKey>) -> Result<Vec<RunRow>> {
        self.connections.write(|c| runs::claim(c, &self.quarantine, owner, only))
    }

    fn apply(&self, batch: &Batch) -> Result<BatchOutcome> {
        if batch.records.is_empty() && batch.runs.is_empty() {
            return Ok(BatchOutcome::default());
        }
        let uses = artifacts::noted(&self.touches);
        self.connections.write(|c| apply::apply(c, batch, &uses))
    }

    fn run(&self, run: RunKey) -> Result<Option<RunRow>> {
        self.connections.read(|c| runs::by_key(c, run))
    }

    fn run_by_id(&self, run_id: &str) -> Result<Option<RunRow>> {
        self.connections.read(|c| runs::by_id(c, run_id))
    }

    fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>> {
        self.connections.read(|c| runs::list(c, &self.quarantine, filter))
    }

    fn tasks(&self, run: RunKey) -> Result<Vec<TaskRow>> {
        self.connections.read(|c| tasks::tasks(c, &self.quarantine, run))
    }

    fn attempts(&self, run: RunKey, op: Option<u32>) -> Result<Vec<AttemptRow>> {
        self.connections.read(|c| tasks::attempts(c, &self.quarantine, run, op))
    }

    fn outputs(&self, run: RunKey) -> Result<Vec<OutputRow>> {
        self.connections.read(|c| tasks::outputs(c, &self.quarantine, run))
    }

    fn request_cancel(&self, run: RunKey) -> Result<()> {
        self.connections.write(|c| runs::request_cancel(c, run))
    }

    fn past_usage(&self, history_keys: &[String]) -> Result<Vec<Option<PastUsage>>> {
        self.connections.read(|c| tasks::past_usage(c, history_keys))
    }

    fn lookup(&self, keys: &[CacheKey]) -> Result<Vec<Option<CachedResult>>> {
        let found = self.connections.read_at_once(|c| cache::lookup(c, &self.quarantine, keys))?;
        if self.access != Access::Reader {
            self.touches
                .add(found.iter().flatten().flat_map(|result| &result.outputs).map(|(_, artifact)| &artifact.id));
        }
        Ok(found)
    }

    fn has_self_hash(&self, self_hashes: &[CacheKey]) -> Result<Vec<bool>> {
        self.connections.read(|c| cache::has_self_hash(c, self_hashes))
    }

    fn artifacts(&self, filter: &ArtifactFilter) -> Result<Vec<ArtifactRow>> {
        if filter.collectable && self.access != Access::Reader {
            let uses = artifacts::noted(&self.touches);
            self.connections.write(|c| artifacts::touch(c, &uses))?;
        }
        self.connections.read(|c| artifacts::list(c, &self.quarantine, filter))
    }

    fn evict(&self, artifacts: &[ArtifactId]) -> Result<Vec<ArtifactRow>> {
        self.connections.write(|c| artifacts::evict(c, &self.quarantine, artifacts))
    }

    fn settle_files(&self, durable: &[ArtifactId], lost: &[ArtifactId]) -> Result<u64> {
        self.connections.write(|c| lost_files::settle(c, durable, lost))
    }

    fn forget(&self, keys: &[CacheKey]) -> Result<u64> {
        self.connections.write(|c| cache::forget(c, keys))
    }

    fn file_content(&self, stat: &FileStat) -> Result<Option<String>> {
        self.connections.read(|c| files::content(c, stat))
    }

    fn put_file_content(&self, stat: &FileStat, content_id: &str) -> Result<()> {
        self.connections.write(|c| files::put_content(c, stat, content_id))
    }

    fn put_dataset(&self, dataset: &DatasetRow) -> Result<()> {
        self.connections.write(|c| files::put_dataset(c, dataset))
    }

    fn dataset(&self, id: &str) -> Result<Option<DatasetRow>> {
        self.connections.read(|c| files::dataset(c, id))
    }

    fn datasets(&self) -> Result<Vec<DatasetRow>> {
        self.connections.read(|c| files::datasets(c, &self.quarantine))
    }

    fn remove_dataset(&self, id: &str) -> Result<bool> {
        self.connections.write(|c| files::remove_dataset(c, id))
    }

    fn register_model(&self, model: &NewModelVersion) -> Result<u32> {
        self.connections.write(|c| models::register(c, model))
    }

    fn model_versions(&self, name: Option<&str>) -> Result<Vec<ModelVersionRow>> {
        self.connections.read(|c| models::versions(c, &self.quarantine, name))
    }

    fn model_aliases(&self, model: Option<&str>) -> Result<Vec<AliasRow>> {
        self.connections.read(|c| aliases::list(c, &self.quarantine, model))
    }

    fn put_model_alias(&self, alias: &AliasRow) -> Result<()> {
        self.connections.write(|c| aliases::put(c, alias))
    }

    fn remove_model_alias(&self, model: &str, alias: &str) -> Result<bool> {
        self.connections.write(|c| aliases::remove(c, model, alias))
    }

    fn create_scheduled_run(&self, run: &NewRun, owner: &str, logical_at: EpochMillis) -> Result<RunKey> {
        self.connections.write(|c| schedules::create_run(c, run, owner, logical_at))
    }

    fn scheduled_runs(&self, dag: &str, limit: u32) -> Result<Vec<ScheduledRun>> {
        self.connections.read(|c| schedules::runs(c, &self.quarantine, dag, limit))
    }

    fn put_schedule(&self, schedule: &ScheduleRow) -> Result<()> {
        self.connections.write(|c| schedules::put(c, schedule))
    }

    fn schedules(&self) -> Result<Vec<ScheduleRow>> {
        self.connections.read(|c| schedules::list(c, &self.quarantine))
    }

    fn services(&self) -> Result<Vec<ServiceRow>> {
        self.connections.read(|c| services::list(c, &self.quarantine))
    }

    fn service(&self, name: &str) -> Result<Option<ServiceRow>> {
        self.connections.read(|c| services::get(c, name))
    }

    fn put_service(&self, service: &ServiceRow) -> Result<()> {
        self.connections.write(|c| services::put(c, service))
    }

    fn remove_service(&self, name: &str) -> Result<bool> {
        self.connections.write(|c| services::remove(c, name))
    }

    fn put_notification(&self, new: &NewNotification) -> Result<bool> {
        self.connections.write(|c| notifications::put(c, new))
    }

    fn waiting_notifications(&self, limit: u32) -> Result<Vec<NotificationRow>> {
        self.connections.read(|c| notifications::waiting(c, &self.quarantine, limit))
    }

    fn settle_notification(&self, settled: &NotificationRow) -> Result<()> {
        self.connections.write(|c| notifications::settle(c, settled))
    }

    fn prune_notifications(&self, before: EpochMillis) -> Result<u64> {
        self.connections.write(|c| notifications::prune(c, before))
    }

    fn take_warnings(&self) -> Vec<String> {
        self.quarantine.warnings.take()
    }
}
