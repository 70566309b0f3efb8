//! Random runs and inputs, most of them sensible, many late, doubled or forged: the scheduler equals the reference, breaks no law and always comes to an end.

mod world;

use proptest::prelude::*;
use suanzi_scheduler::*;
use world::*;

/// More than any world here can take: each of its tasks ends after at most retries + losses + 1 attempts.
const DRAIN_INPUTS: u32 = 2_000;

/// Half of them unknown, some more than any budget here.
fn memory_mib() -> impl Strategy<Value = u32> {
    prop_oneof![4 => Just(0), 3 => 1..12u32, 1 => 100..5_000u32]
}

fn op_spec() -> impl Strategy<Value = OpSpec> {
    let trigger = prop_oneof![
        4 => Just(Trigger::AllSuccess),
        1 => Just(Trigger::AllDone),
        1 => Just(Trigger::OneSuccess),
        1 => Just(Trigger::OneFailed),
        1 => Just(Trigger::AllFailed),
        1 => Just(Trigger::NoneFailed),
    ];
    let rules = (prop::bool::weighted(0.9), trigger, -1..2i32, 0..3u32, prop_oneof![Just(0), 0..40u64]);
    let timeout_ms = prop_oneof![2 => Just(None), 1 => (0..60u64).prop_map(Some)];
    let pool = prop_oneof![2 => Just(None), 1 => (0..4u16).prop_map(Some)];
    let place = (timeout_ms, 0..5u32, pool, 0..2u16, any::<bool>(), any::<bool>(), 0..4u32, (memory_mib(), 0..2u32));
    (rules, place).prop_map(|((selected, trigger, priority, retries, retry_delay_ms), place)| {
        let (timeout_ms, slots, pool, executor, lookup, side_effects, expected_ms, (memory_mib, kind)) = place;
        OpSpec {
            selected,
            trigger,
            priority,
            retries,
            retry_delay_ms,
            timeout_ms,
            slots,
            pool,
            executor,
            lookup,
            side_effects,
            expected_ms,
            memory_mib,
            kind,
        }
    })
}

fn recovered() -> impl Strategy<Value = (OpIx, RecoveredTask)> {
    let found = prop_oneof![
        3 => Just(RecoveredTask::Final(FinalState::Success)),
        1 => Just(RecoveredTask::Final(FinalState::Cached)),
        1 => Just(RecoveredTask::Final(FinalState::Failed)),
        1 => Just(RecoveredTask::Final(FinalState::Skipped)),
        3 => (0..14u32, 0..4u32, 0..4u32).prop_map(|(last_attempt, failures, evicted)| {
            RecoveredTask::Begun { last_attempt, failures, evicted }
        }),
    ];
    (0..8u32, found)
}

/// Up to 6 operators; one spec in twenty or so isn't a DAG.
fn run_spec() -> impl Strategy<Value = RunSpec> {
    let ops = prop::collection::vec(op_spec(), 0..7);
    let edges = prop::collection::vec((0..6u32, 0..6u32, prop::bool::weighted(0.01)), 0..9);
    let recovered = prop_oneof![3 => Just(vec![]), 1 => prop::collection::vec(recovered(), 0..4)];
    let limits = (prop_oneof![2 => Just(None), 1 => (0..3u32).prop_map(Some)], -1..2i32, any::<u64>());
    (1..4u64, ops, edges, recovered, limits).prop_map(|(run, ops, edges, mut recovered, limits)| {
        let (concurrency, priority, token_seed) = limits;
        let known = |op: OpIx| (op as usize) < ops.len();
        let mut tidy = vec![];
        for (source, target, broken) in edges {
            if broken {
                tidy.push((target, source));
            } else if source < target && known(target) && !tidy.contains(&(source, target)) {
                tidy.push((source, target));
            }
        }
        recovered.sort_by_key(|(op, _)| *op);
        recovered.dedup_by_key(|(op, _)| *op);
        RunSpec { run: RunKey(run), token_seed, priority, concurrency, ops, edges: tidy, recovered }
    })
}

#[derive(Debug, Clone)]
enum Move {
    Submit(RunSpec),
    /// Ends one of the attempts that run, by position.
    End(usize, AttemptEnd),
    Lose(usize),
    Evict(usize, u32),
    /// Says again what an attempt seen earlier said, right or wrong.
    Repeat(usize, AttemptEnd),
    Forge(Attempt, AttemptEnd),
    Answer(usize, bool),
    Commit(usize),
    Start(usize),
    Cancel(u64),
    Disown(u64),
    Capacity(u16, u32),
    Memory(u16, Option<u32>),
    Ring(Millis),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let end = || prop_oneof![5 => Just(SUCCESS), 3 => Just(FAILED), 1 => Just(REFUSED), 2 => Just(STOPPED)];
    let nth = || 0..64usize;
    let forged = (1..5u64, 0..7u32, 0..4u32, any::<u64>());
    let forged = forged.prop_map(|(run, op, no, token)| Attempt { task: TaskRef { run: RunKey(run), op }, no, token });
    let one = prop_oneof![
        3 => run_spec().prop_map(Move::Submit),
        12 => (nth(), end()).prop_map(|(n, end)| Move::End(n, end)),
        2 => nth().prop_map(Move::Lose),
        2 => (nth(), memory_mib()).prop_map(|(n, held_mib)| Move::Evict(n, held_mib)),
        2 => (nth(), end()).prop_map(|(n, end)| Move::Repeat(n, end)),
        1 => (forged, end()).prop_map(|(attempt, end)| Move::Forge(attempt, end)),
        6 => (nth(), any::<bool>()).prop_map(|(n, hit)| Move::Answer(n, hit)),
        1 => nth().prop_map(Move::Commit),
        1 => nth().prop_map(Move::Start),
        1 => (1..5u64).prop_map(Move::Cancel),
        1 => (1..5u64).prop_map(Move::Disown),
        2 => (0..2u16, 0..6u32).prop_map(|(executor, slots)| Move::Capacity(executor, slots)),
        2 => (0..2u16, prop::option::weighted(0.9, 0..30u32)).prop_map(|(executor, mib)| Move::Memory(executor, mib)),
        3 => (0..30u64).prop_map(Move::Ring),
    ];
    prop::collection::vec(one, 1..60)
}

/// What the outside knows: attempts it was handed, questions it was asked.
#[derive(Default)]
struct Outside {
    handed: Vec<Attempt>,
    asked: Vec<TaskRef>,
}

impl Outside {
    fn input(&mut self, env: &mut Env, input: Input) {
        env.input(input);
        for action in &env.actions {
            match action {
                Action::Start { attempt, .. } => self.handed.push(*attempt),
                Action::Lookup { task, .. } => self.asked.push(*task),
                _ => {}
            }
        }
    }

    fn make(&mut self, env: &mut Env, one: Move) {
        let pick = |n: usize| env.laws.running.values().nth(n % env.laws.running.len().max(1)).copied();
        let earlier = |n: usize| self.handed.get(n % self.handed.len().max(1)).copied();
        let input = match one {
            Move::Submit(spec) => Some(Input::RunSubmitted(Box::new(spec))),
            Move::End(n, end) => pick(n).map(|attempt| Input::AttemptFinished { attempt, end }),
            Move::Lose(n) => pick(n).map(|attempt| Input::AttemptLost { attempt }),
            Move::Evict(n, held_mib) => pick(n).map(|attempt| Input::AttemptEvicted { attempt, held_mib }),
            Move::Repeat(n, end) => earlier(n).map(|attempt| Input::AttemptFinished { attempt, end }),
            Move::Forge(attempt, end) => Some(Input::AttemptFinished { attempt, end }),
            Move::Answer(n, hit) => {
                self.asked.get(n % self.asked.len().max(1)).map(|&task| Input::LookedUp { task, hit })
            }
            Move::Commit(n) => earlier(n).map(|attempt| Input::Committed { attempt }),
            Move::Start(n) => earlier(n).map(|attempt| Input::AttemptStarted { attempt }),
            Move::Cancel(run) => Some(Input::Cancel { run: RunKey(run) }),
            Move::Disown(run) => Some(Input::Disowned { run: RunKey(run) }),
            Move::Capacity(executor, slots) => Some(Input::Capacity { executor, slots }),
            Move::Memory(executor, mib) => Some(Input::Memory { executor, mib }),
            Move::Ring(later) => {
                env.now += later;
                Some(Input::Timer)
            }
        };
        if let Some(input) = input {
            self.input(env, input);
        }
    }

    /// Lets everything end well; every run must.
    fn drain(&mut self, env: &mut Env) {
        self.input(env, Input::Capacity { executor: 0, slots: 2 });
        self.input(env, Input::Capacity { executor: 1, slots: 1 });
        for _ in 0..DRAIN_INPUTS {
            let attempt = env.laws.running.values().next().copied();
            if let Some(attempt) = attempt {
                self.input(env, Input::AttemptFinished { attempt, end: SUCCESS });
            } else if let Some(task) = self.asked.pop() {
                self.input(env, Input::LookedUp { task, hit: false });
            } else if env.scheduler.is_idle() {
                return;
            } else {
                env.now += 50;
                self.input(env, Input::Timer);
            }
        }
        panic!("the runs don't come to an end: {:#?}", env.scheduler);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equals_the_reference_and_ends(moves in moves()) {
        let mut env = Env::with_pools(2, vec![1, 2, 3]);
        let mut outside = Outside::default();
        for one in moves {
            outside.make(&mut env, one);
        }
        outside.drain(&mut env);
    }

    /// The same inputs give the same steps, whatever the process: nothing depends on an address or a hash.
    #[test]
    fn is_deterministic(moves in moves()) {
        let play = |moves: Vec<Move>| {
            let mut env = Env::with_pools(2, vec![1, 2]);
            let mut outside = Outside::default();
            let mut log = vec![];
            for one in moves {
                outside.make(&mut env, one);
                log.push((env.last.clone(), env.actions.clone()));
            }
            log
        };
        prop_assert_eq!(play(moves.clone()), play(moves));
    }
}
