//! Shows that the judges of the other tests see what a broken scheduler would do: each case tampers with one step of a sound history.

mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use suanzi_scheduler::*;
use world::laws::Laws;
use world::reference::Reference;
use world::*;

type History = Vec<(Millis, Input, Step)>;

/// Two slots. 0 fails once and is retried, 2 and 3 follow 0, 2 fails and skips 5, 4 follows 1 and is cancelled while it runs.
fn sound() -> History {
    let mut specs = ops(6);
    specs[0].retries = 1;
    let mut scheduler = Scheduler::new(Options::default());
    let mut history = vec![];
    let attempt = |op, no| Attempt { task: task(op), no, token: attempt_token(7, op, no) };
    let finished = |op, no, end| Input::AttemptFinished { attempt: attempt(op, no), end };
    for input in [
        Input::Capacity { executor: 0, slots: 2 },
        Input::RunSubmitted(Box::new(run(specs, &[(0, 2), (0, 3), (1, 4), (2, 5)]))),
        finished(0, 1, FAILED),
        finished(0, 2, SUCCESS),
        finished(1, 1, SUCCESS),
        finished(2, 1, REFUSED),
        Input::Cancel { run: RUN },
        finished(3, 1, SUCCESS),
        finished(4, 1, STOPPED),
    ] {
        let mut step = Step::default();
        scheduler.handle(0, input.clone(), &mut step);
        history.push((0, input, step));
    }
    assert!(scheduler.is_idle());
    history
}

fn laws_pass(history: &History) -> bool {
    let mut laws = Laws::new(vec![]);
    history.iter().all(|(now, input, step)| laws.observe(*now, input, step).is_ok())
}

fn reference_passes(history: &History) -> bool {
    let mut reference = Reference::new(vec![]);
    let compare = || history.iter().for_each(|(now, input, step)| reference.compare(*now, input, step));
    catch_unwind(AssertUnwindSafe(compare)).is_ok()
}

#[test]
fn the_sound_history_passes() {
    assert!(laws_pass(&sound()) && reference_passes(&sound()));
}

type Tamper = fn(&mut History);

fn records(history: &mut History, step: usize) -> &mut Vec<Record> {
    &mut history[step].2.records
}

fn actions(history: &mut History, step: usize) -> &mut Vec<Action> {
    &mut history[step].2.actions
}

/// Adds a change to a step, with the step's own cause.
fn add(history: &mut History, step: usize, change: Change) {
    records(history, step).push(Record { cause: step as Cause + 1, change });
}

fn start(history: &mut History, step: usize, attempt: Attempt) {
    add(history, step, Change::Dispatched { attempt });
    actions(history, step).push(Action::Start {
        attempt,
        executor: 0,
        after_commit: false,
        memory_mib: 0,
        cause: step as Cause + 1,
    });
}

fn drop_dispatch(history: &mut History, step: usize) {
    records(history, step).retain(|record| !matches!(record.change, Change::Dispatched { .. }));
    actions(history, step).retain(|action| !matches!(action, Action::Start { .. }));
}

fn first(op: OpIx) -> Attempt {
    Attempt { task: task(op), no: 1, token: attempt_token(7, op, 1) }
}

/// Who sees a defect. The laws know no policy, the reference no causes.
#[derive(Debug, PartialEq)]
enum By {
    Both,
    Laws,
    Reference,
}

fn check(what: &str, by: By, tamper: Tamper) {
    let mut history = sound();
    tamper(&mut history);
    let seen = match (laws_pass(&history), reference_passes(&history)) {
        (false, false) => By::Both,
        (false, true) => By::Laws,
        (true, false) => By::Reference,
        (true, true) => panic!("nobody saw {what}"),
    };
    assert_eq!(seen, by, "{what}");
}

#[test]
fn each_defect_is_seen() {
    check("a double dispatch", By::Both, |h| start(h, 1, first(0)));
    check("a second attempt beside the first", By::Both, |h| start(h, 1, Attempt { no: 2, ..first(0) }));
    check("a dispatch before its predecessor ended", By::Both, |h| start(h, 2, first(2)));
    check("more than the slots allow", By::Both, |h| start(h, 3, first(3)));
    check("a dispatch after the cancel", By::Both, |h| start(h, 6, first(2)));
    check("a number left out", By::Both, |h| {
        for record in records(h, 2) {
            if let Change::Dispatched { attempt } = &mut record.change {
                attempt.no = 3;
            }
        }
    });
    check("a start without its record", By::Both, |h| {
        records(h, 1).retain(|record| !matches!(record.change, Change::Dispatched { .. }));
    });
    check("a record without its start", By::Both, |h| actions(h, 1).clear());
    check("a lost end", By::Both, |h| records(h, 4).retain(|r| !matches!(r.change, Change::Ended { .. })));
    check("two final states", By::Both, |h| add(h, 4, Change::Settled { task: task(0), state: FinalState::Failed }));
    check("success out of nothing", By::Both, |h| {
        add(h, 2, Change::Settled { task: task(2), state: FinalState::Success })
    });
    check("cached without a hit", By::Both, |h| {
        add(h, 2, Change::Settled { task: task(2), state: FinalState::Cached })
    });
    check("cancelled unasked", By::Both, |h| {
        add(h, 2, Change::Settled { task: task(2), state: FinalState::Cancelled })
    });
    check("an end before the end", By::Both, |h| add(h, 7, Change::RunEnded { run: RUN, state: RunState::Cancelled }));
    check("an end twice", By::Both, |h| add(h, 8, Change::RunEnded { run: RUN, state: RunState::Cancelled }));
    check("another end", By::Both, |h| {
        records(h, 8).pop();
        add(h, 8, Change::RunEnded { run: RUN, state: RunState::Success });
    });
    check("told to stop twice", By::Both, |h| {
        let again = actions(h, 6)[0].clone();
        actions(h, 6).push(again);
    });
    check("another cause", By::Laws, |h| records(h, 3)[0].cause = 1);
    check("a slot left empty", By::Reference, |h| {
        drop_dispatch(h, 5);
        h.truncate(6);
    });
    check("a skip before its reason", By::Laws, |h| records(h, 5).swap(0, 1));
    check("a skip forgotten", By::Both, |h| records(h, 5).retain(|r| !matches!(r.change, Change::Settled { .. })));
    check("a run that never ends", By::Reference, |h| {
        records(h, 8).pop();
    });
    check("not told to stop", By::Reference, |h| actions(h, 6).clear());
    check("another order", By::Reference, |h| {
        records(h, 1).reverse();
        actions(h, 1).reverse();
    });
}
