//! A place just before or just after a durable step, where the engine ends itself as `kill -9` would.

use super::dice::Dice;

/// Steps with how often one run passes them at most, in a new run and in one that goes on.
const STEPS: [(&str, u64, u64); 8] = [
    ("version", 1, 0),
    ("folder", 1, 0),
    ("accepted", 1, 0),
    ("batch", 60, 30),
    ("told", 80, 40),
    ("synced", 16, 8),
    ("model", 4, 2),
    ("claimed", 0, 1),
];

#[derive(Debug, Clone)]
pub struct FailPoint {
    side: &'static str,
    step: &'static str,
    new: u64,
    going_on: u64,
}

impl FailPoint {
    pub fn all() -> Vec<FailPoint> {
        let both = |side| STEPS.map(|(step, new, going_on)| FailPoint { side, step, new, going_on });
        [both("before"), both("after")].concat()
    }

    pub fn name(&self) -> String {
        format!("{}:{}", self.side, self.step)
    }

    /// Is it passed in such a life?
    pub fn is_on_the_way(&self, resume: bool) -> bool {
        self.passed(resume) > 0
    }

    fn passed(&self, resume: bool) -> u64 {
        if resume { self.going_on } else { self.new }
    }

    /// `SUANZI_FAIL_POINT` of a life: which time it is passed is drawn.
    pub fn drawn(&self, resume: bool, dice: &mut Dice) -> String {
        format!("{}:{}", self.name(), 1 + dice.below(self.passed(resume)))
    }
}
