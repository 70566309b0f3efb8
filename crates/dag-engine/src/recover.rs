//! Recovery: a run whose owner died goes on from its rows. What is final stays; what was under way is lost and run again.

use crate::core::NewCoreRun;
use crate::engine::Engine;
use crate::plan::Resolution;
use crate::prepare::Prepared;
use crate::submit::{SubmitError, Submitted, check_inputs, outside, run_plan, run_spec};
use std::collections::HashMap;
use std::sync::Arc;
use suanzi_scheduler::{FinalState, RecoveredTask};
use suanzi_store::{ArtifactRow, AttemptState, RunRow, TaskState};

impl Engine {
    /// Goes on with a claimed run. `prepared` is its own DAG version, bound with its own options.
    pub fn resume(&self, row: &RunRow, prepared: &Prepared) -> Result<Submitted, SubmitError> {
        let store = &self.inner.store;
        let resolution = Resolution::of(prepared, store.as_ref())?;
        check_inputs(prepared, &resolution)?;
        std::fs::create_dir_all(self.inner.options.artifact_dir.join(&row.run_id))?;
        let plan = Arc::new(run_plan(prepared, &resolution, &row.run_id));
        let mut spec = run_spec(prepared, &plan, row.key, row.token_seed, store.as_ref(), &self.inner.options)?;
        let mut failures = Vec::new();
        for task in store.tasks(row.key)? {
            let recovered = match task.state {
                TaskState::Success => RecoveredTask::Final(FinalState::Success),
                TaskState::Cached => RecoveredTask::Final(FinalState::Cached),
                TaskState::Failed => RecoveredTask::Final(FinalState::Failed),
                TaskState::Skipped => RecoveredTask::Final(FinalState::Skipped),
                TaskState::Cancelled => RecoveredTask::Final(FinalState::Cancelled),
                TaskState::Running | TaskState::Retrying => {
                    RecoveredTask::Begun { last_attempt: task.attempt_no, failures: task.failures }
                }
            };
            failures.push((task.op, task.failures));
            spec.recovered.push((task.op, recovered));
        }
        let lost = store
            .attempts(row.key, None)?
            .into_iter()
            .filter(|a| a.state == AttemptState::Running)
            .map(|a| (a.op, a.attempt_no, a.token))
            .collect();
        let mut published = outside(prepared, &resolution);
        let mut by_op: HashMap<u32, Vec<(u16, ArtifactRow)>> = HashMap::new();
        for output in store.outputs(row.key)? {
            by_op.entry(output.op).or_default().push((output.port, output.artifact));
        }
        published.extend(prepared.order.iter().filter_map(|op| by_op.remove(op).map(|outputs| (*op, outputs))));
        let events = self.watch(row.key);
        let new =
            NewCoreRun { key: row.key, epoch: row.owner_epoch, seq: row.seq, plan, spec, published, failures, lost };
        let cancel = row.cancel_requested;
        let key = row.key;
        self.inner.with(|core, now, fx| {
            core.submit(now, new, fx);
            if cancel {
                core.cancel(now, key, fx);
            }
        });
        Ok(Submitted { key: row.key, run_id: row.run_id.clone(), events })
    }
}
