//! One executor's slots, and the lanes that wait for nothing else.

use super::key::Key;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Default)]
pub(super) struct Executor {
    /// What it has in all; 0 until it said so.
    pub slots: u32,
    /// May exceed `slots`: after a shrink, or while a task larger than the executor runs alone.
    pub in_use: u64,
    /// Heads of active lanes, by the slots they take.
    pub classes: BTreeMap<u32, BTreeSet<Key>>,
}

impl Executor {
    /// A task that needs more than there is in all fits when nothing else runs.
    pub fn fits(&self, needed: u32) -> bool {
        self.slots > 0 && (self.in_use == 0 || self.in_use + u64::from(needed) <= u64::from(self.slots))
    }

    /// The first in order of those that fit. Looks at one lane for each distinct number of slots.
    pub fn best_fitting(&self, effort: &mut u64) -> Option<Key> {
        if self.slots == 0 {
            return None;
        }
        let room = match self.in_use {
            0 => u32::MAX,
            in_use => u32::try_from(u64::from(self.slots).saturating_sub(in_use)).unwrap_or(u32::MAX),
        };
        let fitting = self.classes.range(..=room);
        fitting.inspect(|_| *effort += 1).filter_map(|(_, keys)| keys.first().copied()).min()
    }

    pub fn class(&mut self, slots: u32) -> &mut BTreeSet<Key> {
        self.classes.entry(slots).or_default()
    }

    pub fn remove(&mut self, slots: u32, key: &Key) {
        if let Some(keys) = self.classes.get_mut(&slots) {
            keys.remove(key);
        }
    }

    /// Empty classes are kept while a run may need them again, since making one allocates.
    pub fn drop_empty_class(&mut self, slots: u32) {
        if self.classes.get(&slots).is_some_and(BTreeSet::is_empty) {
            self.classes.remove(&slots);
        }
    }
}
