//! Submission: the DAG version, the run's row, and the plan the core follows.

use crate::core::{NewCoreRun, OpPlan, RunPlan};
use crate::durable::{Step, durable};
use crate::engine::Engine;
use crate::event::RunEvent;
use crate::options::EngineOptions;
use crate::plan::Resolution;
use crate::prepare::Prepared;
use crate::travel;
use crate::writer::waited_for;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;
use suanzi_artifact::ArtifactError;
use suanzi_dag::{Document, Fault, Faults, TriggerRule};
use suanzi_executor::{CodeRef, Limits, OutputPort};
use suanzi_operator::bind::Bound;
use suanzi_scheduler::{self as sched, OpSpec, RunSpec, Trigger};
use suanzi_store::{
    ArtifactRow, DagVersionKey, EpochMillis, NewDagVersion, NewRun, OperatorRow, RelationRow, RequestKey, RunKey,
    Store, StoreError,
};

#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// An input from outside the selection is nowhere to be had.
    #[error("{0}")]
    MissingInputs(Faults),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("what operators elsewhere read can't be brought there: {0}")]
    Artifact(#[from] ArtifactError),
    #[error("the artifact directory can't be made: {0}")]
    Io(#[from] std::io::Error),
}

/// How long a request's key stands for the run that it began.
const REQUEST_KEPT_MS: EpochMillis = 24 * 3_600 * 1_000;

/// Why a run is begun. All but a wish begin one run at most.
pub enum Cause {
    Wish,
    /// A due time of its DAG: [`StoreError::LogicalTimeTaken`] where that time has its run.
    Due(EpochMillis),
    /// A request with a key of its own: [`StoreError::AskedBefore`] where the key has its run.
    Request(RequestKey),
}

/// An accepted run; its submission is committed.
pub struct Submitted {
    pub key: RunKey,
    pub run_id: String,
    pub events: Receiver<RunEvent>,
}

impl Engine {
    pub fn submit(&self, prepared: &Prepared, resolution: &Resolution) -> Result<Submitted, SubmitError> {
        self.begin(prepared, resolution, None, Cause::Wish)
    }

    /// Begins a run of a stored version, whose text `prepared` is, or of one that is stored first.
    pub fn begin(
        &self,
        prepared: &Prepared,
        resolution: &Resolution,
        stored: Option<DagVersionKey>,
        cause: Cause,
    ) -> Result<Submitted, SubmitError> {
        check_inputs(prepared, resolution)?;
        self.send_files(prepared, resolution)?;
        let store = &self.inner.store;
        let now = self.inner.now();
        let dag_version = match stored {
            Some(stored) => stored,
            None => {
                let text = dag_version(&prepared.document, &prepared.bound, &prepared.identity, now.wall);
                durable(Step::Version, || store.put_dag_version(&text))?
            }
        };
        let token_seed = random();
        let config = serde_json::to_string(&prepared.options).unwrap_or_default();
        let total = prepared.selected.ops.iter().filter(|s| **s).count() as u32;
        let (key, run_id) = loop {
            let run_id = new_run_id(now.wall);
            let new = NewRun {
                run_id: run_id.clone(),
                dag_version,
                config: config.clone(),
                total,
                token_seed,
                created_at: now.wall,
            };
            // Before the run is told of in the database: where its files can't be made, there is no run.
            let folder = self.inner.options.artifacts.root().join(&run_id);
            durable(Step::Folder, || std::fs::create_dir_all(&folder))?;
            let owner = &self.inner.options.owner;
            let created = durable(Step::Accepted, || match &cause {
                Cause::Wish => store.create_run(&new, owner),
                Cause::Due(at) => store.create_scheduled_run(&new, owner, *at),
                Cause::Request(request) => store.create_asked_run(&new, owner, request, now.wall - REQUEST_KEPT_MS),
            });
            match created {
                Ok(key) => break (key, run_id),
                Err(StoreError::AwayAtCommit(why)) => {
                    // A run that was begun goes on; one that wasn't is as if never asked for.
                    match waited_for(|| store.run_by_id(&run_id))? {
                        Some(row) => break (row.key, run_id),
                        None => {
                            let _ = std::fs::remove_dir(&folder);
                            return Err(StoreError::Away(why).into());
                        }
                    }
                }
                Err(error) => {
                    let _ = std::fs::remove_dir(&folder);
                    match error {
                        StoreError::Conflict(_) => continue,
                        error => return Err(error.into()),
                    }
                }
            }
        };
        let plan = Arc::new(run_plan(prepared, resolution, &run_id, &self.inner.operators.outlive_engine()));
        for op in foreseen(&plan, &prepared.selected.ops) {
            self.inner.operators.foresee(op.executor, &op.code);
        }
        let spec = run_spec(prepared, &plan, key, token_seed, store.as_ref(), &self.inner.options);
        let events = self.watch(key);
        let new = NewCoreRun {
            key,
            epoch: 1,
            seq: 0,
            plan,
            spec,
            published: outside(prepared, resolution),
            failures: Vec::new(),
            lost: Vec::new(),
            running: Vec::new(),
        };
        self.inner.with(|core, now, fx| core.submit(now, new, fx));
        Ok(Submitted { key, run_id, events })
    }
}

/// Operators outside the selection whose outputs the selection reads must have them already.
pub(crate) fn check_inputs(prepared: &Prepared, resolution: &Resolution) -> Result<(), SubmitError> {
    let mut faults = Faults::default();
    let operators = &prepared.document.dag.operators;
    let mut named = std::collections::BTreeSet::new();
    for (ix, op) in prepared.bound.ops.iter().enumerate().filter(|(ix, _)| prepared.selected.ops[*ix]) {
        for input in &op.inputs {
            let source = input.source.0 as usize;
            if prepared.selected.ops[source] || resolution.ops[source].hit.is_some() || !named.insert(source) {
                continue;
            }
            let file = prepared.options.file.as_ref().map_or("FILE".into(), |f| f.display().to_string());
            faults.push(
                Fault::new(
                    "missing_input",
                    format!(
                        "operator '{}' needs the output of '{}', which is not selected and has no kept result",
                        operators[ix].id, operators[source].id
                    ),
                )
                .hint(format!("make it first: `suanzi run {file} --to {}`", operators[source].id))
                .at(prepared.document.place_of_operator(source as u32))
                .operator(operators[source].id.to_string()),
            );
        }
    }
    if faults.has_errors() { Err(SubmitError::MissingInputs(faults)) } else { Ok(()) }
}

/// Of each executor one operator that will run there and needs libraries that take a while: what is made ready for it serves all. Those of environments of their own have them there.
fn foreseen<'a>(plan: &'a RunPlan, selected: &'a [bool]) -> impl Iterator<Item = &'a OpPlan> {
    let mut told = Vec::new();
    let will_run = plan.ops.iter().zip(selected).filter(|(op, selected)| **selected && op.hit.is_none());
    will_run.map(|(op, _)| op).filter(move |op| {
        let first = op.code.sklearn && op.requirements.is_empty() && !told.contains(&op.executor);
        if first {
            told.push(op.executor);
        }
        first
    })
}

pub(crate) fn outside(prepared: &Prepared, resolution: &Resolution) -> Vec<(u32, Vec<(u16, ArtifactRow)>)> {
    prepared
        .order
        .iter()
        .filter(|ix| !prepared.selected.ops[**ix as usize])
        .filter_map(|ix| resolution.ops[*ix as usize].hit.as_ref().map(|hit| (*ix, hit.outputs.clone())))
        .collect()
}

/// What an operator needs besides processors and memory, by the names it uses.
fn other_resources(resources: &suanzi_dag::Resources) -> Vec<(String, f64)> {
    let gpu = resources.gpu.map(|amount| ("gpu".to_owned(), amount));
    let others = resources.extra.iter().filter_map(|(name, value)| match value {
        suanzi_dag::Value::Int(amount) => Some((name.clone(), *amount as f64)),
        suanzi_dag::Value::Float(amount) => Some((name.clone(), *amount)),
        _ => None,
    });
    gpu.into_iter().chain(others).filter(|(_, amount)| *amount > 0.0 && amount.is_finite()).collect()
}

/// `outlives`: by executor, whether attempts go on without the engine.
pub(crate) fn run_plan(prepared: &Prepared, resolution: &Resolution, run_id: &str, outlives: &[bool]) -> RunPlan {
    let operators = &prepared.document.dag.operators;
    let ops: Vec<OpPlan> = prepared
        .bound
        .ops
        .iter()
        .enumerate()
        .map(|(ix, op)| {
            let spec = &op.kind.spec;
            let keys = &prepared.keys[ix];
            let resources = &operators[ix].resources;
            let executor = prepared.executors.iter().position(|e| *e == op.executor).unwrap_or(0);
            OpPlan {
                operator_id: operators[ix].id.to_string(),
                algo_name: operators[ix].algo_name.clone(),
                code: CodeRef {
                    module: spec.module.clone(),
                    function: spec.function.clone(),
                    dir: op.kind.origin.dir.clone(),
                    code_hash: op.kind.origin.code_hash.clone(),
                    sklearn: spec.sklearn,
                },
                params: serde_json::to_string(&op.params).unwrap_or_default(),
                inputs: op
                    .inputs
                    .iter()
                    .map(|i| crate::core::InputPlan {
                        name: i.name.clone(),
                        port_type: i.port_type.clone(),
                        source: i.source,
                    })
                    .collect(),
                outputs: spec
                    .outputs
                    .iter()
                    .map(|o| OutputPort { name: o.name.clone(), port_type: o.port_type.clone() })
                    .collect(),
                requirements: op.requirements.iter().map(ToString::to_string).collect(),
                files: prepared.files[ix].iter().map(|f| (f.param.clone(), f.path.clone())).collect(),
                file_keys: prepared.files[ix].iter().map(|f| (f.param.clone(), travel::key_of(f))).collect(),
                stats: prepared.files[ix].iter().map(|f| f.stat.clone()).collect(),
                limits: Limits {
                    cpu_slots: slots(resources.cpu),
                    memory_bytes: resources.memory_bytes,
                    reserved_bytes: 0,
                    timeout: operators[ix].timeout_ms.map(Duration::from_millis),
                },
                resources: other_resources(resources),
                executor: executor as u16,
                side_effects: spec.side_effects,
                outlives: outlives.get(executor).copied().unwrap_or(false),
                self_hash: keys.self_hash,
                derivation: keys.derivation,
                keyed: keys.keyed,
                may_cut_off: resolution.ops[ix].may_cut_off,
                hit: if keys.reads && prepared.selected.ops[ix] {
                    resolution.ops[ix].hit.as_ref().map(|h| Arc::new(h.outputs.clone()))
                } else {
                    None
                },
            }
        })
        .collect();
    let mut readers: Vec<Vec<u32>> = vec![Vec::new(); ops.len()];
    for (ix, op) in ops.iter().enumerate() {
        for input in &op.inputs {
            let list = &mut readers[input.source.0 as usize];
            if list.last() != Some(&(ix as u32)) {
                list.push(ix as u32);
            }
        }
    }
    RunPlan {
        run_id: run_id.to_string(),
        dag_identity: prepared.identity.clone(),
        seed: prepared.options.seed,
        ops,
        readers: readers.into_iter().map(Vec::into_boxed_slice).collect(),
    }
}

fn slots(cpu: Option<f64>) -> u32 {
    cpu.map_or(1, |c| c.ceil().clamp(1.0, 1024.0) as u32)
}

pub(crate) fn run_spec(
    prepared: &Prepared,
    plan: &RunPlan,
    key: RunKey,
    token_seed: u64,
    store: &dyn Store,
    options: &EngineOptions,
) -> RunSpec {
    let dag = &prepared.document.dag;
    let history: Vec<String> = dag.operators.iter().map(|op| prepared.history_key(&op.id.0)).collect();
    // Only a better order; the run's row is there, so a database that went away is no reason to leave it alone.
    let past = store.past_usage(&history).unwrap_or_else(|_| vec![None; history.len()]);
    let pools: Vec<&String> = options.pools.keys().collect();
    let mut kinds: HashMap<&str, u32> = HashMap::new();
    let ops = dag
        .operators
        .iter()
        .enumerate()
        .map(|(ix, op)| OpSpec {
            selected: prepared.selected.ops[ix],
            trigger: trigger(op.trigger_rule),
            priority: op.priority.unwrap_or(0),
            retries: op.retries.unwrap_or(0),
            retry_delay_ms: op.retry_delay_ms.unwrap_or(0),
            timeout_ms: op.timeout_ms,
            slots: plan.ops[ix].limits.cpu_slots,
            pool: op.pool.as_ref().and_then(|p| pools.iter().position(|name| *name == p)).map(|p| p as u16),
            executor: plan.ops[ix].executor,
            lookup: prepared.keys[ix].reads && prepared.keys[ix].keyed,
            // What isn't on record can't be found again by the next engine.
            side_effects: plan.ops[ix].side_effects || plan.ops[ix].outlives,
            expected_ms: past[ix].map_or(0, |usage| usage.wall_us.div_ceil(1000).min(u32::MAX as u64) as u32),
            memory_mib: crate::memory::expected_mib(op.resources.memory_bytes, past[ix]),
            kind: {
                let next = kinds.len() as u32;
                *kinds.entry(&op.algo_name).or_insert(next)
            },
        })
        .collect();
    let mut edges: Vec<(u32, u32)> = Vec::new();
    for (ix, op) in prepared.bound.ops.iter().enumerate().filter(|(ix, _)| prepared.selected.ops[*ix]) {
        edges.extend(op.predecessors.iter().filter(|p| prepared.selected.ops[**p as usize]).map(|p| (*p, ix as u32)));
    }
    RunSpec {
        run: sched::RunKey(key.0),
        token_seed,
        priority: prepared.options.priority,
        concurrency: prepared.options.concurrency.or(dag.concurrency),
        ops,
        edges,
        recovered: Vec::new(),
    }
}

fn trigger(rule: Option<TriggerRule>) -> Trigger {
    match rule.unwrap_or_default() {
        TriggerRule::AllSuccess => Trigger::AllSuccess,
        TriggerRule::AllDone => Trigger::AllDone,
        TriggerRule::OneSuccess => Trigger::OneSuccess,
        TriggerRule::OneFailed => Trigger::OneFailed,
        TriggerRule::AllFailed => Trigger::AllFailed,
        TriggerRule::NoneFailed => Trigger::NoneFailed,
    }
}

/// The DAG as rows: what the mission calls its structured form.
pub fn dag_version(document: &Document, bound: &Bound, identity: &str, created_at: i64) -> NewDagVersion {
    let source = document.source().to_string();
    let dag = &document.dag;
    NewDagVersion {
        identity: identity.to_string(),
        source_hash: blake3::hash(source.as_bytes()).to_hex().to_string(),
        source,
        operators: bound
            .ops
            .iter()
            .enumerate()
            .map(|(ix, op)| OperatorRow {
                op: ix as u32,
                operator_id: dag.operators[ix].id.to_string(),
                algo_name: dag.operators[ix].algo_name.clone(),
                category: op.kind.spec.category.clone(),
                inputs: serde_json::to_string(&op.kind.spec.inputs).unwrap_or_default(),
                outputs: serde_json::to_string(&op.kind.spec.outputs).unwrap_or_default(),
                params: serde_json::to_string(&op.params).unwrap_or_default(),
                config: run_config(&dag.operators[ix]),
            })
            .collect(),
        relations: dag
            .edges
            .iter()
            .map(|e| RelationRow {
                source: e.source,
                source_index: e.source_index,
                target: e.target,
                target_index: e.target_index,
            })
            .collect(),
        created_at,
    }
}

fn run_config(op: &suanzi_dag::Operator) -> String {
    serde_json::json!({
        "executor": op.executor, "retries": op.retries, "retry_delay_ms": op.retry_delay_ms, "timeout_ms": op.timeout_ms,
        "priority": op.priority, "pool": op.pool, "cache": op.cache, "disabled": op.disabled,
    })
    .to_string()
}

fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// `20261123-224511-k7qm2x`: readable, sortable to the second, unlike any other of that second.
fn new_run_id(wall_ms: i64) -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let (date, time) = civil(wall_ms.div_euclid(1000));
    let mut bits = random();
    let mut id = format!("{date:08}-{time:06}-");
    for _ in 0..6 {
        id.push(LETTERS[(bits % LETTERS.len() as u64) as usize] as char);
        bits /= LETTERS.len() as u64;
    }
    id
}

/// Date and time of day (UTC) as decimal digits, from seconds since 1970 (Howard Hinnant's `civil_from_days`).
pub fn civil(seconds: i64) -> (i64, i64) {
    let days = seconds.div_euclid(86_400);
    let rest = seconds.rem_euclid(86_400);
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year * 10_000 + month * 100 + day, rest / 3600 * 10_000 + rest % 3600 / 60 * 100 + rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_ids_carry_the_date() {
        for (seconds, expected) in
            [(0, (19_700_101, 0)), (951_782_400, (20_000_229, 0)), (1_795_473_911, (20_261_123, 224_511))]
        {
            assert_eq!(civil(seconds), expected);
        }
        assert!(new_run_id(0).starts_with("19700101-000000-"));
    }
}
