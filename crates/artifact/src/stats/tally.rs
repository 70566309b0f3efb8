//! Counts how often each value occurs, up to a number of distinct values; then only estimates how many there are.

use super::hyperloglog::HyperLogLog;
use super::{Distinct, MAX_EXACT_DISTINCT};

/// Slots of the table when it is new: one page's worth, enough for a column of categories.
const FIRST_SLOTS: usize = 64;

/// A value seen: its 64-bit key, how often, and what was given with it the first time (the value, or where it lies).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen<V> {
    pub key: u64,
    /// Zero marks an empty slot.
    pub count: u64,
    pub first: V,
}

/// An open-addressing table from key to count. Equal values must have equal keys.
pub(super) struct Tally<V> {
    slots: Vec<Seen<V>>,
    used: usize,
    /// Present once there were too many distinct values.
    sketch: Option<Box<HyperLogLog>>,
}

impl<V: Copy + Default> Tally<V> {
    pub fn new() -> Self {
        Self { slots: vec![Seen::default(); FIRST_SLOTS], used: 0, sketch: None }
    }

    /// Counts a value. After overflow, values already in the table are still counted.
    #[inline]
    pub fn add(&mut self, key: u64, count: u64, value: V) {
        let hash = mix(key);
        if let Some(sketch) = &mut self.sketch {
            sketch.add(hash);
        }
        let mask = self.slots.len() - 1;
        let mut at = (hash as usize) & mask;
        loop {
            let slot = &mut self.slots[at];
            if slot.count == 0 {
                break;
            }
            if slot.key == key {
                slot.count += count;
                return;
            }
            at = (at + 1) & mask;
        }
        self.insert(Seen { key, count, first: value }, at);
    }

    #[cold]
    fn insert(&mut self, seen: Seen<V>, at: usize) {
        if seen.count == 0 || self.sketch.is_some() {
            return;
        }
        if self.used == MAX_EXACT_DISTINCT {
            let mut sketch = Box::new(HyperLogLog::new());
            self.slots.iter().filter(|slot| slot.count > 0).for_each(|slot| sketch.add(mix(slot.key)));
            sketch.add(mix(seen.key));
            self.sketch = Some(sketch);
            return;
        }
        self.slots[at] = seen;
        self.used += 1;
        if self.used * 2 > self.slots.len() {
            let slots = std::mem::take(&mut self.slots);
            self.slots = vec![Seen::default(); slots.len() * 4];
            let mask = self.slots.len() - 1;
            for seen in slots.into_iter().filter(|seen| seen.count > 0) {
                let mut at = (mix(seen.key) as usize) & mask;
                while self.slots[at].count > 0 {
                    at = (at + 1) & mask;
                }
                self.slots[at] = seen;
            }
        }
    }

    /// Adds to the estimate only: for callers that have no use for counts once there are too many values.
    #[inline]
    pub fn add_to_estimate(&mut self, key: u64) {
        if let Some(sketch) = &mut self.sketch {
            sketch.add(mix(key));
        }
    }

    /// Every value is in the table.
    pub fn is_exact(&self) -> bool {
        self.sketch.is_none()
    }

    pub fn distinct(&self) -> Distinct {
        match &self.sketch {
            None => Distinct { count: self.used as u64, exact: true },
            // There are more than the table holds, whatever the estimate says.
            Some(sketch) => Distinct { count: sketch.estimate().max(MAX_EXACT_DISTINCT as u64 + 1), exact: false },
        }
    }

    /// The values in the table, in no particular order.
    pub fn seen(&self) -> Vec<Seen<V>> {
        self.slots.iter().filter(|slot| slot.count > 0).copied().collect()
    }
}

/// Spreads a key over all 64 bits (the finalizer of SplitMix64); different keys stay different.
#[inline]
pub(super) fn mix(key: u64) -> u64 {
    let mut x = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn counts_are_those_of_a_hash_map_up_to_the_limit() {
        let check = |values: u64, rows: u64| {
            let (mut tally, mut expected) = (Tally::new(), HashMap::new());
            for row in 0..rows {
                let key = mix(row) % values;
                tally.add(key, 1, row);
                let entry = expected.entry(key).or_insert(Seen { key, count: 0, first: row });
                entry.count += 1;
            }
            assert!(tally.is_exact());
            assert_eq!(tally.distinct(), Distinct { count: expected.len() as u64, exact: true });
            let seen: HashMap<u64, Seen<u64>> = tally.seen().into_iter().map(|seen| (seen.key, seen)).collect();
            assert_eq!(seen, expected);
        };
        check(1, 10);
        check(31, 1_000);
        check(33, 1_000);
        check(MAX_EXACT_DISTINCT as u64, 50_000);
    }

    #[test]
    fn beyond_the_limit_the_number_is_estimated() {
        for values in [MAX_EXACT_DISTINCT as u64 + 1, 50_000, 1_000_000] {
            let mut tally = Tally::new();
            (0..values).for_each(|key| tally.add(key, 1, key));
            let Distinct { count, exact } = tally.distinct();
            assert!(!exact);
            let error = (count as f64 - values as f64).abs() / values as f64;
            assert!(error < 0.03, "{values} estimated as {count}");
        }
    }
}
