//! [`crate::Input::Committed`] and [`crate::Input::AttemptStarted`]: how far an attempt has come.
//!
//! Neither decides anything. It is the outside that holds an [`crate::Action::Start`] with `after_commit` back until the dispatch record is durable; it knows when that is, and needs no answer.

use crate::Attempt;
use crate::cx::{Cx, Runs};
use crate::state::{Phase, TaskState};
use crate::story::StoryEvent;

pub(crate) fn committed(runs: &mut Runs, attempt: Attempt) {
    reached(runs, attempt, Phase::HandedOut);
}

pub(crate) fn started(runs: &mut Runs, cx: &mut Cx<'_>, attempt: Attempt) {
    if reached(runs, attempt, Phase::Started) {
        cx.tell(attempt.task, StoryEvent::Started { no: attempt.no });
    }
}

/// False if it had come as far already, or isn't in hand.
fn reached(runs: &mut Runs, attempt: Attempt, phase: Phase) -> bool {
    let Some(run) = runs.get_mut(&attempt.task.run) else { return false };
    let Some(mut running) = run.running(attempt).filter(|running| running.phase < phase) else { return false };
    running.phase = phase;
    run.set(attempt.task.op, TaskState::Running(running));
    true
}
