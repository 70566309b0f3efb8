//! [`crate::Input::AttemptFinished`]: an attempt has ended, one way or the other.

use crate::attempt_lost;
use crate::cx::{Cx, Runs};
use crate::run::{Run, follow_up};
use crate::{Attempt, AttemptEnd, EndReason, FinalState, OpIx, StopReason, TaskNext};

/// A success is a success, also when a cancel or a timeout was on its way. After a cancel, every other end is final as cancelled.
/// Stopped without having been told to (someone else's hand) is a lost attempt.
pub(crate) fn handle(runs: &mut Runs, cx: &mut Cx<'_>, attempt: Attempt, end: AttemptEnd) {
    let Some(run) = runs.get_mut(&attempt.task.run) else { return };
    let Some(running) = run.running(attempt) else { return };
    let op = attempt.task.op;
    let (why, next) = match (end, running.stopping) {
        (AttemptEnd::Success, _) => (EndReason::Success, TaskNext::Final(FinalState::Success)),
        (AttemptEnd::Failed { retry }, _) => (EndReason::Failed, failed(run, cx, op, retry)),
        (AttemptEnd::Stopped, Some(StopReason::TimedOut)) => (EndReason::TimedOut, failed(run, cx, op, true)),
        (AttemptEnd::Stopped, Some(StopReason::Cancelled | StopReason::Disowned)) => {
            (EndReason::Cancelled, TaskNext::Final(FinalState::Cancelled))
        }
        (AttemptEnd::Stopped, None) => return attempt_lost::handle(runs, cx, attempt),
    };
    run.end_attempt(cx, attempt, why, next);
    follow_up(runs, cx, attempt.task.run);
}

/// Counts a failure and says what follows from it.
fn failed(run: &mut Run, cx: &Cx<'_>, op: OpIx, retry: bool) -> TaskNext {
    let task = &mut run.tasks[op as usize];
    task.failures = task.failures.saturating_add(1);
    if run.cancelled {
        TaskNext::Final(FinalState::Cancelled)
    } else if retry && task.failures <= run.ops[op as usize].retries && task.attempts < u32::MAX {
        TaskNext::Retry { at: run.retry_at(cx.now, op) }
    } else {
        TaskNext::Final(FinalState::Failed)
    }
}
