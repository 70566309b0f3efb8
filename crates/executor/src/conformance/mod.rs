//! The suite that every [`Executor`] passes. An implementation's test gives a [`Harness`] and asserts on [`run_all`]'s report.

pub mod faulty;
mod life;
mod load;
mod logs;
pub mod python;
mod recorder;
mod scripts;
mod stop;
pub mod truth;

use crate::{AttemptId, Executor, TaskRequest};
pub use scripts::NullHarness;

use recorder::Recorder;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// What a test operator does. It has one output, `out`, of type `any`.
#[derive(Debug, Clone)]
pub enum Act {
    /// Returns this JSON value.
    Succeed { payload: String },
    /// Raises an exception with this message.
    Fail { message: String },
    /// Refuses its input with this message.
    Refuse { message: String },
    /// Ends the process with status 0 and no result.
    ExitZero,
    /// Sends itself SIGKILL.
    KillSelf,
    /// Ends at once on TERM.
    Sleep(Duration),
    /// Sleeps, deaf to TERM; has printed `ready` when it is.
    IgnoreTerm(Duration),
    /// Writes `text`, without a line end, `times` times to descriptor 1, then sleeps.
    Print { text: String, times: usize, then: Duration },
    /// Wants a block of so many MiB at once, with a cap of `cap_mib` for the attempt.
    TooMuchMemory { mib: u64, cap_mib: u64 },
    /// Tells progress 1/steps, 2/steps, … 1.
    Progress { steps: u32 },
}

impl Act {
    /// The attempt's cap for memory, in bytes.
    pub fn cap_bytes(&self) -> Option<u64> {
        match self {
            Act::TooMuchMemory { cap_mib, .. } => Some(cap_mib << 20),
            _ => None,
        }
    }
}

/// Makes the executor under test and its tasks.
pub trait Harness {
    fn make(&self) -> Arc<dyn Executor>;

    /// A task that does `act`, or none where the executor can't.
    fn task(&self, attempt: AttemptId, act: &Act) -> Option<Box<TaskRequest>>;

    /// How many short attempts are many; fewer where each costs a process.
    fn many(&self) -> usize {
        200
    }

    /// How long an event may take before it counts as missing.
    fn patience(&self) -> Duration {
        Duration::from_secs(20)
    }
}

/// Why a case is not passed.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// The harness can't express an act that the case needs.
    Inexpressible,
    Broken(String),
}

pub type Verdict = Result<(), Trouble>;

pub struct Case {
    pub name: &'static str,
    run: fn(&Stage<'_>) -> Verdict,
}

/// What came of a whole run.
#[derive(Debug, Default)]
pub struct Report {
    pub passed: Vec<&'static str>,
    pub skipped: Vec<&'static str>,
    pub failed: Vec<(&'static str, String)>,
}

impl Report {
    /// Panics with all failures, if any; and if cases were skipped beyond `may_skip`.
    pub fn assert(&self, may_skip: &[&str]) {
        assert!(self.failed.is_empty(), "{self}");
        let unexpected: Vec<_> = self.skipped.iter().filter(|name| !may_skip.contains(name)).collect();
        assert!(unexpected.is_empty(), "skipped: {unexpected:?}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} passed, {} skipped, {} failed", self.passed.len(), self.skipped.len(), self.failed.len())?;
        self.failed.iter().try_for_each(|(name, why)| writeln!(f, "  {name}: {why}"))
    }
}

/// All cases, in the order they run. They share one executor; the last ones shut theirs down.
pub fn cases() -> Vec<Case> {
    [life::cases(), stop::cases(), logs::cases(), load::cases()].into_iter().flatten().collect()
}

pub fn run_all(harness: &dyn Harness) -> Report {
    let mut report = Report::default();
    let mut note = |name, verdict: Verdict| match verdict {
        Ok(()) => report.passed.push(name),
        Err(Trouble::Inexpressible) => report.skipped.push(name),
        Err(Trouble::Broken(why)) => report.failed.push((name, why)),
    };
    let stage = Stage::new(harness);
    for case in cases() {
        note(case.name, (case.run)(&stage));
    }
    note("shutdown ends what is open, and all is told once", load::ends_all(&stage));
    report
}

/// An executor with its recorder, and what cases need to speak to it.
pub struct Stage<'a> {
    harness: &'a dyn Harness,
    executor: Arc<dyn Executor>,
    recorder: Arc<Recorder>,
    next: AtomicU32,
}

impl<'a> Stage<'a> {
    fn new(harness: &'a dyn Harness) -> Stage<'a> {
        let executor = harness.make();
        let recorder = Arc::new(Recorder::new(harness.patience()));
        executor.attach(recorder.clone());
        Stage { harness, executor, recorder, next: AtomicU32::new(1) }
    }

    fn new_id(&self) -> AttemptId {
        let op = self.next.fetch_add(1, Ordering::Relaxed);
        AttemptId { run: 77, op, no: 1, token: u64::from(op) << 32 | 5 }
    }

    fn task(&self, attempt: AttemptId, act: &Act) -> Result<Box<TaskRequest>, Trouble> {
        self.harness.task(attempt, act).ok_or(Trouble::Inexpressible)
    }

    /// Starts an act under a new id.
    fn start(&self, act: &Act) -> Result<AttemptId, Trouble> {
        let attempt = self.new_id();
        self.start_as(attempt, act)?;
        Ok(attempt)
    }

    fn start_as(&self, attempt: AttemptId, act: &Act) -> Verdict {
        let task = self.task(attempt, act)?;
        self.executor.start(task).map_err(|error| broken(format!("start was refused: {error}")))?;
        self.recorder.accepted(attempt);
        Ok(())
    }
}

fn broken(why: impl Into<String>) -> Trouble {
    Trouble::Broken(why.into())
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(broken(why())) }
}
