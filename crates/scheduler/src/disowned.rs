//! [`crate::Input::Disowned`]: the run belongs to someone else now.

use crate::cx::{Cx, Runs};
use crate::state::TaskState;
use crate::{OpIx, RunKey, StopReason};

/// Forgets the run and tells its attempts to stop; writes nothing. Their slots count as free at once, since no report of theirs will be heeded.
pub(crate) fn handle(runs: &mut Runs, cx: &mut Cx<'_>, key: RunKey) {
    let Some(run) = runs.get_mut(&key) else { return };
    for op in 0..run.tasks.len() as OpIx {
        match run.tasks[op as usize].state {
            TaskState::Running(_) => {
                run.stop(cx, op, StopReason::Disowned);
                cx.queue.release(run.task_ref(op));
            }
            TaskState::Retrying { at } => cx.timers.unset(run.task_ref(op), at),
            _ => {}
        }
    }
    cx.queue.remove_run(key);
    runs.remove(&key);
}
