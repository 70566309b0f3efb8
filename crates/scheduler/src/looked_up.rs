//! [`crate::Input::LookedUp`]: the cache has answered.

use crate::cx::{Cx, Runs};
use crate::run::follow_up;
use crate::state::TaskState;
use crate::{FinalState, TaskRef};

pub(crate) fn handle(runs: &mut Runs, cx: &mut Cx<'_>, task: TaskRef, hit: bool) {
    let Some(run) = runs.get_mut(&task.run) else { return };
    if !run.tasks.get(task.op as usize).is_some_and(|task| task.state == TaskState::LookingUp) {
        return;
    }
    if hit {
        run.settle(cx, task.op, FinalState::Cached);
        follow_up(runs, cx, task.run);
    } else {
        run.enqueue(cx, task.op);
    }
}
