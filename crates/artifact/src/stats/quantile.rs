//! Quantiles, exact or of a sample.

use super::tally::mix;
use super::{MAX_EXACT_QUANTILE_ROWS, QUANTILE_PERCENTS};

/// Keeps all of up to 1,000,000 values, or one of each stretch of equal length, picked pseudo-randomly but always the
/// same way: the statistics of a table are part of its record.
pub(super) struct Sample {
    kept: Vec<f64>,
    stretch: u64,
    /// Values still to come in this stretch, and before the one to keep.
    left: u64,
    until_kept: u64,
    stretches: u64,
}

impl Sample {
    /// A sample of a column of at most `values` values.
    pub fn new(values: u64) -> Self {
        let stretch = values.div_ceil(MAX_EXACT_QUANTILE_ROWS as u64).max(1);
        let capacity = (values / stretch) as usize + 1;
        Self { kept: Vec::with_capacity(capacity), stretch, left: 0, until_kept: 0, stretches: 0 }
    }

    pub fn is_partial(&self) -> bool {
        self.stretch > 1
    }

    #[inline]
    pub fn add(&mut self, value: f64) {
        if self.stretch == 1 {
            self.kept.push(value);
            return;
        }
        if self.left == 0 {
            self.left = self.stretch;
            self.until_kept = mix(self.stretches) % self.stretch;
            self.stretches += 1;
        }
        if self.until_kept == 0 {
            self.kept.push(value);
        }
        self.until_kept = self.until_kept.wrapping_sub(1);
        self.left -= 1;
    }

    /// The quantiles, in the order of [`QUANTILE_PERCENTS`]; none without values.
    pub fn quantiles(mut self) -> Vec<f64> {
        let count = self.kept.len();
        if count == 0 {
            return Vec::new();
        }
        let mut ranks: Vec<usize> = QUANTILE_PERCENTS.iter().flat_map(|percent| neighbours(*percent, count)).collect();
        ranks.sort_unstable();
        ranks.dedup();
        place(&mut self.kept, 0, &ranks);
        QUANTILE_PERCENTS.iter().map(|percent| between(*percent, count, |rank| self.kept[rank])).collect()
    }
}

/// The quantiles of values given in rising order with their counts.
pub(super) fn of_counts(sorted: &[(f64, u64)]) -> Vec<f64> {
    let count: u64 = sorted.iter().map(|(_, count)| count).sum();
    if count == 0 {
        return Vec::new();
    }
    let ends: Vec<u64> = sorted
        .iter()
        .scan(0, |end, (_, count)| {
            *end += count;
            Some(*end)
        })
        .collect();
    let value = |rank: usize| sorted[ends.partition_point(|end| *end <= rank as u64)].0;
    QUANTILE_PERCENTS.iter().map(|percent| between(*percent, count as usize, value)).collect()
}

/// The place of a quantile among `count` values: the rank below, and how far it lies beyond it.
fn position(percent: u8, count: usize) -> (usize, f64) {
    let hundredths = (count as u128 - 1) * u128::from(percent);
    ((hundredths / 100) as usize, (hundredths % 100) as f64 / 100.0)
}

fn neighbours(percent: u8, count: usize) -> [usize; 2] {
    let (below, _) = position(percent, count);
    [below, (below + 1).min(count - 1)]
}

fn between(percent: u8, count: usize, value: impl Fn(usize) -> f64) -> f64 {
    let (_, share) = position(percent, count);
    let [below, above] = neighbours(percent, count).map(value);
    // Not `below + (above - below) * share`: the difference of two large values can overflow.
    if share == 0.0 || below == above { below } else { below * (1.0 - share) + above * share }
}

/// Puts the values of the given rising ranks in their places, as sorting would; `values[0]` has rank `first`.
fn place(values: &mut [f64], first: usize, ranks: &[usize]) {
    let Some(middle) = ranks.get(ranks.len() / 2) else { return };
    let at = middle - first;
    values.select_nth_unstable_by(at, f64::total_cmp);
    let (below, above) = values.split_at_mut(at);
    place(below, first, &ranks[..ranks.len() / 2]);
    place(&mut above[1..], middle + 1, &ranks[ranks.len() / 2 + 1..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_sorting(values: &[f64]) -> Vec<f64> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        QUANTILE_PERCENTS
            .iter()
            .map(|percent| {
                let place = (sorted.len() - 1) as f64 * f64::from(*percent) / 100.0;
                let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
                low + (high - low) * (place - place.floor())
            })
            .collect()
    }

    proptest! {
        #[test]
        fn selection_and_counts_agree_with_sorting(values in prop::collection::vec(-50_i32..50, 1..400)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let expected = by_sorting(&values);
            let mut sample = Sample::new(values.len() as u64);
            values.iter().for_each(|value| sample.add(*value));
            let mut counts: Vec<(f64, u64)> = Vec::new();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            for value in sorted {
                match counts.last_mut() {
                    Some((last, count)) if *last == value => *count += 1,
                    _ => counts.push((value, 1)),
                }
            }
            for (found, expected) in sample.quantiles().iter().chain(&of_counts(&counts)).zip(expected.iter().cycle()) {
                prop_assert!((found - expected).abs() < 1e-9, "{found} for {expected}");
            }
        }
    }

    #[test]
    fn a_sample_has_the_right_size_and_shape() {
        let values = 3 * MAX_EXACT_QUANTILE_ROWS as u64 + 17;
        let mut sample = Sample::new(values);
        assert!(sample.is_partial());
        (0..values).for_each(|value| sample.add(value as f64));
        assert!(sample.kept.len() <= MAX_EXACT_QUANTILE_ROWS && sample.kept.len() > MAX_EXACT_QUANTILE_ROWS / 2);
        for (quantile, percent) in sample.quantiles().iter().zip(QUANTILE_PERCENTS) {
            let expected = values as f64 * f64::from(percent) / 100.0;
            assert!((quantile - expected).abs() < values as f64 * 0.002, "{percent} %: {quantile} for {expected}");
        }
    }
}
