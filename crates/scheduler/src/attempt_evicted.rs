//! [`crate::Input::AttemptEvicted`]: an attempt was ended to make room for others.

use crate::cx::{Cx, Runs};
use crate::run::follow_up;
use crate::{Attempt, EndReason, FinalState, MAX_EVICTED, TaskNext};

/// It is queued again at once and costs no retry; the queue keeps twice as much free for it from now on, so that it runs alone sooner or later.
pub(crate) fn handle(runs: &mut Runs, cx: &mut Cx<'_>, attempt: Attempt, held_mib: u32) {
    let Some(run) = runs.get_mut(&attempt.task.run) else { return };
    if run.running(attempt).is_none() {
        return;
    }
    let task = &mut run.tasks[attempt.task.op as usize];
    task.evicted = task.evicted.saturating_add(1);
    let next = if run.cancelled {
        TaskNext::Final(FinalState::Cancelled)
    } else if task.evicted <= MAX_EVICTED && task.attempts < u32::MAX {
        TaskNext::Retry { at: cx.now }
    } else {
        TaskNext::Final(FinalState::Failed)
    };
    run.end_attempt(cx, attempt, EndReason::Evicted { held_mib }, next);
    follow_up(runs, cx, attempt.task.run);
}
