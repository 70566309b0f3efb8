//! What is known of attempts until their dag engine has their ends on record: the next one may ask for them.

use crate::wire::{Told, encode};
use std::collections::{HashMap, VecDeque};
use suanzi_executor::AttemptId;

/// Ends that are kept; the oldest go first. One that went is lost if its dag engine dies before its record is committed.
const MAX_ENDS: usize = 10_000;
const MAX_END_BYTES: usize = 64 << 20;

#[derive(Default)]
pub(super) struct Held {
    /// The present link began it or has taken it over.
    pub told: bool,
    /// Where it runs, once it does.
    pub worker: Option<String>,
    pub end: Option<Told>,
    end_bytes: usize,
}

#[derive(Default)]
pub(super) struct Attempts {
    all: HashMap<AttemptId, Held>,
    /// Those that have ended, the oldest first.
    ends: VecDeque<AttemptId>,
    end_bytes: usize,
}

impl Attempts {
    /// One that the present link begins; false if it is there already.
    pub fn insert(&mut self, attempt: AttemptId) -> bool {
        let absent = !self.all.contains_key(&attempt);
        if absent {
            self.all.insert(attempt, Held { told: true, ..Held::default() });
        }
        absent
    }

    pub fn get(&mut self, attempt: &AttemptId) -> Option<&mut Held> {
        self.all.get_mut(attempt)
    }

    pub fn remove(&mut self, attempt: &AttemptId) -> Option<Held> {
        let held = self.all.remove(attempt)?;
        if held.end.is_some() {
            self.end_bytes -= held.end_bytes;
            self.ends.retain(|ended| ended != attempt);
        }
        Some(held)
    }

    /// Keeps its end; true if the present link is to hear it.
    pub fn ended(&mut self, attempt: &AttemptId, end: &Told) -> bool {
        let Some(held) = self.all.get_mut(attempt).filter(|held| held.end.is_none()) else { return false };
        let told = held.told;
        held.end = Some(end.clone());
        // What can't be written can't be told either.
        held.end_bytes = encode(end).map_or(0, |bytes| bytes.len());
        self.end_bytes += held.end_bytes;
        self.ends.push_back(*attempt);
        while self.ends.len() > MAX_ENDS || self.end_bytes > MAX_END_BYTES {
            let Some(oldest) = self.ends.front().copied() else { break };
            self.remove(&oldest);
        }
        told
    }

    /// What the present link was not told of.
    pub fn not_told(&self) -> Vec<AttemptId> {
        self.all.iter().filter(|(_, held)| !held.told).map(|(attempt, _)| *attempt).collect()
    }

    pub fn running(self) -> Vec<AttemptId> {
        self.all.into_iter().filter(|(_, held)| held.end.is_none()).map(|(attempt, _)| attempt).collect()
    }

    /// Nobody has taken anything over yet.
    pub fn for_another(mut self) -> Attempts {
        for held in self.all.values_mut() {
            held.told = false;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(op: u32) -> AttemptId {
        AttemptId { op, ..AttemptId::default() }
    }

    fn refused(op: u32, chars: usize) -> Told {
        Told::Refused { attempt: id(op), why: "x".repeat(chars) }
    }

    #[test]
    fn ends_are_kept_within_bounds() {
        let mut attempts = Attempts::default();
        for op in 0..MAX_ENDS as u32 + 5 {
            assert!(attempts.insert(id(op)) && !attempts.insert(id(op)));
            assert!(attempts.ended(&id(op), &refused(op, 1)) && !attempts.ended(&id(op), &refused(op, 1)));
        }
        assert_eq!((attempts.all.len(), attempts.get(&id(4)).is_none()), (MAX_ENDS, true));
        attempts.insert(id(20_000));
        attempts.ended(&id(20_000), &refused(20_000, MAX_END_BYTES - 1_000));
        assert!(attempts.end_bytes <= MAX_END_BYTES && attempts.all.len() < 1_000, "{}", attempts.all.len());
        assert!(attempts.get(&id(20_000)).is_some());
        let left: Vec<AttemptId> = attempts.all.keys().copied().collect();
        for attempt in left {
            attempts.remove(&attempt);
        }
        assert_eq!((attempts.end_bytes, attempts.ends.len()), (0, 0));
    }

    #[test]
    fn another_link_is_told_of_what_it_takes_over_alone() {
        let mut attempts = Attempts::default();
        attempts.insert(id(0));
        attempts.insert(id(1));
        assert!(attempts.not_told().is_empty());
        let mut attempts = attempts.for_another();
        assert_eq!(attempts.not_told().len(), 2);
        assert!(!attempts.ended(&id(0), &refused(0, 1)), "nobody was told that it runs");
        assert_eq!(attempts.running(), [id(1)]);
    }
}
