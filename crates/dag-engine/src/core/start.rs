//! Scheduler actions turned into requests to executors.

use super::{AfterCommit, Core, Effects, Now, StillRunning};
use suanzi_executor::{AttemptId, InputValue, Limits, Location, ObjectPlace, TaskRequest};
use suanzi_scheduler::{self as sched, Action, Input};
use suanzi_store::RunKey;

impl Core {
    pub(super) fn action(&mut self, action: Action, fx: &mut Effects) {
        match action {
            Action::Lookup { task, .. } => self.ask_cache(task, fx),
            Action::Start { attempt, executor, after_commit, memory_mib, .. } => {
                #[cfg_attr(not(feature = "planted-defects"), expect(unused_mut))]
                let Some(mut request) = self.request(attempt, memory_mib) else { return };
                #[cfg(feature = "planted-defects")]
                let after_commit = self.planted.start(executor, &mut request, after_commit, fx);
                if after_commit {
                    let id = request.attempt;
                    self.held.insert(id, (executor, request));
                    fx.after.push(AfterCommit::Release(id));
                } else {
                    fx.starts.push((executor, request));
                }
            }
            Action::Stop { attempt, reason, .. } => {
                if self.held.remove(&attempt_id(attempt)).is_some() {
                    self.answers.push(Input::AttemptFinished { attempt, end: sched::AttemptEnd::Stopped });
                    return;
                }
                let run = RunKey(attempt.task.run.0);
                let plan = self.runs.get(&run).and_then(|r| r.plan.ops.get(attempt.task.op as usize));
                let (executor, outlives) = plan.map_or((0, false), |op| (op.executor, op.outlives));
                if outlives && reason == sched::StopReason::Disowned {
                    // The run's new owner has re-attached to it.
                    fx.let_go.push((executor, attempt_id(attempt)));
                } else {
                    fx.stops.push((executor, attempt_id(attempt)));
                }
            }
            Action::SetTimer { at } => fx.timer_ms = Some(at),
        }
    }

    /// An attempt of an earlier engine goes on: its executor is asked what becomes of it.
    pub(super) fn re_attach(&mut self, now: Now, run: RunKey, still: StillRunning, memory_mib: u32, fx: &mut Effects) {
        let task = sched::TaskRef { run: sched::RunKey(run.0), op: still.op };
        let attempt = sched::Attempt { task, no: still.attempt_no, token: still.token };
        let Some(executor) = self.executor_of(run, still.op) else { return };
        match self.request(attempt, memory_mib) {
            Some(request) => fx.re_attaches.push((executor, request)),
            None => self.feed(now, Input::AttemptLost { attempt }, fx),
        }
    }

    fn ask_cache(&mut self, task: sched::TaskRef, fx: &mut Effects) {
        let run = RunKey(task.run.0);
        if let Some(hit) = self.lookup(run, task.op, fx) {
            self.answers.push(Input::LookedUp { task, hit });
        }
    }

    /// `None` when an input is missing, which recovery and selection have ruled out.
    fn request(&self, attempt: sched::Attempt, memory_mib: u32) -> Option<Box<TaskRequest>> {
        let data = self.runs.get(&RunKey(attempt.task.run.0))?;
        let plan = data.plan.ops.get(attempt.task.op as usize)?;
        let mut inputs = Vec::with_capacity(plan.inputs.len());
        for input in &plan.inputs {
            let Some(output) = data.output(input.source.0, input.source.1) else { continue };
            let at = match &output.artifact.inline {
                Some(bytes) => Location::Inline(bytes.clone()),
                None => Location::Path(self.artifact_dir.join(&output.artifact.path)),
            };
            let port_type = output.artifact.port_type.clone();
            inputs.push(InputValue { name: input.name.clone(), port_type, at });
        }
        Some(Box::new(TaskRequest {
            attempt: attempt_id(attempt),
            run_id: data.plan.run_id.clone(),
            operator_id: plan.operator_id.clone(),
            algo_name: plan.algo_name.clone(),
            code: plan.code.clone(),
            params: plan.params.clone(),
            seed: data.plan.seed,
            inputs,
            outputs: plan.outputs.clone(),
            files: plan.files.clone(),
            out_dir: self.artifact_dir.join(&data.plan.run_id),
            // The token tells attempts of different engines apart that had the same number because the first one's dispatch was never committed.
            out_prefix: format!("{}-{}-{:016x}-", attempt.task.op, attempt.no, attempt.token),
            requirements: plan.requirements.clone(),
            resources: plan.resources.clone(),
            objects: self.objects.clone().map(|place| ObjectPlace { files: plan.file_keys.clone(), ..place }),
            limits: Limits { reserved_bytes: u64::from(memory_mib) << 20, ..plan.limits },
        }))
    }
}

pub(super) fn attempt_id(attempt: sched::Attempt) -> AttemptId {
    AttemptId { run: attempt.task.run.0, op: attempt.task.op, no: attempt.no, token: attempt.token }
}
