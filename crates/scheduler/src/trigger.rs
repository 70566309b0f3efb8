//! Trigger rules: may a task start, given how its predecessors ended?

use crate::{FinalState, Trigger};

/// Predecessors of a waiting task, counted. The rest of the ended ones were skipped or cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Not final yet.
    pub unmet: u32,
    pub succeeded: u32,
    pub failed: u32,
    /// Skipped or cancelled.
    pub passed_over: u32,
}

impl Tally {
    pub fn count(&mut self, state: FinalState) {
        self.unmet = self.unmet.saturating_sub(1);
        match state {
            FinalState::Success | FinalState::Cached => self.succeeded += 1,
            FinalState::Failed => self.failed += 1,
            FinalState::Skipped | FinalState::Cancelled => self.passed_over += 1,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wait,
    Start,
    /// Whatever the others do, it can't start any more.
    Never,
}

/// A task without predecessors starts under every rule: it was selected, and its data is there.
/// `OneSuccess` and `OneFailed` start with the first such predecessor, without waiting for the others.
pub(crate) fn judge(rule: Trigger, t: Tally) -> Verdict {
    if t.unmet == 0 && t.succeeded == 0 && t.failed == 0 && t.passed_over == 0 {
        return Verdict::Start;
    }
    let (enough, hopeless) = match rule {
        Trigger::AllSuccess => (t.unmet == 0, t.failed > 0 || t.passed_over > 0),
        Trigger::AllDone => (t.unmet == 0, false),
        Trigger::OneSuccess => (t.succeeded > 0, t.unmet == 0 && t.succeeded == 0),
        Trigger::OneFailed => (t.failed > 0, t.unmet == 0 && t.failed == 0),
        Trigger::AllFailed => (t.unmet == 0, t.succeeded > 0 || t.passed_over > 0),
        Trigger::NoneFailed => (t.unmet == 0, t.failed > 0),
    };
    match (hopeless, enough) {
        (true, _) => Verdict::Never,
        (false, true) => Verdict::Start,
        (false, false) => Verdict::Wait,
    }
}
