//! The store without a disk: plain maps behind one lock, with the outcomes of the others. For tests and for engines that needn't survive.

mod aliases;
mod apply;
mod cache;
mod lost_files;
mod runs;
mod saved_dags;
mod schedules;
mod services;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::*;

/// A [`Store`] that lives as long as the process.
#[derive(Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

impl MemoryStore {
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type TaskKey = (RunKey, u32);
/// When an attempt ended, and which one it was.
type Moment = (EpochMillis, RunKey, u32, u32);

/// Keys of runs and versions count from 1, as a database's do; positions in `artifacts` and `results` from 0.
#[derive(Default)]
struct State {
    /// By identity, all versions in order.
    dags: HashMap<String, Vec<DagVersionKey>>,
    versions: Vec<DagVersionRow>,
    /// Number of operators of each version.
    operators: HashMap<DagVersionKey, u64>,
    /// Their keys count from 1.
    saved: Vec<saved_dags::Saved>,
    asked: HashMap<String, AskedOnce>,
    runs: Vec<RunRow>,
    tasks: BTreeMap<TaskKey, Task>,
    attempts: BTreeMap<(RunKey, u32, u32), AttemptRow>,
    /// Microseconds and peak bytes of successful attempts, oldest first, by history key.
    history: HashMap<String, BTreeMap<Moment, (u64, u64)>>,
    artifacts: Vec<ArtifactRow>,
    artifact_by_id: HashMap<ArtifactId, usize>,
    outputs: BTreeMap<(RunKey, u32, u16), usize>,
    results: Vec<Published>,
    result_of: HashMap<TaskKey, usize>,
    keys: HashMap<CacheKey, usize>,
    /// How many results have it.
    self_hashes: HashMap<CacheKey, usize>,
    files: HashMap<String, (FileStat, String)>,
    datasets: BTreeMap<String, DatasetRow>,
    models: BTreeMap<String, Vec<Model>>,
    /// By model and alias.
    aliases: BTreeMap<(String, String), AliasRow>,
    /// By identity of the DAG and logical time.
    scheduled_runs: BTreeMap<(String, EpochMillis), RunKey>,
    schedules: BTreeMap<String, ScheduleRow>,
    services: BTreeMap<String, ServiceRow>,
    notifications: Vec<NotificationRow>,
}

struct Task {
    row: TaskRow,
    /// Of its newest attempt.
    token: u64,
}

struct Published {
    run: RunKey,
    op: u32,
    attempt_no: u32,
    self_hash: Option<CacheKey>,
}

struct Model {
    version: NewModelVersion,
    artifact: usize,
}

impl State {
    fn run(&self, run: RunKey) -> Option<&RunRow> {
        self.runs.get(usize::try_from(run.0.checked_sub(1)?).ok()?)
    }

    fn run_mut(&mut self, run: RunKey) -> Option<&mut RunRow> {
        self.runs.get_mut(usize::try_from(run.0.checked_sub(1)?).ok()?)
    }

    fn outputs_of(&self, run: RunKey, op: u32) -> impl Iterator<Item = (u16, &ArtifactRow)> {
        self.outputs.range((run, op, 0)..=(run, op, u16::MAX)).map(|(key, at)| (key.2, &self.artifacts[*at]))
    }

    fn version(&self, key: DagVersionKey) -> Option<&DagVersionRow> {
        self.versions.get(usize::try_from(key.0.checked_sub(1)?).ok()?)
    }
}

impl Store for MemoryStore {
    fn put_dag_version(&self, version: &NewDagVersion) -> Result<DagVersionKey> {
        runs::put_dag_version(&mut self.state(), version)
    }

    fn dag_version(&self, key: DagVersionKey) -> Result<Option<DagVersionRow>> {
        Ok(self.state().version(key).cloned())
    }

    fn create_dag(&self, identity: &str, title: &str) -> Result<DagKey> {
        saved_dags::create(&mut self.state(), identity, title)
    }

    fn dag(&self, key: DagKey) -> Result<Option<DagRow>> {
        Ok(saved_dags::get(&self.state(), key))
    }

    fn dags(&self, filter: &DagFilter) -> Result<Vec<DagRow>> {
        Ok(saved_dags::list(&self.state(), filter))
    }

    fn save_dag(
        &self,
        key: DagKey,
        expected: u32,
        version: &NewDagVersion,
        title: Option<&str>,
    ) -> Result<Guarded<u32>> {
        saved_dags::save(&mut self.state(), key, expected, version, title)
    }

    fn draft(&self, key: DagKey) -> Result<Option<DraftRow>> {
        Ok(saved_dags::draft(&self.state(), key))
    }

    fn put_draft(&self, key: DagKey, expected: u64, source: &str, at: EpochMillis) -> Result<Guarded<u64>> {
        saved_dags::put_draft(&mut self.state(), key, expected, source, at)
    }

    fn drop_draft(&self, key: DagKey) -> Result<bool> {
        Ok(saved_dags::drop_draft(&mut self.state(), key))
    }

    fn hide_dag(&self, key: DagKey) -> Result<bool> {
        Ok(saved_dags::hide(&mut self.state(), key))
    }

    fn dag_versions(&self, key: DagKey, before: Option<u32>, limit: u32) -> Result<Vec<DagVersionLine>> {
        Ok(saved_dags::versions(&self.state(), key, before, limit))
    }

    fn dag_version_key(&self, key: DagKey, version: u32) -> Result<Option<DagVersionKey>> {
        Ok(saved_dags::version_key(&self.state(), key, version))
    }

    fn asked(&self, key: &str) -> Result<Option<AskedOnce>> {
        Ok(self.state().asked.get(key).cloned())
    }

    fn create_asked_run(
        &self,
        run: &NewRun,
        owner: &str,
        request: &RequestKey,
        forget_before: EpochMillis,
    ) -> Result<RunKey> {
        saved_dags::create_asked_run(&mut self.state(), run, owner, request, forget_before)
    }

    fn task_counts(&self, runs: &[RunKey]) -> Result<Vec<TaskCounts>> {
        let state = self.state();
        Ok(runs.iter().map(|run| saved_dags::counts(&state, *run)).collect())
    }

    fn create_run(&self, run: &NewRun, owner: &str) -> Result<RunKey> {
        runs::create(&mut self.state(), run, owner)
    }

    fn claim_runs(&self, owner: &str, only: Option<RunKey>) -> Result<Vec<RunRow>> {
        Ok(runs::claim(&mut self.state(), owner, only))
    }

    fn apply(&self, batch: &Batch) -> Result<BatchOutcome> {
        Ok(apply::apply(&mut self.state(), batch))
    }

    fn run(&self, run: RunKey) -> Result<Option<RunRow>> {
        Ok(self.state().run(run).cloned())
    }

    fn run_by_id(&self, run_id: &str) -> Result<Option<RunRow>> {
        Ok(self.state().runs.iter().find(|run| run.run_id == run_id).cloned())
    }

    fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>> {
        Ok(runs::list(&self.state(), filter))
    }

    fn tasks(&self, run: RunKey) -> Result<Vec<TaskRow>> {
        Ok(self.state().tasks.range((run, 0)..=(run, u32::MAX)).map(|(_, task)| task.row.clone()).collect())
    }

    fn attempts(&self, run: RunKey, op: Option<u32>) -> Result<Vec<AttemptRow>> {
        let (first, last) = op.map_or((0, u32::MAX), |op| (op, op));
        Ok(self.state().attempts.range((run, first, 0)..=(run, last, u32::MAX)).map(|(_, row)| row.clone()).collect())
    }

    fn outputs(&self, run: RunKey) -> Result<Vec<OutputRow>> {
        let state = self.state();
        let of_run = state.outputs.range((run, 0, 0)..=(run, u32::MAX, u16::MAX));
        Ok(of_run
            .map(|((_, op, port), at)| OutputRow { op: *op, port: *port, artifact: state.artifacts[*at].clone() })
            .collect())
    }

    fn request_cancel(&self, run: RunKey) -> Result<()> {
        runs::request_cancel(&mut self.state(), run)
    }

    fn past_usage(&self, history_keys: &[String]) -> Result<Vec<Option<PastUsage>>> {
        let state = self.state();
        let newest = |key: &String| PastUsage::of_newest(state.history.get(key)?.values().rev().copied());
        Ok(history_keys.iter().map(newest).collect())
    }

    fn lookup(&self, keys: &[CacheKey]) -> Result<Vec<Option<CachedResult>>> {
        Ok(cache::lookup(&mut self.state(), keys))
    }

    fn has_self_hash(&self, self_hashes: &[CacheKey]) -> Result<Vec<bool>> {
        let state = self.state();
        Ok(self_hashes.iter().map(|hash| state.self_hashes.get(hash).is_some_and(|count| *count > 0)).collect())
    }

    fn artifacts(&self, filter: &ArtifactFilter) -> Result<Vec<ArtifactRow>> {
        Ok(cache::artifacts(&self.state(), filter))
    }

    fn evict(&self, artifacts: &[ArtifactId]) -> Result<Vec<ArtifactRow>> {
        Ok(cache::evict(&mut self.state(), artifacts))
    }

    fn settle_files(&self, durable: &[ArtifactId], lost: &[ArtifactId]) -> Result<u64> {
        Ok(lost_files::settle(&mut self.state(), durable, lost))
    }

    fn forget(&self, keys: &[CacheKey]) -> Result<u64> {
        let mut state = self.state();
        Ok(keys.iter().filter(|key| state.keys.remove(key).is_some()).count() as u64)
    }

    fn file_content(&self, stat: &FileStat) -> Result<Option<String>> {
        let state = self.state();
        Ok(state.files.get(&stat.path).filter(|(known, _)| known == stat).map(|(_, content)| content.clone()))
    }

    fn put_file_content(&self, stat: &FileStat, content_id: &str) -> Result<()> {
        self.state().files.insert(stat.path.clone(), (stat.clone(), content_id.to_string()));
        Ok(())
    }

    fn put_dataset(&self, dataset: &DatasetRow) -> Result<()> {
        self.state().datasets.insert(dataset.id.clone(), dataset.clone());
        Ok(())
    }

    fn dataset(&self, id: &str) -> Result<Option<DatasetRow>> {
        Ok(self.state().datasets.get(id).cloned())
    }

    fn datasets(&self) -> Result<Vec<DatasetRow>> {
        Ok(self.state().datasets.values().cloned().collect())
    }

    fn remove_dataset(&self, id: &str) -> Result<bool> {
        Ok(self.state().datasets.remove(id).is_some())
    }

    fn register_model(&self, model: &NewModelVersion) -> Result<u32> {
        cache::register_model(&mut self.state(), model)
    }

    fn model_versions(&self, name: Option<&str>) -> Result<Vec<ModelVersionRow>> {
        Ok(cache::model_versions(&self.state(), name))
    }

    fn model_aliases(&self, model: Option<&str>) -> Result<Vec<AliasRow>> {
        Ok(aliases::list(&self.state(), model))
    }

    fn put_model_alias(&self, alias: &AliasRow) -> Result<()> {
        aliases::put(&mut self.state(), alias)
    }

    fn remove_model_alias(&self, model: &str, alias: &str) -> Result<bool> {
        Ok(self.state().aliases.remove(&(model.to_string(), alias.to_string())).is_some())
    }

    fn create_scheduled_run(&self, run: &NewRun, owner: &str, logical_at: EpochMillis) -> Result<RunKey> {
        schedules::create_run(&mut self.state(), run, owner, logical_at)
    }

    fn scheduled_runs(&self, dag: &str, limit: u32) -> Result<Vec<ScheduledRun>> {
        Ok(schedules::runs(&self.state(), dag, limit))
    }

    fn put_schedule(&self, schedule: &ScheduleRow) -> Result<()> {
        schedules::put(&mut self.state(), schedule)
    }

    fn schedules(&self) -> Result<Vec<ScheduleRow>> {
        Ok(self.state().schedules.values().cloned().collect())
    }

    fn services(&self) -> Result<Vec<ServiceRow>> {
        Ok(self.state().services.values().cloned().collect())
    }

    fn service(&self, name: &str) -> Result<Option<ServiceRow>> {
        Ok(self.state().services.get(name).cloned())
    }

    fn put_service(&self, service: &ServiceRow) -> Result<()> {
        services::put(&mut self.state(), service)
    }

    fn remove_service(&self, name: &str) -> Result<bool> {
        Ok(self.state().services.remove(name).is_some())
    }

    fn put_notification(&self, new: &NewNotification) -> Result<bool> {
        Ok(schedules::put_notification(&mut self.state(), new))
    }

    fn waiting_notifications(&self, limit: u32) -> Result<Vec<NotificationRow>> {
        Ok(schedules::waiting(&self.state(), limit))
    }

    fn settle_notification(&self, settled: &NotificationRow) -> Result<()> {
        schedules::settle(&mut self.state(), settled);
        Ok(())
    }

    fn prune_notifications(&self, before: EpochMillis) -> Result<u64> {
        Ok(schedules::prune(&mut self.state(), before))
    }
}
