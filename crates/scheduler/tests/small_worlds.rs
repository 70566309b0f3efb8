//! Every DAG of up to four operators, every order in which attempts can end, every way in which they can: checked after each input.

mod world;

use suanzi_scheduler::*;
use world::*;

const RULES: [Trigger; 6] = [
    Trigger::AllSuccess,
    Trigger::AllDone,
    Trigger::OneSuccess,
    Trigger::OneFailed,
    Trigger::AllFailed,
    Trigger::NoneFailed,
];

/// Of the executor; some operators here need half of it, some more than all.
const MEMORY_MIB: u32 = 8;

/// What may still happen in a branch of the search.
#[derive(Clone, Copy)]
struct Budget {
    lost: u32,
    cancels: u32,
    timers: u32,
    evictions: u32,
}

/// Every set of edges that point from a lower to a higher operator; up to renaming, that is every DAG.
fn dags(ops: u32) -> Vec<Vec<(OpIx, OpIx)>> {
    let pairs: Vec<(OpIx, OpIx)> = (0..ops).flat_map(|a| (a + 1..ops).map(move |b| (a, b))).collect();
    let sets = 0..1u32 << pairs.len();
    sets.map(|set| (0..pairs.len()).filter(|bit| set >> bit & 1 == 1).map(|bit| pairs[bit]).collect()).collect()
}

/// Follows every branch to the end of the run. Gives how many ends there were.
fn explore(env: &Env, budget: Budget) -> u64 {
    if env.scheduler.is_idle() {
        let ends = env.laws.run_ends.len();
        assert_eq!(ends, 1, "the run ended");
        return 1;
    }
    let mut found = 0;
    let mut branch = |input: Input, budget: Budget, later: Millis| {
        let mut env = env.clone();
        env.now += later;
        found += explore(env.input(input), budget);
    };
    for &attempt in env.laws.running.values() {
        let ends = [SUCCESS, FAILED];
        for end in ends.into_iter().chain(env.scheduler.is_cancelling(RUN).then_some(STOPPED)) {
            branch(Input::AttemptFinished { attempt, end }, budget, 0);
        }
        if let Some(lost) = budget.lost.checked_sub(1) {
            branch(Input::AttemptLost { attempt }, Budget { lost, ..budget }, 0);
        }
        if let Some(evictions) = budget.evictions.checked_sub(1) {
            branch(Input::AttemptEvicted { attempt, held_mib: 3 }, Budget { evictions, ..budget }, 0);
        }
    }
    for op in 0..4 {
        if env.scheduler.task_state(task(op)) == Some(TaskState::LookingUp) {
            branch(Input::LookedUp { task: task(op), hit: true }, budget, 0);
            branch(Input::LookedUp { task: task(op), hit: false }, budget, 0);
        }
    }
    if let Some(cancels) = budget.cancels.checked_sub(1) {
        branch(Input::Cancel { run: RUN }, Budget { cancels, ..budget }, 0);
    }
    let retrying = env.scheduler.counts(RUN).is_some_and(|counts| counts.retrying > 0);
    if retrying || budget.timers > 0 {
        branch(Input::Timer, Budget { timers: budget.timers.saturating_sub(1), ..budget }, 10);
    }
    assert!(found > 0, "stuck: nothing runs, nothing is awaited, and the run hasn't ended");
    found
}

fn worlds(slots: u32, specs: &[OpSpec], budget: Budget) -> u64 {
    let mut found = 0;
    for edges in dags(specs.len() as u32) {
        let mut env = Env::new(slots);
        env.memory(MEMORY_MIB);
        env.submit(run(specs.to_vec(), &edges));
        found += explore(&env, budget);
    }
    found
}

#[test]
fn four_operators_under_each_rule() {
    let budget = Budget { lost: 0, cancels: 0, timers: 0, evictions: 0 };
    let mut found = 0;
    for trigger in RULES {
        found += worlds(2, &vec![OpSpec { trigger, ..op() }; 4], budget);
    }
    assert!(found > 10_000, "{found} ends");
}

#[test]
fn three_operators_under_every_mixture_of_rules() {
    let budget = Budget { lost: 0, cancels: 0, timers: 0, evictions: 0 };
    for (middle, last) in RULES.into_iter().flat_map(|middle| RULES.map(|last| (middle, last))) {
        let specs = [op(), OpSpec { trigger: middle, ..op() }, OpSpec { trigger: last, ..op() }];
        worlds(3, &specs, budget);
    }
}

#[test]
fn three_operators_with_retries_losses_and_a_cancel() {
    let budget = Budget { lost: 1, cancels: 1, timers: 0, evictions: 0 };
    let spec = OpSpec { retries: 1, ..op() };
    worlds(2, &[spec.clone(), spec, op()], budget);
}

#[test]
fn two_operators_with_everything() {
    let budget = Budget { lost: 1, cancels: 1, timers: 1, evictions: 0 };
    let spec = OpSpec { retries: 1, retry_delay_ms: 10, timeout_ms: Some(10), lookup: true, ..op() };
    worlds(1, &[spec.clone(), spec], budget);
}

#[test]
fn three_operators_that_need_memory() {
    let budget = Budget { lost: 0, cancels: 1, timers: 0, evictions: 2 };
    for needs in [[0, 0, 0], [4, 4, 4], [3, 9, 0], [9, 9, 4]] {
        worlds(3, &needs.map(|memory_mib| OpSpec { memory_mib, ..op() }), budget);
    }
}
