//! Planted defects: the simulation and the kill test must find each of them. Only compiled under the feature `planted-defects`, never part of a shipped build.

use crate::core::{AfterCommit, Effects};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use suanzi_executor::{AttemptId, Failure, FailureKind, Outcome, TaskRequest};
use suanzi_store::{RunKey, RunState, StoreRecord, TaskState};

/// Of so many results, records, … one goes wrong where a defect shows only now and then.
const ONE_OF: u64 = 16;

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
    /// A record is never written now and then.
    LostRecord,
    /// A record is written twice now and then.
    RepeatedRecord,
    /// Records of one input are written in the opposite order.
    ReorderedRecords,
    /// Nobody wakes the scheduler when it asked for that.
    LostTimer,
    /// What waits for its dispatch to be durable is never let go.
    LostRelease,
    /// What must wait for its dispatch to be durable leaves at once.
    EarlyRelease,
    /// A published file is neither read nor synced now and then.
    LostDescription,
    /// A success is taken for a failure now and then.
    SuccessAsFailure,
    /// A failure is taken for a loss, and is thus tried again for nothing.
    FailureAsLoss,
    /// An attempt that was lost counts as a failure.
    LossAsFailure,
    /// An input is left out now and then.
    MissingInput,
    /// The last output of a success is not published now and then.
    LostOutput,
    /// Every attempt of an operator has the token of its first.
    ReusedToken,
    /// A run is recorded as a success whatever its tasks say.
    FailedRunAsSuccess,
    /// What was skipped is recorded as a success.
    SkippedAsSuccess,
}

impl Defect {
    pub const ALL: [Defect; 21] = [
        Defect::AckBeforeCommit,
        Defect::MissingAttemptFence,
        Defect::DoubleDispatch,
        Defect::LostCallback,
        Defect::CancelRacesSuccess,
        Defect::PrematureRunEnd,
        Defect::LostRecord,
        Defect::RepeatedRecord,
        Defect::ReorderedRecords,
        Defect::LostTimer,
        Defect::LostRelease,
        Defect::EarlyRelease,
        Defect::LostDescription,
        Defect::SuccessAsFailure,
        Defect::FailureAsLoss,
        Defect::LossAsFailure,
        Defect::MissingInput,
        Defect::LostOutput,
        Defect::ReusedToken,
        Defect::FailedRunAsSuccess,
        Defect::SkippedAsSuccess,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Defect::AckBeforeCommit => "ack_before_commit",
            Defect::MissingAttemptFence => "missing_attempt_fence",
            Defect::DoubleDispatch => "double_dispatch",
            Defect::LostCallback => "lost_callback",
            Defect::CancelRacesSuccess => "cancel_races_success",
            Defect::PrematureRunEnd => "premature_run_end",
            Defect::LostRecord => "lost_record",
            Defect::RepeatedRecord => "repeated_record",
            Defect::ReorderedRecords => "reordered_records",
            Defect::LostTimer => "lost_timer",
            Defect::LostRelease => "lost_release",
            Defect::EarlyRelease => "early_release",
            Defect::LostDescription => "lost_description",
            Defect::SuccessAsFailure => "success_as_failure",
            Defect::FailureAsLoss => "failure_as_loss",
            Defect::LossAsFailure => "loss_as_failure",
            Defect::MissingInput => "missing_input",
            Defect::LostOutput => "lost_output",
            Defect::ReusedToken => "reused_token",
            Defect::FailedRunAsSuccess => "failed_run_as_success",
            Defect::SkippedAsSuccess => "skipped_as_success",
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
    asked: u64,
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
        let now_and_then = attempt.token.is_multiple_of(ONE_OF);
        let outcome = match (self.defect, outcome) {
            (Some(Defect::LostCallback), _) if now_and_then => return None,
            (Some(Defect::MissingAttemptFence), outcome) => {
                let newest = self.newest.get(&(attempt.run, attempt.op)).copied();
                return Some((newest.unwrap_or(attempt), outcome));
            }
            (Some(Defect::CancelRacesSuccess), Outcome::Success { .. })
                if self.cancelled.contains(&RunKey(attempt.run)) =>
            {
                Outcome::Stopped
            }
            (Some(Defect::SuccessAsFailure), Outcome::Success { .. }) if now_and_then => Outcome::Failed(a_failure()),
            (Some(Defect::FailureAsLoss), Outcome::Failed(_)) => Outcome::Lost,
            (Some(Defect::LossAsFailure), Outcome::Lost) => Outcome::Failed(a_failure()),
            (_, outcome) => outcome,
        };
        Some((attempt, outcome))
    }

    /// What is handed to the executor, and whether it waits for its dispatch to be durable.
    pub fn start(&self, executor: u16, request: &mut TaskRequest, after_commit: bool, fx: &mut Effects) -> bool {
        match self.defect {
            Some(Defect::DoubleDispatch) => {
                // Under a token of its own: an executor takes each attempt once.
                let mut again = Box::new(request.clone());
                again.attempt.token = again.attempt.token.wrapping_add(1);
                fx.starts.push((executor, again));
            }
            Some(Defect::MissingInput) if request.attempt.token.is_multiple_of(ONE_OF) => drop(request.inputs.pop()),
            Some(Defect::ReusedToken) => {
                // Every attempt but the first comes after one of the same token.
                request.attempt.token = request.attempt.run << 32 | u64::from(request.attempt.op);
            }
            Some(Defect::EarlyRelease) => return false,
            _ => {}
        }
        after_commit
    }

    /// What leaves the core after an input.
    pub fn distort(&mut self, fx: &mut Effects) {
        let defect = self.defect;
        match defect {
            Some(Defect::AckBeforeCommit) => {
                for act in std::mem::take(&mut fx.after) {
                    match act {
                        AfterCommit::Event(event) => fx.events.push(event),
                        other => fx.after.push(other),
                    }
                }
            }
            Some(Defect::LostTimer) => fx.timer_ms = None,
            Some(Defect::LostRelease) => fx.after.retain(|act| !matches!(act, AfterCommit::Release(_))),
            Some(Defect::ReorderedRecords) => fx.records.reverse(),
            Some(Defect::LostRecord) if !fx.records.is_empty() && self.now_and_then() => drop(fx.records.pop()),
            Some(Defect::RepeatedRecord) if self.now_and_then() => {
                if let Some(record) = fx.records.last().cloned() {
                    fx.records.push(record);
                }
            }
            Some(Defect::LostDescription) if !fx.describes.is_empty() && self.now_and_then() => {
                drop(fx.describes.pop());
            }
            Some(Defect::LostOutput) if self.now_and_then() => {
                fx.records.iter_mut().for_each(without_last_output);
            }
            Some(Defect::FailedRunAsSuccess) => {
                for record in &mut fx.records {
                    if let StoreRecord::RunEnded { state, .. } = record {
                        *state = RunState::Success;
                    }
                }
            }
            Some(Defect::SkippedAsSuccess) => {
                for record in &mut fx.records {
                    if let StoreRecord::Settled { state: state @ TaskState::Skipped, .. } = record {
                        *state = TaskState::Success;
                    }
                }
            }
            _ => {}
        }
    }

    fn now_and_then(&mut self) -> bool {
        self.asked += 1;
        self.asked.is_multiple_of(ONE_OF)
    }
}

fn without_last_output(record: &mut StoreRecord) {
    if let StoreRecord::Ended { result: Some(result), .. } = record {
        result.outputs.pop();
    }
}

fn a_failure() -> Failure {
    Failure { kind: FailureKind::Exception, message: "planted".into(), hint: None, traceback: None }
}
