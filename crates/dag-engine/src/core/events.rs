//! What executors tell, turned into scheduler inputs.

use super::{Core, Effects, Now};
use crate::event::RunEvent;
use suanzi_executor::{AttemptId, Event, FailureKind, Outcome, Usage};
use suanzi_scheduler::{self as sched, Input};
use suanzi_store::RunKey;

/// How an attempt ended, kept until the scheduler decides what that means.
pub(in crate::core) struct FinishedAttempt {
    pub attempt: AttemptId,
    pub outcome: Outcome,
    pub usage: Usage,
    pub worker: String,
}

pub(super) fn sched_attempt(id: AttemptId) -> sched::Attempt {
    sched::Attempt { task: sched::TaskRef { run: sched::RunKey(id.run), op: id.op }, no: id.no, token: id.token }
}

impl Core {
    pub fn event(&mut self, now: Now, executor: u16, event: Event, fx: &mut Effects) {
        match event {
            Event::Started { attempt, worker } => {
                let run = self.runs.get_mut(&RunKey(attempt.run));
                if let Some(op) = run.and_then(|run| run.ops.get_mut(attempt.op as usize)) {
                    op.worker = (attempt, worker);
                }
                self.feed(now, Input::AttemptStarted { attempt: sched_attempt(attempt) }, fx)
            }
            Event::Progress { attempt, fraction, message } => {
                fx.events.push(RunEvent::Progress { run: RunKey(attempt.run), op: attempt.op, fraction, message });
            }
            Event::Metric { attempt, name, step, value } => {
                fx.events.push(RunEvent::Metric { run: RunKey(attempt.run), op: attempt.op, name, step, value });
            }
            Event::Capacity { slots } => self.feed(now, Input::Capacity { executor, slots }, fx),
            Event::Memory { bytes } => {
                let mib = bytes.map(crate::memory::whole_mib);
                self.feed(now, Input::Memory { executor, mib }, fx);
            }
            Event::Finished { attempt, outcome, usage } => self.finished(now, attempt, outcome, usage, fx),
        }
    }

    fn finished(&mut self, now: Now, attempt: AttemptId, outcome: Outcome, usage: Usage, fx: &mut Effects) {
        #[cfg(feature = "planted-defects")]
        let Some((attempt, outcome)) = self.planted.heard(attempt, outcome) else { return };
        let input = match &outcome {
            Outcome::Success { .. } => {
                Input::AttemptFinished { attempt: sched_attempt(attempt), end: sched::AttemptEnd::Success }
            }
            Outcome::Failed(failure) => {
                let retry = !matches!(failure.kind, FailureKind::Refused | FailureKind::Import);
                Input::AttemptFinished { attempt: sched_attempt(attempt), end: sched::AttemptEnd::Failed { retry } }
            }
            Outcome::Stopped => {
                Input::AttemptFinished { attempt: sched_attempt(attempt), end: sched::AttemptEnd::Stopped }
            }
            Outcome::Lost => Input::AttemptLost { attempt: sched_attempt(attempt) },
            Outcome::Evicted { held_bytes } => {
                Input::AttemptEvicted { attempt: sched_attempt(attempt), held_mib: crate::memory::mib(*held_bytes) }
            }
        };
        let Some(op) = self.runs.get_mut(&RunKey(attempt.run)).and_then(|r| r.ops.get_mut(attempt.op as usize)) else {
            return;
        };
        let (started, worker) = std::mem::take(&mut op.worker);
        let worker = if started == attempt { worker } else { String::new() };
        op.finished = Some(Box::new(FinishedAttempt { attempt, outcome, usage, worker }));
        self.feed(now, input, fx);
        // A stale attempt's end made no record: nothing of it stays.
        if let Some(op) = self.runs.get_mut(&RunKey(attempt.run)).and_then(|r| r.ops.get_mut(attempt.op as usize))
            && op.finished.as_ref().is_some_and(|f| f.attempt == attempt)
        {
            op.finished = None;
        }
    }
}
