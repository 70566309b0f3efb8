//! [`crate::Input::AttemptLost`]: an attempt is gone through no fault of its operator.

use crate::cx::{Cx, Runs};
use crate::run::follow_up;
use crate::{Attempt, EndReason, FinalState, MAX_LOST, TaskNext};

/// It runs again at once and costs no retry, [`MAX_LOST`] times; the loss after that fails the task, since an operator that kills its host looks the same.
pub(crate) fn handle(runs: &mut Runs, cx: &mut Cx<'_>, attempt: Attempt) {
    let Some(run) = runs.get_mut(&attempt.task.run) else { return };
    if run.running(attempt).is_none() {
        return;
    }
    let task = &mut run.tasks[attempt.task.op as usize];
    task.lost = task.lost.saturating_add(1);
    let next = if run.cancelled {
        TaskNext::Final(FinalState::Cancelled)
    } else if task.lost <= MAX_LOST && task.attempts < u32::MAX {
        TaskNext::Retry { at: cx.now }
    } else {
        TaskNext::Final(FinalState::Failed)
    };
    run.end_attempt(cx, attempt, EndReason::Lost, next);
    follow_up(runs, cx, attempt.task.run);
}
