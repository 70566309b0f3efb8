//! What goes into the scheduler and what comes out of it.

/// A run, by the key its row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunKey(pub u64);

/// An operator's position in its DAG version.
pub type OpIx = u32;

/// One operator in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskRef {
    pub run: RunKey,
    pub op: OpIx,
}

/// One attempt of a task. `token` is fixed at dispatch and fences its result: a result with another number or token changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Attempt {
    pub task: TaskRef,
    /// From 1.
    pub no: u32,
    pub token: u64,
}

/// Milliseconds of a monotonic clock the caller owns.
pub type Millis = u64;

/// Why something happened: the number of the input that caused it.
pub type Cause = u64;

/// A run as the scheduler needs it: the graph and the rules, no names.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSpec {
    pub run: RunKey,
    /// Tokens of attempts are derived from it (and op and attempt number).
    pub token_seed: u64,
    /// Higher first; above every operator's own priority.
    pub priority: i32,
    /// How many of this run's tasks may run at once.
    pub concurrency: Option<u32>,
    pub ops: Vec<OpSpec>,
    /// `(source, target)` pairs between selected operators, deduplicated. An edge whose source isn't selected doesn't appear: its data is there already.
    pub edges: Vec<(OpIx, OpIx)>,
    /// State found by recovery for tasks that have rows already; empty for a new run.
    pub recovered: Vec<(OpIx, RecoveredTask)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OpSpec {
    pub selected: bool,
    pub trigger: Trigger,
    pub priority: i32,
    /// Attempts after the first that the user allows.
    pub retries: u32,
    pub retry_delay_ms: Millis,
    pub timeout_ms: Option<Millis>,
    /// Cpu slots it takes, at least 1.
    pub slots: u32,
    /// A named pool with a limit of its own: index into the limits given to [`crate::Scheduler`].
    pub pool: Option<u16>,
    pub executor: u16,
    /// Ask for a cached result before queueing (answered by [`Input::LookedUp`]).
    pub lookup: bool,
    /// Wait for the dispatch record to be durable before leaving ([`Input::Committed`]).
    pub side_effects: bool,
    /// Measured duration of earlier runs, for the critical path; 0 where unknown.
    pub expected_ms: u32,
    /// Mebibytes it is expected to hold while it runs, kept free for it on its executor; 0 where unknown.
    pub memory_mib: u32,
    /// Operators of a run with one number here do the same on other data: where nothing is known of one, it is taken to hold as much as another of them that was evicted.
    pub kind: u32,
}

impl Default for OpSpec {
    /// A selected operator with nothing special about it: one slot, no retries, no limits, nothing known of earlier runs.
    fn default() -> OpSpec {
        OpSpec {
            selected: true,
            trigger: Trigger::AllSuccess,
            priority: 0,
            retries: 0,
            retry_delay_ms: 0,
            timeout_ms: None,
            slots: 1,
            pool: None,
            executor: 0,
            lookup: false,
            side_effects: false,
            expected_ms: 0,
            memory_mib: 0,
            kind: 0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trigger {
    #[default]
    AllSuccess,
    AllDone,
    OneSuccess,
    OneFailed,
    AllFailed,
    NoneFailed,
}

/// What recovery found of a task: it is final (and not run again), or attempts were begun and the next has a higher number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveredTask {
    Final(FinalState),
    /// Attempts that were neither failures nor evicted were lost.
    Begun {
        last_attempt: u32,
        failures: u32,
        evicted: u32,
    },
    /// The newest attempt goes on where an earlier engine handed it out: it keeps its number and token, and holds its place. Those before it that were neither failures nor evicted were lost.
    Running {
        attempt_no: u32,
        token: u64,
        failures: u32,
        evicted: u32,
        /// Since it was handed out.
        running_ms: Millis,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FinalState {
    Success,
    /// Success taken from the cache.
    Cached,
    Failed,
    /// Its trigger rule can no longer be met.
    Skipped,
    Cancelled,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    RunSubmitted(Box<RunSpec>),
    /// Answer to [`Action::Lookup`].
    LookedUp {
        task: TaskRef,
        hit: bool,
    },
    /// The record that dispatched this attempt is durable (only sent for `side_effects`).
    Committed {
        attempt: Attempt,
    },
    AttemptStarted {
        attempt: Attempt,
    },
    AttemptFinished {
        attempt: Attempt,
        end: AttemptEnd,
    },
    /// The attempt is gone through no fault of the operator (its worker's host, or the engine, died): run again without costing a retry, at most [`MAX_LOST`] times.
    AttemptLost {
        attempt: Attempt,
    },
    /// The executor ended the attempt to make room: its memory ran short while this one held `held_mib`. It runs again without costing a retry, with twice that much kept free for it, at most [`MAX_EVICTED`] times.
    AttemptEvicted {
        attempt: Attempt,
        held_mib: u32,
    },
    Cancel {
        run: RunKey,
    },
    /// Ownership of the run was lost: forget it, stop its attempts, write nothing more.
    Disowned {
        run: RunKey,
    },
    /// How many slots an executor has now.
    Capacity {
        executor: u16,
        slots: u32,
    },
    /// How much the attempts on an executor may hold in all; `None`, as before it is said, for any amount.
    Memory {
        executor: u16,
        mib: Option<u32>,
    },
    /// `now` reached the time of an [`Action::SetTimer`].
    Timer,
}

/// How often one task may be lost before it counts as failed.
pub const MAX_LOST: u32 = 10;

/// How often one task may be evicted before it counts as failed. What is kept free for it has doubled each time: only an executor that evicts whatever it is given gets there.
pub const MAX_EVICTED: u32 = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptEnd {
    Success,
    /// `retry: false` for failures that another attempt can't mend (bad parameter).
    Failed {
        retry: bool,
    },
    /// Ended because it was told to stop (cancel or timeout).
    Stopped,
}

/// A change of a state row. Applied in order, in batches, in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub cause: Cause,
    pub change: Change,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A new attempt was handed out; the task is running.
    Dispatched {
        attempt: Attempt,
    },
    /// That attempt ended; the task goes on to `next`.
    Ended {
        attempt: Attempt,
        why: EndReason,
        next: TaskNext,
    },
    /// A task became final without an attempt of its own ending now.
    Settled {
        task: TaskRef,
        state: FinalState,
    },
    RunEnded {
        run: RunKey,
        state: RunState,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    Success,
    Failed,
    TimedOut,
    Cancelled,
    Lost,
    /// Ended by its executor to make room.
    Evicted {
        held_mib: u32,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskNext {
    Final(FinalState),
    /// Another attempt follows, not before this time.
    Retry {
        at: Millis,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunState {
    Success,
    Failed,
    Cancelled,
}

/// What the outside must do. A [`Action::Start`] without side effects may be carried out before its record is committed.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Is there a cached result for it? Answer with [`Input::LookedUp`].
    Lookup {
        task: TaskRef,
        cause: Cause,
    },
    Start {
        attempt: Attempt,
        executor: u16,
        after_commit: bool,
        /// What is kept free for it; 0 where nobody knows what it will hold.
        memory_mib: u32,
        cause: Cause,
    },
    Stop {
        attempt: Attempt,
        reason: StopReason,
        cause: Cause,
    },
    /// Call with [`Input::Timer`] at this time; replaces the earlier one.
    SetTimer {
        at: Millis,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    Cancelled,
    TimedOut,
    Disowned,
}

/// Output buffers, reused by the caller.
#[derive(Debug, Default)]
pub struct Step {
    pub records: Vec<Record>,
    pub actions: Vec<Action>,
}
