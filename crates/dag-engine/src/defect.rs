//! Planted defects: the simulation and the kill test must find each of them. Only compiled under the feature `planted-defects`, never part of a shipped build.

use crate::core::{AfterCommit, Effects};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use suanzi_executor::{AttemptId, Outcome, TaskRequest};
use suanzi_store::RunKey;

/// Of how many results one is lost under [`Defect::LostCallback`].
const LOST_ONE_OF: u64 = 16;

/// What the engine does wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Events leave before their records are committed.
    AckBeforeCommit,
    /// A late result of any earlier attempt passes for the newest attempt's.
    MissingAttemptFence,
    /// An attempt's work is handed to its executor twice.
    DoubleDispatch,
    /// A result is dropped now and then.
    LostCallback,
    /// A success that comes after a cancel is recorded as cancelled.
    CancelRacesSuccess,
    /// A run's end is told before its files are on the disk for good.
    PrematureRunEnd,
}

impl Defect {
    pub const ALL: [Defect; 6] = [
        Defect::AckBeforeCommit,
        Defect::MissingAttemptFence,
        Defect::DoubleDispatch,
        Defect::LostCallback,
        Defect::CancelRacesSuccess,
        Defect::PrematureRunEnd,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Defect::AckBeforeCommit => "ack_before_commit",
            Defect::MissingAttemptFence => "missing_attempt_fence",
            Defect::DoubleDispatch => "double_dispatch",
            Defect::LostCallback => "lost_callback",
            Defect::CancelRacesSuccess => "cancel_races_success",
            Defect::PrematureRunEnd => "premature_run_end",
        }
    }

    /// The one that the environment variable `SUANZI_DEFECT` names, read once; other names belong to other crates.
    pub(crate) fn from_env() -> Option<Defect> {
        static NAMED: OnceLock<Option<Defect>> = OnceLock::new();
        *NAMED.get_or_init(|| {
            let name = std::env::var("SUANZI_DEFECT").ok()?;
            Defect::ALL.into_iter().find(|defect| defect.name() == name)
        })
    }
}

/// A core's defect, with what it must remember to go wrong.
#[derive(Default)]
pub(crate) struct Planted {
    pub defect: Option<Defect>,
    newest: HashMap<(u64, u32), AttemptId>,
    cancelled: HashSet<RunKey>,
}

impl Planted {
    pub fn is(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    pub fn dispatched(&mut self, attempt: AttemptId) {
        self.newest.insert((attempt.run, attempt.op), attempt);
    }

    pub fn cancelled(&mut self, run: RunKey) {
        self.cancelled.insert(run);
    }

    /// What the core hears of an attempt's end; `None`: nothing.
    pub fn heard(&self, attempt: AttemptId, outcome: Outcome) -> Option<(AttemptId, Outcome)> {
        match self.defect {
            Some(Defect::LostCallback) if attempt.token.is_multiple_of(LOST_ONE_OF) => None,
            Some(Defect::MissingAttemptFence) => {
                let newest = self.newest.get(&(attempt.run, attempt.op)).copied();
                Some((newest.unwrap_or(attempt), outcome))
            }
            Some(Defect::CancelRacesSuccess)
                if matches!(outcome, Outcome::Success { .. }) && self.cancelled.contains(&RunKey(attempt.run)) =>
            {
                Some((attempt, Outcome::Stopped))
            }
            _ => Some((attempt, outcome)),
        }
    }

    pub fn start_twice(&self, executor: u16, request: &TaskRequest, fx: &mut Effects) {
        if self.is(Defect::DoubleDispatch) {
            // Under a token of its own: an executor takes each attempt once.
            let mut again = Box::new(request.clone());
            again.attempt.token = again.attempt.token.wrapping_add(1);
            fx.starts.push((executor, again));
        }
    }

    pub fn acknowledge_early(&self, fx: &mut Effects) {
        if self.is(Defect::AckBeforeCommit) {
            for act in std::mem::take(&mut fx.after) {
                match act {
                    AfterCommit::Event(event) => fx.events.push(event),
                    other => fx.after.push(other),
                }
            }
        }
    }
}
