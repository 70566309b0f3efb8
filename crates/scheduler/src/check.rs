//! Walks every cross-reference and panics where two places disagree. Runs after each input in tests.

use crate::queue::Queue;
use crate::run::Run;
use crate::state::{TaskCounts, TaskState};
use crate::timer::Timers;
use crate::trigger::{Tally, Verdict, judge};
use crate::{FinalState, Millis, Scheduler, StopReason, TaskRef, attempt_token};
use std::collections::BTreeSet;

impl Scheduler {
    /// Panics if the state contradicts itself. Between inputs it never does. Takes time in proportion to everything in memory.
    pub fn check(&self) {
        let mut found = Found::default();
        for (key, run) in &self.runs {
            assert_eq!(*key, run.key, "a run is kept under its key");
            check_run(run, &mut found);
        }
        check_queue(&self.queue, &found);
        check_timers(&self.timers, found.times);
    }
}

/// What the states say must stand elsewhere too. Sorted, since runs and operators are walked in order.
#[derive(Default)]
struct Found {
    held: Vec<TaskRef>,
    queued: Vec<TaskRef>,
    times: BTreeSet<(Millis, TaskRef)>,
}

fn check_run(run: &Run, found: &mut Found) {
    let key = run.key;
    assert_eq!(run.ops.len(), run.tasks.len(), "{key:?}: as many tasks as operators");
    assert!(run.ended.is_empty(), "{key:?}: every end was told to the successors");
    let mut counts = TaskCounts::default();
    let tallies = predecessors(run);
    for (op, task) in run.tasks.iter().enumerate() {
        let (spec, at) = (&run.ops[op], run.task_ref(op as u32));
        counts.entered(&task.state);
        assert_eq!(spec.selected, task.state != TaskState::NotSelected, "{at:?}: selected or not");
        assert!(task.failures <= task.attempts, "{at:?}: every failure is an attempt");
        match task.state {
            TaskState::NotSelected | TaskState::Final(_) => {}
            TaskState::Waiting(tally) => {
                assert_eq!(tally, tallies[op], "{at:?}: count of predecessors by how they ended");
                assert_eq!(judge(spec.trigger, tally), Verdict::Wait, "{at:?}: waits though its rule has decided");
            }
            TaskState::LookingUp => assert!(spec.lookup, "{at:?}: looks for a result it mustn't use"),
            TaskState::Queued => found.queued.push(at),
            TaskState::Retrying { at: time } => {
                assert!(task.attempts > 0, "{at:?}: retries without a first attempt");
                found.times.insert((time, at));
            }
            TaskState::Running(running) => {
                assert!(task.attempts > 0, "{at:?}: runs without an attempt");
                let own = attempt_token(run.token_seed, at.op, task.attempts);
                assert!(running.taken_over || running.token == own, "{at:?}: token");
                assert_ne!(running.stopping, Some(StopReason::Disowned), "{at:?}: its run was to be forgotten");
                if run.cancelled {
                    assert_eq!(running.stopping, Some(StopReason::Cancelled), "{at:?}: not told of the cancel");
                }
                match running.deadline {
                    Some(time) => {
                        assert!(running.stopping.is_none(), "{at:?}: a deadline for what was told to stop");
                        found.times.insert((time, at));
                    }
                    None => assert!(
                        spec.timeout_ms.is_none() || running.stopping.is_some(),
                        "{at:?}: runs without its deadline"
                    ),
                }
                found.held.push(at);
            }
        }
        if run.cancelled {
            let ended = matches!(task.state, TaskState::NotSelected | TaskState::Running(_) | TaskState::Final(_));
            assert!(ended, "{at:?}: waits in a cancelled run");
        } else {
            assert_ne!(task.state, TaskState::Final(FinalState::Cancelled), "{at:?}: cancelled in a run that isn't");
        }
    }
    assert_eq!(run.counts, counts, "{key:?}: count of tasks by state");
    assert!(counts.open() > 0, "{key:?}: has ended and is still here");
    let limit = run.concurrency.map_or(u32::MAX, |limit| limit.max(1));
    assert!(counts.running <= limit, "{key:?}: more run at once than its limit allows");
}

/// For each task, its predecessors counted anew by their states.
fn predecessors(run: &Run) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); run.tasks.len()];
    for (op, task) in run.tasks.iter().enumerate() {
        for &successor in run.graph.successors(op as u32) {
            let tally = &mut tallies[successor as usize];
            tally.unmet += 1;
            if let TaskState::Final(state) = task.state {
                tally.count(state);
            }
        }
    }
    tallies
}

fn check_queue(queue: &Queue, found: &Found) {
    queue.check(&found.held, &found.queued);
}

fn check_timers(timers: &Timers, times: BTreeSet<(Millis, TaskRef)>) {
    assert_eq!(*timers.times(), times, "the timers hold exactly the retries and deadlines of the states");
    if let Some(&(first, _)) = times.first() {
        assert_eq!(timers.armed(), Some(first), "the timer is set for the earliest time");
    }
}
