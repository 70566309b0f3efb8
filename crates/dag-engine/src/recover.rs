//! Recovery: a run whose owner died goes on from its rows. What is final stays; what was under way goes on where it outlives engines, and is lost and run again elsewhere.

use crate::core::{NewCoreRun, RunPlan, StillRunning};
use crate::engine::Engine;
use crate::plan::Resolution;
use crate::prepare::Prepared;
use crate::submit::{SubmitError, Submitted, check_inputs, outside, run_plan, run_spec};
use std::collections::HashMap;
use std::sync::Arc;
use suanzi_scheduler::{FinalState, RecoveredTask, RunSpec, attempt_token};
use suanzi_store::{
    ArtifactRow, AttemptRow, AttemptState, EpochMillis, OutputRow, RunRow, Store, StoreError, TaskRow, TaskState,
};

/// What the store knows of a run's tasks.
pub struct RunRows {
    pub tasks: Vec<TaskRow>,
    pub attempts: Vec<AttemptRow>,
    pub outputs: Vec<OutputRow>,
}

impl RunRows {
    pub fn load(store: &dyn Store, row: &RunRow) -> Result<RunRows, StoreError> {
        Ok(RunRows {
            tasks: store.tasks(row.key)?,
            attempts: store.attempts(row.key, None)?,
            outputs: store.outputs(row.key)?,
        })
    }
}

/// A run as it would be submitted if nothing of it had happened yet.
pub struct BoundRun {
    pub plan: Arc<RunPlan>,
    pub spec: RunSpec,
    /// Operators with every source before its readers.
    pub order: Vec<u32>,
    /// Outputs of operators outside the selection.
    pub outside: Vec<(u32, Vec<(u16, ArtifactRow)>)>,
}

/// The deciding half of recovery: a claimed run's rows and its binding become what the core goes on with.
///
/// An attempt that outlives engines keeps its number and token, and isn't begun again. `now`: the wall clock.
///
/// Attempts of this engine get tokens of their own: one that the dead engine handed out and didn't commit has the number of one that this engine will hand out, and must not pass for it.
pub fn recovered(row: &RunRow, rows: RunRows, bound: BoundRun, now: EpochMillis) -> NewCoreRun {
    let BoundRun { plan, mut spec, order, outside: mut published } = bound;
    let epoch = row.owner_epoch;
    spec.token_seed = attempt_token(row.token_seed, (epoch >> 32) as u32, epoch as u32);
    let mut failures = Vec::new();
    let mut evicted: HashMap<u32, u32> = HashMap::new();
    for (op, held_mib) in rows.attempts.iter().filter_map(crate::memory::evicted) {
        *evicted.entry(op).or_default() += 1;
        if let Some(spec) = spec.ops.get_mut(op as usize) {
            spec.memory_mib = spec.memory_mib.max(held_mib.saturating_mul(2));
        }
    }
    let (running, lost): (Vec<_>, Vec<_>) = rows
        .attempts
        .iter()
        .filter(|a| a.state == AttemptState::Running)
        .partition(|a| outlives(&plan, &rows.tasks, a));
    let lost = lost.into_iter().map(|a| (a.op, a.attempt_no, a.token)).collect();
    let running: Vec<StillRunning> = running.into_iter().map(still_running).collect();
    let going_on: HashMap<u32, StillRunning> = running.iter().map(|still| (still.op, *still)).collect();
    for task in &rows.tasks {
        let recovered = match task.state {
            TaskState::Success => RecoveredTask::Final(FinalState::Success),
            TaskState::Cached => RecoveredTask::Final(FinalState::Cached),
            TaskState::Failed => RecoveredTask::Final(FinalState::Failed),
            TaskState::Skipped => RecoveredTask::Final(FinalState::Skipped),
            TaskState::Cancelled => RecoveredTask::Final(FinalState::Cancelled),
            TaskState::Running | TaskState::Retrying => {
                let evicted = evicted.get(&task.op).copied().unwrap_or(0);
                match going_on.get(&task.op) {
                    Some(still) => RecoveredTask::Running {
                        attempt_no: still.attempt_no,
                        token: still.token,
                        failures: task.failures,
                        evicted,
                        running_ms: u64::try_from(now.saturating_sub(still.dispatched_at)).unwrap_or(0),
                    },
                    None => RecoveredTask::Begun { last_attempt: task.attempt_no, failures: task.failures, evicted },
                }
            }
        };
        failures.push((task.op, task.failures));
        spec.recovered.push((task.op, recovered));
    }
    let mut by_op: HashMap<u32, Vec<(u16, ArtifactRow)>> = HashMap::new();
    for output in rows.outputs {
        by_op.entry(output.op).or_default().push((output.port, output.artifact));
    }
    published.extend(order.iter().filter_map(|op| by_op.remove(op).map(|outputs| (*op, outputs))));
    NewCoreRun { key: row.key, epoch, seq: row.seq, plan, spec, published, failures, lost, running }
}

/// It is its task's newest, and goes on where it was handed out.
fn outlives(plan: &RunPlan, tasks: &[TaskRow], attempt: &AttemptRow) -> bool {
    let newest =
        |task: &TaskRow| (task.op, task.attempt_no, task.state) == (attempt.op, attempt.attempt_no, TaskState::Running);
    plan.ops.get(attempt.op as usize).is_some_and(|op| op.outlives) && tasks.iter().any(newest)
}

fn still_running(row: &AttemptRow) -> StillRunning {
    StillRunning { op: row.op, attempt_no: row.attempt_no, token: row.token, dispatched_at: row.dispatched_at }
}

impl Engine {
    /// Goes on with a claimed run. `prepared` is its own DAG version, bound with its own options.
    pub fn resume(&self, row: &RunRow, prepared: &Prepared) -> Result<Submitted, SubmitError> {
        let store = self.inner.store.as_ref();
        let resolution = Resolution::of(prepared, store)?;
        check_inputs(prepared, &resolution)?;
        self.send_files(prepared, &resolution)?;
        std::fs::create_dir_all(self.inner.options.artifacts.root().join(&row.run_id))?;
        let plan = Arc::new(run_plan(prepared, &resolution, &row.run_id, &self.inner.operators.outlive_engine()));
        let spec = run_spec(prepared, &plan, row.key, row.token_seed, store, &self.inner.options);
        let outside = outside(prepared, &resolution);
        let bound = BoundRun { plan, spec, order: prepared.order.clone(), outside };
        let new = recovered(row, RunRows::load(store, row)?, bound, self.inner.now().wall);
        let events = self.watch(row.key);
        let (key, cancel) = (row.key, row.cancel_requested);
        self.inner.with(|core, now, fx| {
            core.submit(now, new, fx);
            if cancel {
                core.cancel(now, key, fx);
            }
        });
        Ok(Submitted { key, run_id: row.run_id.clone(), events })
    }
}
