//! A small world around the scheduler: readable builders, and an environment that checks the scheduler, the reference and the laws after every input.

#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod laws;

pub mod reference;

use laws::Laws;
use reference::Reference;
use suanzi_scheduler::*;

pub const RUN: RunKey = RunKey(1);
pub const SUCCESS: AttemptEnd = AttemptEnd::Success;
pub const FAILED: AttemptEnd = AttemptEnd::Failed { retry: true };
pub const REFUSED: AttemptEnd = AttemptEnd::Failed { retry: false };
pub const STOPPED: AttemptEnd = AttemptEnd::Stopped;

/// Few, since an [`Env`] is cloned at every fork of an exhaustive search.
const STORY_LINES: usize = 32;

/// An operator with nothing special about it.
pub fn op() -> OpSpec {
    OpSpec::default()
}

pub fn ops(count: usize) -> Vec<OpSpec> {
    vec![op(); count]
}

pub fn run(ops: Vec<OpSpec>, edges: &[(OpIx, OpIx)]) -> RunSpec {
    RunSpec { run: RUN, token_seed: 7, priority: 0, concurrency: None, ops, edges: edges.to_vec(), recovered: vec![] }
}

pub fn task(op: OpIx) -> TaskRef {
    TaskRef { run: RUN, op }
}

/// The scheduler and all that watches it. Every input goes through [`Env::input`].
#[derive(Clone)]
pub struct Env {
    pub scheduler: Scheduler,
    pub reference: Reference,
    pub laws: Laws,
    pub now: Millis,
    /// What the last input led to.
    pub last: Vec<Change>,
    pub actions: Vec<Action>,
}

impl Env {
    /// Executor 0 has `slots`.
    pub fn new(slots: u32) -> Env {
        Env::with_pools(slots, vec![])
    }

    pub fn with_pools(slots: u32, pool_limits: Vec<u32>) -> Env {
        let mut env = Env {
            scheduler: Scheduler::new(Options { pool_limits: pool_limits.clone(), story_lines: STORY_LINES }),
            reference: Reference::new(pool_limits.clone()),
            laws: Laws::new(pool_limits),
            now: 0,
            last: vec![],
            actions: vec![],
        };
        env.input(Input::Capacity { executor: 0, slots });
        env
    }

    pub fn input(&mut self, input: Input) -> &mut Env {
        let mut step = Step::default();
        self.scheduler.handle(self.now, input.clone(), &mut step);
        self.scheduler.check();
        if let Err(broken) = self.laws.observe(self.now, &input, &step) {
            panic!("{broken}\nafter {input:?}\nin {step:#?}");
        }
        self.reference.compare(self.now, &input, &step);
        self.last = step.records.into_iter().map(|record| record.change).collect();
        self.actions = step.actions;
        self
    }

    pub fn submit(&mut self, spec: RunSpec) -> &mut Env {
        self.input(Input::RunSubmitted(Box::new(spec)))
    }

    /// The attempt in hand of an operator of [`RUN`].
    pub fn attempt(&self, op: OpIx) -> Attempt {
        let held = self.laws.running.get(&task(op)).copied();
        held.unwrap_or_else(|| panic!("operator {op} isn't running, but {:?}", self.scheduler.task_state(task(op))))
    }

    pub fn finish(&mut self, op: OpIx, end: AttemptEnd) -> &mut Env {
        let attempt = self.attempt(op);
        self.input(Input::AttemptFinished { attempt, end })
    }

    pub fn lose(&mut self, op: OpIx) -> &mut Env {
        let attempt = self.attempt(op);
        self.input(Input::AttemptLost { attempt })
    }

    pub fn evict(&mut self, op: OpIx, held_mib: u32) -> &mut Env {
        let attempt = self.attempt(op);
        self.input(Input::AttemptEvicted { attempt, held_mib })
    }

    /// What executor 0's attempts may hold.
    pub fn memory(&mut self, mib: u32) -> &mut Env {
        self.input(Input::Memory { executor: 0, mib: Some(mib) })
    }

    pub fn cancel(&mut self) -> &mut Env {
        self.input(Input::Cancel { run: RUN })
    }

    /// Moves the clock there and rings.
    pub fn ring_at(&mut self, now: Millis) -> &mut Env {
        self.now = now;
        self.input(Input::Timer)
    }

    /// Operators of [`RUN`] that are running, lowest first.
    pub fn running(&self) -> Vec<OpIx> {
        let mut ops: Vec<OpIx> = self.laws.running.keys().filter(|task| task.run == RUN).map(|task| task.op).collect();
        ops.sort_unstable();
        ops
    }

    /// Operators of [`RUN`] dispatched by the last input, in order.
    pub fn dispatched(&self) -> Vec<OpIx> {
        let started = self.last.iter().filter_map(|change| match change {
            Change::Dispatched { attempt } => Some(attempt.task.op),
            _ => None,
        });
        started.collect()
    }

    /// What the last input made final without an attempt ending.
    pub fn settled(&self) -> Vec<(OpIx, FinalState)> {
        let settled = self.last.iter().filter_map(|change| match change {
            Change::Settled { task, state } => Some((task.op, *state)),
            _ => None,
        });
        settled.collect()
    }

    /// How the last input ended the attempt of which it told.
    pub fn ended(&self) -> Option<(EndReason, TaskNext)> {
        self.last.iter().find_map(|change| match change {
            Change::Ended { why, next, .. } => Some((*why, *next)),
            _ => None,
        })
    }

    pub fn run_end(&self) -> Option<RunState> {
        self.last.iter().find_map(|change| match change {
            Change::RunEnded { state, .. } => Some(*state),
            _ => None,
        })
    }

    pub fn stops(&self) -> Vec<(OpIx, StopReason)> {
        let stops = self.actions.iter().filter_map(|action| match action {
            Action::Stop { attempt, reason, .. } => Some((attempt.task.op, *reason)),
            _ => None,
        });
        stops.collect()
    }

    pub fn timer(&self) -> Option<Millis> {
        self.actions.iter().find_map(|action| match action {
            Action::SetTimer { at } => Some(*at),
            _ => None,
        })
    }

    pub fn nothing_happened(&self) -> bool {
        self.last.is_empty() && self.actions.is_empty()
    }

    pub fn final_state(&self, op: OpIx) -> Option<FinalState> {
        self.laws.finals.get(&task(op)).copied()
    }
}
