//! Statistics of numbers and of times, which are numbers shown otherwise.

use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use arrow_schema::DataType;
use serde_json::Value;

use super::blocks::for_each_block;
use super::quantile::{Sample, of_counts};
use super::tally::{Tally, mix};
use super::{
    ColumnKind, ColumnStats, HISTOGRAM_BINS, Histogram, MAX_LISTED_DISTINCT, QUANTILE_PERCENTS, Quantile, SHOWN,
    TOP_VALUES, TopValue,
};
use crate::cell::{cell, float};
use crate::time_text::time_text;

/// A stored number.
pub(super) trait Number: Copy + Default + PartialOrd {
    /// The nearest float; of a decimal, without its scale.
    fn to_float(self) -> f64;
    /// Equal for equal numbers; different for different ones, or nearly surely so.
    fn key(self) -> u64;
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Number for $type {
            #[inline]
            fn to_float(self) -> f64 {
                self as f64
            }
            #[inline]
            fn key(self) -> u64 {
                self as i64 as u64
            }
        }
    )*};
}
integers!(i8, i16, i32, i64, u8, u16, u32, u64);

impl Number for f64 {
    #[inline]
    fn to_float(self) -> f64 {
        self
    }
    #[inline]
    fn key(self) -> u64 {
        // Adding zero makes -0.0 the other zero.
        (self + 0.0).to_bits()
    }
}

impl Number for f32 {
    #[inline]
    fn to_float(self) -> f64 {
        f64::from(self)
    }
    #[inline]
    fn key(self) -> u64 {
        f64::from(self).key()
    }
}

impl Number for half::f16 {
    fn to_float(self) -> f64 {
        self.to_f64()
    }
    fn key(self) -> u64 {
        self.to_f64().key()
    }
}

impl Number for i128 {
    fn to_float(self) -> f64 {
        self as f64
    }
    fn key(self) -> u64 {
        // Small values keep a key of their own; of larger ones two could meet, with a chance of 2^-64.
        i64::try_from(self).map_or_else(|_| mix(self as u64) ^ mix(!((self >> 64) as u64)), |small| small as u64)
    }
}

/// A sum that carries the rounding errors along (Neumaier): a million cents add up to the cent.
#[derive(Default)]
struct Sum {
    rounded: f64,
    error: f64,
}

impl Sum {
    #[inline]
    fn add(&mut self, value: f64) {
        let sum = self.rounded + value;
        self.error += match self.rounded.abs() >= value.abs() {
            true => (self.rounded - sum) + value,
            false => (value - sum) + self.rounded,
        };
        self.rounded = sum;
    }

    /// NaN if the sum left the range of floats.
    fn total(&self) -> f64 {
        if self.rounded.is_finite() { self.rounded + self.error } else { f64::NAN }
    }
}

/// What the first pass over the values finds.
struct Pass<N> {
    finite: u64,
    nans: u64,
    infinities: u64,
    sum: Sum,
    range: Option<(N, N)>,
    tally: Tally<N>,
    sample: Sample,
}

impl<N: Number> Pass<N> {
    fn over<T: ArrowPrimitiveType<Native = N>>(parts: &[ArrayRef]) -> Self {
        let rows: u64 = parts.iter().map(|part| part.len() as u64).sum();
        let mut pass = Self {
            finite: 0,
            nans: 0,
            infinities: 0,
            sum: Sum::default(),
            range: None,
            tally: Tally::new(),
            sample: Sample::new(rows),
        };
        for_each_block::<T>(parts, |block| pass.add(block));
        pass
    }

    fn add(&mut self, block: &[N]) {
        for value in block {
            let as_float = value.to_float();
            if !as_float.is_finite() {
                match as_float.is_nan() {
                    true => self.nans += 1,
                    false => self.infinities += 1,
                }
                // Both infinities are values; a NaN is none.
                if as_float.is_infinite() {
                    self.count(*value);
                }
                continue;
            }
            self.finite += 1;
            self.sum.add(as_float);
            self.range = Some(match self.range {
                None => (*value, *value),
                Some((min, max)) => (if *value < min { *value } else { min }, if *value > max { *value } else { max }),
            });
            self.count(*value);
            self.sample.add(as_float);
        }
    }

    #[inline]
    fn count(&mut self, value: N) {
        match self.tally.is_exact() {
            true => self.tally.add(value.key(), 1, value),
            false => self.tally.add_to_estimate(value.key()),
        }
    }

    /// The finite values in rising order with their counts, unless there are too many different ones.
    fn counts(&self) -> Option<Vec<(N, u64)>> {
        let seen = self.tally.is_exact().then(|| self.tally.seen())?;
        let mut counts: Vec<(N, u64)> = seen.into_iter().map(|seen| (seen.first, seen.count)).collect();
        counts.retain(|(value, _)| value.to_float().is_finite());
        counts.sort_unstable_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        Some(counts)
    }
}

/// What the second pass finds, knowing range and mean: a histogram, and the sum of squared distances from the mean.
struct Spread {
    low: f64,
    half_width: f64,
    mean: f64,
    bins: Vec<u64>,
    squares: f64,
}

impl Spread {
    fn new(low: f64, high: f64, mean: f64) -> Self {
        // Halves throughout: the width of the whole range can overflow.
        let half_width = high / 2.0 - low / 2.0;
        let bins = if half_width > 0.0 { HISTOGRAM_BINS } else { 1 };
        Self { low, half_width, mean, bins: vec![0; bins], squares: 0.0 }
    }

    #[inline]
    fn add(&mut self, value: f64, count: u64) {
        let share = (value / 2.0 - self.low / 2.0) / self.half_width;
        // A conversion of NaN (a range without width) or of too much saturates.
        let bin = ((share * HISTOGRAM_BINS as f64) as usize).min(self.bins.len() - 1);
        self.bins[bin] += count;
        let distance = value - self.mean;
        self.squares += distance * distance * count as f64;
    }

    fn edge(&self, bin: usize) -> f64 {
        let share = bin as f64 / self.bins.len() as f64;
        self.low + self.half_width * share + self.half_width * share
    }
}

/// Fills in the statistics of a column whose values (dictionaries looked through) have `data_type`.
pub(super) fn fill<T>(mut stats: ColumnStats, data_type: &DataType, parts: &[ArrayRef]) -> ColumnStats
where
    T: ArrowPrimitiveType,
    T::Native: Number,
{
    let pass = Pass::<T::Native>::over::<T>(parts);
    stats.nans = pass.nans;
    stats.infinities = pass.infinities;
    stats.distinct = Some(pass.tally.distinct());
    let Some((min, max)) = pass.range else { return stats };
    let shown = Display::of(data_type);
    stats.min = Some(shown.exact::<T>(min));
    stats.max = Some(shown.exact::<T>(max));

    let (low, high) = (min.to_float(), max.to_float());
    let mean = (pass.sum.total() / pass.finite as f64).clamp(low, high);
    let counts = pass.counts();
    let mut spread = Spread::new(low, high, mean);
    match &counts {
        Some(counts) => counts.iter().for_each(|(value, count)| spread.add(value.to_float(), *count)),
        None => for_each_block::<T>(parts, |block| {
            block.iter().map(|value| value.to_float()).filter(|v| v.is_finite()).for_each(|v| spread.add(v, 1));
        }),
    }
    if stats.kind == ColumnKind::Number {
        stats.mean = shown.scaled(mean);
        if pass.finite > 1 {
            stats.std = shown.scaled((spread.squares / (pass.finite - 1) as f64).sqrt());
        }
    }
    let edges = (0..=spread.bins.len()).map(|bin| shown.near(spread.edge(bin))).collect();
    stats.histogram = Some(Histogram { edges, counts: spread.bins });

    let quantiles = match &counts {
        Some(counts) => of_counts(&counts.iter().map(|(value, count)| (value.to_float(), *count)).collect::<Vec<_>>()),
        None => {
            stats.sampled = pass.sample.is_partial();
            pass.sample.quantiles()
        }
    };
    let quantiles = QUANTILE_PERCENTS.iter().zip(quantiles);
    stats.quantiles = quantiles.map(|(&percent, value)| Quantile { percent, value: shown.near(value) }).collect();
    if let Some(mut counts) = counts.filter(|counts| counts.len() <= MAX_LISTED_DISTINCT) {
        // Stable: equally frequent values stay in rising order.
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let top = counts.into_iter().take(TOP_VALUES);
        stats.top = top.map(|(value, count)| TopValue { value: shown.exact::<T>(value), count }).collect();
    }
    stats
}

/// How the numbers of a type are shown.
struct Display<'a> {
    data_type: &'a DataType,
    /// Of decimals: the stored number times this is the value.
    factor: f64,
}

impl<'a> Display<'a> {
    fn of(data_type: &'a DataType) -> Self {
        use DataType::{Decimal32, Decimal64, Decimal128};
        let factor = match data_type {
            Decimal32(_, scale) | Decimal64(_, scale) | Decimal128(_, scale) => 10_f64.powi(-i32::from(*scale)),
            _ => 1.0,
        };
        Self { data_type, factor }
    }

    /// A value of the column, as a preview shows it.
    fn exact<T: ArrowPrimitiveType>(&self, value: T::Native) -> Value {
        let array = PrimitiveArray::<T>::from_value(value, 1).with_data_type(self.data_type.clone());
        cell(&array, 0, SHOWN)
    }

    /// A number between the values: of times, the time nearest to it.
    fn near(&self, value: f64) -> Value {
        time_text(self.data_type, value.round() as i64).map_or_else(|| float(value * self.factor), Value::from)
    }

    fn scaled(&self, value: f64) -> Option<f64> {
        Some(value * self.factor).filter(|value| value.is_finite())
    }
}
