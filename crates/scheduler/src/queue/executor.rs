//! One executor's slots and memory, and the lanes that wait for nothing else.

use super::key::Key;
use std::collections::{BTreeMap, BTreeSet};

/// Distinct amounts of memory per doubling: lanes that need nearly the same share a class, so that few classes are looked at for each start.
const STEPS_PER_DOUBLING: u32 = 64;

/// What a task takes of its executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Need {
    pub slots: u32,
    /// 0 where unknown.
    pub mib: u32,
}

impl Need {
    /// At least one slot; the memory rounded up by at most one part in [`STEPS_PER_DOUBLING`].
    pub fn new(slots: u32, mib: u32) -> Need {
        let step = 1u32 << mib.checked_ilog2().unwrap_or(0).saturating_sub(STEPS_PER_DOUBLING.ilog2());
        Need { slots: slots.max(1), mib: mib.checked_next_multiple_of(step).unwrap_or(u32::MAX) }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Executor {
    /// What it has in all; 0 until it said so.
    pub slots: u32,
    /// May exceed `slots`: after a shrink, or while a task larger than the executor runs alone.
    pub in_use: u64,
    /// What its attempts may hold in all; `None` for any amount.
    pub memory_mib: Option<u32>,
    /// What is kept free for those that run. May exceed `memory_mib`: after it shrank, or while a task larger than all of it runs.
    pub reserved_mib: u64,
    /// Heads of active lanes, by what they take.
    pub classes: BTreeMap<Need, BTreeSet<Key>>,
}

impl Executor {
    /// A task that needs more than there is in all fits when nothing else holds any of it.
    pub fn fits(&self, need: Need) -> bool {
        self.has_slots(need.slots) && need.mib <= self.free_mib()
    }

    pub fn has_slots(&self, needed: u32) -> bool {
        self.slots > 0 && (self.in_use == 0 || self.in_use + u64::from(needed) <= u64::from(self.slots))
    }

    /// The most that another task may be expected to hold.
    pub fn free_mib(&self) -> u32 {
        match self.memory_mib {
            Some(budget) if self.reserved_mib > 0 => left(budget, self.reserved_mib),
            _ => u32::MAX,
        }
    }

    /// The first in order of those that fit. Looks at one lane for each distinct need.
    pub fn best_fitting(&self, effort: &mut u64) -> Option<Key> {
        if self.slots == 0 {
            return None;
        }
        let room = match self.in_use {
            0 => u32::MAX,
            in_use => left(self.slots, in_use),
        };
        let free_mib = self.free_mib();
        let fitting = self.classes.range(..=Need { slots: room, mib: free_mib });
        fitting
            .filter(|(need, _)| need.mib <= free_mib)
            .inspect(|_| *effort += 1)
            .filter_map(|(_, keys)| keys.first().copied())
            .min()
    }

    pub fn class(&mut self, need: Need) -> &mut BTreeSet<Key> {
        self.classes.entry(need).or_default()
    }

    pub fn remove(&mut self, need: Need, key: &Key) {
        if let Some(keys) = self.classes.get_mut(&need) {
            keys.remove(key);
        }
    }

    /// Empty classes are kept while a run may need them again, since making one allocates.
    pub fn drop_empty_class(&mut self, need: Need) {
        if self.classes.get(&need).is_some_and(BTreeSet::is_empty) {
            self.classes.remove(&need);
        }
    }
}

fn left(of: u32, taken: u64) -> u32 {
    u64::from(of).saturating_sub(taken) as u32
}

#[cfg(test)]
mod tests {
    use super::Need;

    #[test]
    fn memory_is_rounded_up_by_little() {
        for (mib, expected) in
            [(0, 0), (1, 1), (127, 127), (129, 130), (300, 300), (1_025, 1_040), (u32::MAX, u32::MAX)]
        {
            assert_eq!(Need::new(1, mib).mib, expected, "{mib}");
        }
    }
}
