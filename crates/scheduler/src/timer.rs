//! [`crate::Input::Timer`] and the times it is set for: ends of retry delays, deadlines of attempts.

use crate::cx::{Cx, Runs};
use crate::state::TaskState;
use crate::{Action, Millis, StopReason, TaskRef};
use std::collections::BTreeSet;

/// Every task has at most one time: that of its retry, or the deadline of its attempt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timers {
    times: BTreeSet<(Millis, TaskRef)>,
    /// What the last [`Action::SetTimer`] said, until the timer rings.
    armed: Option<Millis>,
}

/// Does all that is due. Rung early or for nothing, it only sets the next time.
pub(crate) fn handle(runs: &mut Runs, cx: &mut Cx<'_>) {
    cx.timers.armed = None;
    while let Some(task) = cx.timers.take_due(cx.now) {
        let Some(run) = runs.get_mut(&task.run) else { continue };
        match run.tasks[task.op as usize].state {
            TaskState::Retrying { .. } => run.enqueue(cx, task.op),
            TaskState::Running(_) => run.stop(cx, task.op, StopReason::TimedOut),
            _ => {}
        }
    }
}

impl Timers {
    pub fn set(&mut self, task: TaskRef, at: Millis) {
        self.times.insert((at, task));
    }

    pub fn unset(&mut self, task: TaskRef, at: Millis) {
        self.times.remove(&(at, task));
    }

    fn take_due(&mut self, now: Millis) -> Option<TaskRef> {
        let &(at, task) = self.times.first()?;
        if at > now {
            return None;
        }
        self.times.pop_first();
        Some(task)
    }

    /// Asks for the earliest time if that isn't the one asked for last. A time that fell away isn't taken back: the timer rings for nothing.
    pub fn arm(&mut self, actions: &mut Vec<Action>) {
        let Some(&(at, _)) = self.times.first() else { return };
        if self.armed != Some(at) {
            self.armed = Some(at);
            actions.push(Action::SetTimer { at });
        }
    }

    pub fn times(&self) -> &BTreeSet<(Millis, TaskRef)> {
        &self.times
    }

    pub fn armed(&self) -> Option<Millis> {
        self.armed
    }
}
