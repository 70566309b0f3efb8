//! [`crate::Input::Cancel`]: a run shall end.

use crate::cx::{Cx, Runs};
use crate::run::follow_up;
use crate::state::TaskState;
use crate::{FinalState, OpIx, RunKey, StopReason};

/// What doesn't run settles at once; what runs is told to stop, and the run ends when it has. A second cancel changes nothing.
pub(crate) fn handle(runs: &mut Runs, cx: &mut Cx<'_>, key: RunKey) {
    let Some(run) = runs.get_mut(&key) else { return };
    if run.cancelled {
        return;
    }
    run.cancelled = true;
    cx.queue.clear_run(key);
    for op in 0..run.tasks.len() as OpIx {
        match run.tasks[op as usize].state {
            TaskState::NotSelected | TaskState::Final(_) => {}
            TaskState::Running(_) => run.stop(cx, op, StopReason::Cancelled),
            TaskState::Retrying { at } => {
                cx.timers.unset(run.task_ref(op), at);
                run.settle(cx, op, FinalState::Cancelled);
            }
            TaskState::Waiting(_) | TaskState::LookingUp | TaskState::Queued => {
                run.settle(cx, op, FinalState::Cancelled);
            }
        }
    }
    follow_up(runs, cx, key);
}
