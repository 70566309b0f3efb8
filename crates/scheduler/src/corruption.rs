//! Shows that [`Scheduler::check`] sees a corrupted state: each case breaks one reference or count.

use crate::state::{Phase, Running, TaskState};
use crate::trigger::Tally;
use crate::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

const RUN: RunKey = RunKey(1);

fn task(op: OpIx) -> TaskRef {
    TaskRef { run: RUN, op }
}

/// Operator 0 runs with a deadline, 1 waits to retry, 2 is looked up, 3 is queued behind the run's limit, 4 waits for 0, 5 is done, 6 isn't selected.
fn sound() -> Scheduler {
    let op = OpSpec {
        selected: true,
        trigger: Trigger::AllSuccess,
        priority: 0,
        retries: 1,
        retry_delay_ms: 50,
        timeout_ms: Some(1_000),
        slots: 1,
        pool: Some(0),
        executor: 0,
        lookup: false,
        side_effects: false,
        expected_ms: 0,
        memory_mib: 0,
        kind: 0,
    };
    let mut ops = vec![op; 7];
    ops[2].lookup = true;
    ops[6].selected = false;
    for (op, priority) in [(5, 3), (1, 2), (0, 1), (3, 0)] {
        ops[op].priority = priority;
    }
    let mut scheduler = Scheduler::new(Options { pool_limits: vec![2], ..Options::default() });
    let mut input = |input| {
        let mut step = Step::default();
        scheduler.handle(0, input, &mut step);
        scheduler.check();
    };
    let attempt = |op| Attempt { task: task(op), no: 1, token: attempt_token(9, op, 1) };
    let edges = vec![(0, 4)];
    let spec = RunSpec { run: RUN, token_seed: 9, priority: 0, concurrency: Some(1), ops, edges, recovered: vec![] };
    input(Input::Capacity { executor: 0, slots: 2 });
    input(Input::RunSubmitted(Box::new(spec)));
    input(Input::AttemptFinished { attempt: attempt(5), end: AttemptEnd::Success });
    input(Input::AttemptFinished { attempt: attempt(1), end: AttemptEnd::Failed { retry: true } });
    scheduler
}

type Corrupt = fn(&mut Scheduler);

fn run(scheduler: &mut Scheduler) -> &mut crate::run::Run {
    scheduler.runs.get_mut(&RUN).expect("the run is live")
}

#[test]
fn the_sound_state_is_what_it_says() {
    let scheduler = sound();
    let state = |op| scheduler.task_state(task(op)).expect("a live task");
    assert!(matches!(state(0), TaskState::Running(Running { phase: Phase::HandedOut, deadline: Some(1_000), .. })));
    assert_eq!(state(1), TaskState::Retrying { at: 50 });
    assert_eq!((state(2), state(3)), (TaskState::LookingUp, TaskState::Queued));
    assert_eq!(state(4), TaskState::Waiting(Tally { unmet: 1, ..Tally::default() }));
    assert_eq!((state(5), state(6)), (TaskState::Final(FinalState::Success), TaskState::NotSelected));
}

#[test]
fn check_sees_each_corruption() {
    let cases: &[(&str, Corrupt)] = &[
        ("a count of tasks", |s| run(s).counts.queued += 1),
        ("a final state written past the doors", |s| run(s).tasks[4].state = TaskState::Final(FinalState::Success)),
        ("a predecessor counted down twice", |s| run(s).tasks[4].state = TaskState::Waiting(Tally::default())),
        ("a predecessor counted as failed", |s| {
            run(s).tasks[4].state = TaskState::Waiting(Tally { unmet: 0, failed: 1, ..Tally::default() });
        }),
        ("a task queued by its state only", |s| run(s).set(4, TaskState::Queued)),
        ("a task in the queue only", |s| s.queue.push(task(4))),
        ("a task queued twice", |s| s.queue.push(task(3))),
        ("a queued task lost by the queue", |s| s.queue.clear_run(RUN)),
        ("a slot freed twice", |s| s.queue.release(task(0))),
        ("room, and nobody was told", |s| {
            run(s).concurrency = None;
            s.queue.lift_limit(RUN);
        }),
        ("a run unknown to the queue", |s| {
            s.queue.release(task(0));
            s.queue.remove_run(RUN);
        }),
        ("a deadline forgotten by the timers", |s| s.timers.unset(task(0), 1_000)),
        ("a time nobody waits for", |s| s.timers.set(task(4), 60)),
        ("a time nobody rings at", |s| {
            s.timers.set(task(1), 20);
            s.timers.unset(task(1), 50);
            run(s).set(1, TaskState::Retrying { at: 20 });
        }),
        ("another attempt's number", |s| run(s).tasks[0].attempts = 2),
        ("more failures than attempts", |s| run(s).tasks[1].failures = 7),
        ("another token", |s| {
            if let TaskState::Running(running) = &mut run(s).tasks[0].state {
                running.token ^= 1;
            }
        }),
        ("a deadline after being told to stop", |s| {
            if let TaskState::Running(running) = &mut run(s).tasks[0].state {
                running.stopping = Some(StopReason::TimedOut);
            }
        }),
        ("a cancelled run that goes on", |s| run(s).cancelled = true),
        ("a cancelled task in a run that isn't", |s| run(s).set(4, TaskState::Final(FinalState::Cancelled))),
        ("an end not told to successors", |s| run(s).ended.push(5)),
        ("a selected task taken out", |s| run(s).set(4, TaskState::NotSelected)),
        ("a run under another key", |s| {
            let run = s.runs.remove(&RUN).expect("the run is live");
            s.runs.insert(RunKey(2), run);
        }),
    ];
    for (what, corrupt) in cases {
        let mut scheduler = sound();
        corrupt(&mut scheduler);
        let seen = catch_unwind(AssertUnwindSafe(|| scheduler.check())).is_err();
        assert!(seen, "check() passed over {what}");
    }
}
