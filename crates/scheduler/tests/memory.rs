//! Operators that hold memory: what is expected of those that run stays within what their executor may hold.

mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use suanzi_scheduler::*;
use world::laws::Laws;
use world::reference::Reference;
use world::*;

fn needing(mib: &[u32]) -> Vec<OpSpec> {
    mib.iter().map(|&memory_mib| OpSpec { memory_mib, ..op() }).collect()
}

fn kept(env: &Env) -> Vec<u32> {
    let kept = env.actions.iter().filter_map(|action| match action {
        Action::Start { memory_mib, .. } => Some(*memory_mib),
        _ => None,
    });
    kept.collect()
}

#[test]
fn as_many_start_as_fit() {
    let mut env = Env::new(10);
    env.memory(10).submit(run(needing(&[4, 4, 4, 2, 3]), &[]));
    assert_eq!(env.running(), [0, 1, 3], "whoever fits doesn't wait for who doesn't");
    let waits = env.scheduler.waiting_reason(task(2)).expect("it waits");
    assert_eq!(waits, WaitingReason::Memory { executor: 0, needed_mib: 4, free_mib: 0, budget_mib: 10 });
    assert_eq!(waits.to_string(), "needs 4 MiB, 0 of executor 0's 10 MiB are free");
    env.finish(0, SUCCESS);
    assert_eq!(env.dispatched(), [2]);
    env.finish(3, SUCCESS);
    assert_eq!(env.dispatched(), [0; 0], "two are free, three are needed");
}

#[test]
fn more_than_all_runs_alone() {
    let mut env = Env::new(10);
    env.memory(10).submit(run(needing(&[3, 40, 40, 0]), &[]));
    assert_eq!(env.running(), [0, 3], "what nobody knows anything of is no hindrance");
    env.finish(0, SUCCESS);
    assert_eq!(env.dispatched(), [1]);
    env.finish(1, SUCCESS);
    assert_eq!((env.dispatched(), kept(&env)), (vec![2], vec![40]));
}

#[test]
fn an_evicted_attempt_is_run_again_with_twice_the_room_and_costs_no_retry() {
    let mut env = Env::new(10);
    env.memory(10).submit(run(needing(&[0, 0]), &[]));
    env.evict(1, 3);
    assert_eq!(env.ended(), Some((EndReason::Evicted { held_mib: 3 }, TaskNext::Retry { at: 0 })));
    assert_eq!((env.dispatched(), kept(&env)), (vec![1], vec![6]));
    env.evict(0, 7);
    assert_eq!(env.dispatched(), [0; 0], "it needs 14 now, and 6 are kept for the other");
    env.evict(1, 2);
    assert_eq!((env.dispatched(), kept(&env)), (vec![0], vec![14]), "the other needs as much and comes second");
    env.finish(0, SUCCESS);
    assert_eq!(kept(&env), [14]);
    let story: Vec<String> = env.scheduler.story(task(1)).iter().map(ToString::to_string).collect();
    assert!(story[2].contains("ended to make room while it held 3 MiB"), "{story:#?}");
    env.finish(1, FAILED);
    assert_eq!(env.run_end(), Some(RunState::Failed), "a failure is one all the same");
}

#[test]
fn others_of_its_kind_are_taken_to_hold_as_much() {
    let mut env = Env::new(2);
    let mut specs = ops(5);
    specs[4].kind = 1;
    env.memory(10).submit(run(specs, &[])).evict(1, 3);
    assert_eq!(kept(&env), [6]);
    env.finish(0, SUCCESS);
    assert_eq!((env.dispatched(), kept(&env)), (vec![4], vec![0]), "of that kind nothing is known");
    let waits = env.scheduler.waiting_reason(task(2)).expect("it waits").to_string();
    assert_eq!(waits, "needs 1 slots, 2 of executor 0's 2 are in use");
    env.finish(4, SUCCESS);
    assert_eq!(env.dispatched(), [0; 0]);
    let waits = env.scheduler.waiting_reason(task(3)).expect("it waits").to_string();
    assert_eq!(waits, "needs 6 MiB, 4 of executor 0's 10 MiB are free");
    env.finish(1, SUCCESS);
    assert_eq!((env.dispatched(), kept(&env)), (vec![2], vec![6]));
}

#[test]
fn an_executor_that_evicts_for_ever_fails_the_task() {
    let mut env = Env::new(1);
    env.submit(run(ops(1), &[]));
    for _ in 0..MAX_EVICTED {
        env.evict(0, 0);
        assert_eq!(env.dispatched(), [0]);
    }
    env.evict(0, 0);
    assert_eq!(env.run_end(), Some(RunState::Failed));
}

#[test]
fn an_eviction_after_a_cancel_ends_the_task() {
    let mut env = Env::new(1);
    env.submit(run(ops(1), &[])).cancel().evict(0, 5);
    assert_eq!(env.final_state(0), Some(FinalState::Cancelled));
}

#[test]
fn recovery_counts_evictions_apart_from_losses() {
    let mut env = Env::new(1);
    let recovered = vec![(0, RecoveredTask::Begun { last_attempt: MAX_LOST + 3, failures: 0, evicted: 3 })];
    env.submit(RunSpec { recovered, ..run(needing(&[6]), &[]) });
    assert_eq!(kept(&env), [6]);
    env.lose(0);
    assert_eq!(env.run_end(), Some(RunState::Failed));
}

type History = Vec<(Input, Step)>;

/// 0 and 1 run, 2 waits for memory; 1 is evicted.
fn sound() -> History {
    let mut scheduler = Scheduler::new(Options::default());
    let attempt = |op, no| Attempt { task: task(op), no, token: attempt_token(7, op, no) };
    let done = |op, no| Input::AttemptFinished { attempt: attempt(op, no), end: SUCCESS };
    let inputs = [
        Input::Capacity { executor: 0, slots: 4 },
        Input::Memory { executor: 0, mib: Some(9) },
        Input::RunSubmitted(Box::new(run(needing(&[4, 4, 4]), &[]))),
        Input::AttemptEvicted { attempt: attempt(1, 1), held_mib: 5 },
        done(0, 1),
        done(2, 1),
        done(1, 2),
    ];
    let history = inputs.into_iter().map(|input| {
        let mut step = Step::default();
        scheduler.handle(0, input.clone(), &mut step);
        (input, step)
    });
    let history = history.collect();
    assert!(scheduler.is_idle());
    history
}

fn seen(history: &History) -> [bool; 2] {
    let mut laws = Laws::new(vec![]);
    let by_laws = history.iter().any(|(input, step)| laws.observe(0, input, step).is_err());
    let mut reference = Reference::new(vec![]);
    let compare = || history.iter().for_each(|(input, step)| reference.compare(0, input, step));
    [by_laws, catch_unwind(AssertUnwindSafe(compare)).is_err()]
}

#[test]
fn planted_defects_are_found() {
    assert_eq!(seen(&sound()), [false; 2]);
    let check = |what: &str, tamper: &dyn Fn(&mut History)| {
        let mut history = sound();
        tamper(&mut history);
        assert!(seen(&history).contains(&true), "nobody saw {what}");
    };
    let memory = |history: &mut History, step: usize, mib: u32| {
        for action in &mut history[step].1.actions {
            if let Action::Start { memory_mib, .. } = action {
                *memory_mib = mib;
            }
        }
    };
    check("a third start where two fit", &|h| {
        let (records, actions) = (h[3].1.records.split_off(1), std::mem::take(&mut h[3].1.actions));
        h[2].1.records.extend(records.into_iter().map(|record| Record { cause: 3, ..record }));
        h[2].1.actions.extend(actions);
    });
    check("less room after an eviction than was held", &|h| memory(h, 5, 4));
    check("less room than was said", &|h| memory(h, 2, 3));
    check("an eviction that costs a retry", &|h| {
        let why = EndReason::Evicted { held_mib: 5 };
        let last = h[3].1.records.first_mut().expect("its end");
        let attempt = Attempt { task: task(1), no: 1, token: attempt_token(7, 1, 1) };
        last.change = Change::Ended { attempt, why, next: TaskNext::Final(FinalState::Failed) };
    });
}
