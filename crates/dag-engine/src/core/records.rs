//! The scheduler's records as the store's: numbered within the run, with what attempts published.

use super::events::FinishedAttempt;
use super::run::Published;
use super::{AfterCommit, CheckJob, Core, DescribeJob, Effects, Now};
use crate::event::{RunEvent, TaskEnd, TaskOutput};
use suanzi_executor::{Failure, FailureKind, Location, Outcome, OutputValue};
use suanzi_scheduler::{self as sched, Change, EndReason, FinalState, TaskNext};
use suanzi_store::{
    ArtifactId, ArtifactRow, AttemptEnd, AttemptState, CacheKey, NewArtifact, RunKey, RunState, StoreRecord,
    TaskResult, TaskState,
};

fn task_state(state: FinalState) -> TaskState {
    match state {
        FinalState::Success => TaskState::Success,
        FinalState::Cached => TaskState::Cached,
        FinalState::Failed => TaskState::Failed,
        FinalState::Skipped => TaskState::Skipped,
        FinalState::Cancelled => TaskState::Cancelled,
    }
}

pub(super) fn run_state(state: sched::RunState) -> RunState {
    match state {
        sched::RunState::Success => RunState::Success,
        sched::RunState::Failed => RunState::Failed,
        sched::RunState::Cancelled => RunState::Cancelled,
    }
}

impl Core {
    pub(super) fn record(&mut self, now: Now, change: Change, fx: &mut Effects) {
        match change {
            Change::Dispatched { attempt } => self.record_dispatched(now, attempt, fx),
            Change::Ended { attempt, why, next } => self.record_ended(now, attempt, why, next, fx),
            Change::Settled { task, state } => self.record_settled(now, task, state, fx),
            Change::RunEnded { run, state } => {
                if let Some(data) = self.runs.get_mut(&RunKey(run.0)) {
                    data.ended = Some(state);
                    self.ending.push(RunKey(run.0));
                }
            }
        }
    }

    fn record_dispatched(&mut self, now: Now, attempt: sched::Attempt, fx: &mut Effects) {
        let run = RunKey(attempt.task.run.0);
        let Some(data) = self.runs.get_mut(&run) else { return };
        let seq = data.next_seq();
        let op = attempt.task.op;
        data.ops[op as usize].dispatched_at = now.wall;
        #[cfg(feature = "planted-defects")]
        self.planted.dispatched(super::start::attempt_id(attempt));
        fx.records.push(StoreRecord::Dispatched {
            run,
            op,
            attempt_no: attempt.no,
            token: attempt.token,
            at: now.wall,
            seq,
        });
        fx.touch(run, data.epoch);
        fx.after.push(AfterCommit::Event(RunEvent::TaskStarted { run, op, attempt_no: attempt.no }));
    }

    fn record_ended(&mut self, now: Now, attempt: sched::Attempt, why: EndReason, next: TaskNext, fx: &mut Effects) {
        let run = RunKey(attempt.task.run.0);
        let op = attempt.task.op;
        let Some(data) = self.runs.get_mut(&run) else { return };
        let seq = data.next_seq();
        let epoch = data.epoch;
        let plan = data.plan.clone();
        let op_plan = &plan.ops[op as usize];
        let op_data = &mut data.ops[op as usize];
        let finished = op_data.finished.take();
        if matches!(why, EndReason::Failed | EndReason::TimedOut) {
            op_data.failures += 1;
        }
        let failures = op_data.failures;
        let failure = failure_of(why, finished.as_deref(), op_plan.limits.timeout);
        let usage = finished.as_ref().map(|f| f.usage).unwrap_or_default();
        let end = AttemptEnd {
            at: now.wall,
            wall_us: usage.wall_us,
            cpu_us: usage.cpu_us,
            peak_rss_bytes: usage.peak_rss_bytes,
            worker: finished.as_ref().map(|f| f.worker.clone()).unwrap_or_default(),
            failure: failure.as_ref().map(|f| serde_json::to_string(f).unwrap_or_default()).unwrap_or_default(),
            log_file: usage.log.file,
            log_start: usage.log.start,
            log_end: usage.log.end,
        };
        let (attempt_state, task) = match (why, next) {
            (EndReason::Success, _) => (AttemptState::Success, TaskState::Success),
            (why, next) => {
                let attempt_state = match why {
                    EndReason::Failed | EndReason::Success => AttemptState::Failed,
                    EndReason::TimedOut => AttemptState::TimedOut,
                    EndReason::Cancelled => AttemptState::Cancelled,
                    EndReason::Lost | EndReason::Evicted { .. } => AttemptState::Lost,
                };
                let task = match next {
                    TaskNext::Final(state) => task_state(state),
                    TaskNext::Retry { .. } => TaskState::Retrying,
                };
                (attempt_state, task)
            }
        };
        let mut result = None;
        if why == EndReason::Success
            && let Some(FinishedAttempt { outcome: Outcome::Success { outputs }, attempt: id, .. }) =
                finished.map(|f| *f)
        {
            result = Some(self.publish_outputs(now, run, op, id.no, outputs, fx));
        }
        fx.records.push(StoreRecord::Ended {
            run,
            op,
            attempt_no: attempt.no,
            token: attempt.token,
            state: attempt_state,
            end: Box::new(end),
            task,
            failures,
            result,
            history_key: format!("{}#{}", plan.dag_identity, op_plan.operator_id),
            seq,
        });
        fx.touch(run, epoch);
        if op_plan.outlives {
            fx.after.push(AfterCommit::Recorded(op_plan.executor, super::start::attempt_id(attempt)));
        }
        if task.is_final() || failure.is_some() {
            let outputs = if task == TaskState::Success { self.told_outputs(run, op) } else { Vec::new() };
            let (attempt_no, wall_us) = (attempt.no, usage.wall_us);
            let end = TaskEnd { run, op, state: task, attempt_no, wall_us, failure, outputs };
            fx.after.push(AfterCommit::Event(RunEvent::TaskEnded(Box::new(end))));
        }
        self.spread(run, op, fx);
    }

    /// An attempt that died with its engine: its row ends, its task waits for the next one.
    pub(super) fn record_lost(
        &mut self,
        now: Now,
        run: RunKey,
        op: u32,
        attempt_no: u32,
        token: u64,
        fx: &mut Effects,
    ) {
        let Some(data) = self.runs.get_mut(&run) else { return };
        let seq = data.next_seq();
        let Some(failures) = data.ops.get(op as usize).map(|o| o.failures) else { return };
        fx.records.push(StoreRecord::Ended {
            run,
            op,
            attempt_no,
            token,
            state: AttemptState::Lost,
            end: Box::new(AttemptEnd { at: now.wall, ..AttemptEnd::default() }),
            task: TaskState::Retrying,
            failures,
            result: None,
            history_key: String::new(),
            seq,
        });
        fx.touch(run, data.epoch);
    }

    /// Makes an attempt's outputs the task's: rows for the store, inputs for successors, jobs for the describer.
    fn publish_outputs(
        &mut self,
        now: Now,
        run: RunKey,
        op: u32,
        attempt_no: u32,
        outputs: Vec<OutputValue>,
        fx: &mut Effects,
    ) -> Box<TaskResult> {
        let data = self.runs.get_mut(&run).expect("the caller looked it up");
        let plan = data.plan.clone();
        let op_plan = &plan.ops[op as usize];
        let mut new = Vec::with_capacity(outputs.len());
        let mut published = Vec::with_capacity(outputs.len());
        for output in outputs {
            let id = ArtifactId(format!("{}-{op}-{attempt_no}-{}", plan.run_id, output.port));
            let (path, inline) = match output.at {
                Location::Path(path) => {
                    let relative =
                        path.strip_prefix(&self.artifact_dir).unwrap_or(&path).to_string_lossy().into_owned();
                    fx.describes.push(DescribeJob {
                        run,
                        epoch: data.epoch,
                        op,
                        port: output.port,
                        artifact: id.clone(),
                        path,
                        table: output.port_type == "data",
                    });
                    data.outstanding += 1;
                    (relative, None)
                }
                Location::Inline(bytes) => (String::new(), Some(bytes)),
            };
            let row = ArtifactRow {
                id: id.clone(),
                run,
                op,
                port_type: output.port_type.clone(),
                path: path.clone(),
                inline: inline.clone(),
                bytes: output.bytes,
                rows: output.rows,
                manifest: output.manifest.clone(),
                identity: None,
                content_id: None,
                stats: None,
                durable: inline.is_some(),
                present: true,
                created_at: now.wall,
                last_used: now.wall,
            };
            new.push(NewArtifact {
                id,
                port: output.port,
                port_type: output.port_type,
                path,
                inline,
                bytes: output.bytes,
                rows: output.rows,
                manifest: output.manifest,
                identity: None,
            });
            published.push((output.port, row));
        }
        data.ops[op as usize].succeeded = Some(attempt_no);
        data.publish(op, published);
        data.carry_out(now, run, op, fx);
        let mut keys = Vec::new();
        if op_plan.keyed && !op_plan.stats.is_empty() {
            // Keyed once it is sure that the files didn't change under the reader.
            fx.checks.push(CheckJob { run, op, attempt_no, stats: op_plan.stats.clone() });
            data.outstanding += 1;
        } else if op_plan.keyed {
            keys.extend(op_plan.derivation.map(|k| CacheKey(k.0)));
            keys.extend(data.ops[op as usize].content_key.map(|k| CacheKey(k.0)));
        }
        Box::new(TaskResult { outputs: new, keys, self_hash: op_plan.keyed.then_some(CacheKey(op_plan.self_hash.0)) })
    }

    fn record_settled(&mut self, now: Now, task: sched::TaskRef, state: FinalState, fx: &mut Effects) {
        let run = RunKey(task.run.0);
        let op = task.op;
        let Some(data) = self.runs.get_mut(&run) else { return };
        let seq = data.next_seq();
        if state == FinalState::Cached {
            let hit = data.plan.ops[op as usize].hit.clone();
            if let (Some(hit), true) = (hit, data.ops[op as usize].outputs.is_empty()) {
                data.publish(op, hit.as_ref().clone());
                self.describe_taken_over(run, op, fx);
            }
        }
        let Some(data) = self.runs.get(&run) else { return };
        let outputs = data.ops[op as usize].outputs.iter().map(|o| (o.port, o.artifact.id.clone())).collect();
        fx.records.push(StoreRecord::Settled { run, op, state: task_state(state), outputs, at: now.wall, seq });
        fx.touch(run, data.epoch);
        let state = task_state(state);
        let outputs = if state == TaskState::Cached { self.told_outputs(run, op) } else { Vec::new() };
        let end = TaskEnd { run, op, state, attempt_no: 0, wall_us: 0, failure: None, outputs };
        fx.after.push(AfterCommit::Event(RunEvent::TaskEnded(Box::new(end))));
        if state == TaskState::Cached {
            self.spread(run, op, fx);
        }
    }

    /// A task's outputs for those who watch the run: they needn't ask before they fetch one.
    fn told_outputs(&self, run: RunKey, op: u32) -> Vec<TaskOutput> {
        let published = self.runs.get(&run).and_then(|data| data.ops.get(op as usize)).map(|op| &op.outputs);
        let told = published.into_iter().flatten().map(|Published { port, artifact, .. }| TaskOutput {
            port: *port,
            port_type: artifact.port_type.clone(),
            rows: artifact.rows,
            bytes: artifact.bytes,
            content_id: artifact.content_id.clone(),
            present: artifact.present,
            described: artifact.stats.is_some(),
        });
        told.collect()
    }

    /// A run's end is told once everything it published is on the disk for good.
    pub(super) fn finish_ended(&mut self, now: Now, fx: &mut Effects) {
        let mut i = 0;
        while i < self.ending.len() {
            let run = self.ending[i];
            let Some(data) = self.runs.get_mut(&run) else {
                self.ending.swap_remove(i);
                continue;
            };
            let waits = data.outstanding > 0;
            #[cfg(feature = "planted-defects")]
            let waits = waits && !self.planted.is(crate::Defect::PrematureRunEnd);
            if waits {
                i += 1;
                continue;
            }
            let state = run_state(data.ended.unwrap_or(sched::RunState::Failed));
            let seq = data.next_seq();
            fx.records.push(StoreRecord::RunEnded { run, state, at: now.wall, seq });
            fx.touch(run, data.epoch);
            fx.after.push(AfterCommit::Event(RunEvent::RunEnded { run, state }));
            fx.after.push(AfterCommit::Gone { run });
            self.runs.remove(&run);
            self.ending.swap_remove(i);
        }
        #[cfg(feature = "planted-defects")]
        self.planted.distort(fx);
    }
}

/// What the person reads of an attempt that didn't succeed.
fn failure_of(
    why: EndReason,
    finished: Option<&FinishedAttempt>,
    timeout: Option<std::time::Duration>,
) -> Option<Failure> {
    let told = match finished.map(|f| &f.outcome) {
        Some(Outcome::Failed(failure)) => Some(failure.clone()),
        _ => None,
    };
    let plain = |kind, message: String, hint: Option<&str>| Failure {
        kind,
        message,
        hint: hint.map(str::to_string),
        traceback: None,
    };
    match why {
        EndReason::Success | EndReason::Cancelled => None,
        EndReason::Failed => {
            told.or_else(|| Some(plain(FailureKind::Protocol, "the attempt failed without saying why".into(), None)))
        }
        EndReason::TimedOut => Some(plain(
            FailureKind::Timeout,
            format!("it ran longer than its timeout of {} s", timeout.unwrap_or_default().as_secs_f64()),
            Some("raise `timeout` of the operator, or give it less data"),
        )),
        EndReason::Lost => Some(plain(
            FailureKind::Killed,
            "its worker or the engine went away while it ran; it is run again".into(),
            None,
        )),
        EndReason::Evicted { held_mib } => Some(plain(
            FailureKind::OutOfMemory,
            format!("memory ran short while it held {held_mib} MiB; it is run again with more kept free for it"),
            None,
        )),
    }
}
