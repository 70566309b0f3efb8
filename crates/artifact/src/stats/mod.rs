//! Statistics of a table's columns: what a colleague wants to see on an edge before opening the table.

mod blocks;
mod hyperloglog;
mod number;
mod quantile;
mod tally;
mod text;

use arrow_array::types::*;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field, TimeUnit};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cell::Shown;
use crate::type_name;

/// Distinct values counted exactly; beyond, their number is estimated (within about 1 %).
pub const MAX_EXACT_DISTINCT: usize = 10_000;
/// Values whose quantiles are exact; beyond, as many are sampled.
pub const MAX_EXACT_QUANTILE_ROWS: usize = 1_000_000;
/// Bars of a histogram.
pub const HISTOGRAM_BINS: usize = 20;
/// Most frequent values listed.
pub const TOP_VALUES: usize = 20;
/// Numeric columns with at most so many distinct values also list the most frequent ones.
pub const MAX_LISTED_DISTINCT: usize = 50;
/// The quantiles given, in percent.
pub const QUANTILE_PERCENTS: [u8; 7] = [1, 5, 25, 50, 75, 95, 99];
/// How long values are cut.
const SHOWN: Shown = Shown { chars: 100, items: 10 };

/// Statistics of every column, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableStats {
    pub rows: u64,
    pub columns: Vec<ColumnStats>,
}

/// What kind of values a column has, for choosing how to draw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Integers, floats and decimals.
    Number,
    Boolean,
    Text,
    Binary,
    /// Dates, times of day, timestamps, durations.
    Time,
    /// Lists, structs and what else has no order: only nulls are counted.
    Other,
}

/// Statistics of one column. What does not apply to its kind is absent.
///
/// Values (`min`, `max`, quantiles, edges, top values) are written as in a [`crate::Preview`], cut after 100
/// characters. Mean, deviation, quantiles and histogram leave out nulls, NaNs and infinities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnStats {
    pub name: String,
    /// As [`type_name`] spells it.
    #[serde(rename = "type")]
    pub type_name: String,
    pub kind: ColumnKind,
    pub nulls: u64,
    /// Values that are NaN. They are not nulls.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub nans: u64,
    /// Values that are infinite.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub infinities: u64,
    /// Number of different values; neither null nor NaN counts as one, `0.0` and `-0.0` are one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<Distinct>,
    /// Smallest and largest value; of text by its bytes, of numbers leaving out infinities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// Of booleans, the share of true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// Sample standard deviation (divided by n - 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub std: Option<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantiles: Vec<Quantile>,
    /// The quantiles are of a sample.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sampled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<Histogram>,
    /// The most frequent values, most frequent first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<TopValue>,
    /// There were too many distinct values to follow all: `top` lists the most frequent of the first 10,000, counted
    /// exactly.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub top_is_partial: bool,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A number of different values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distinct {
    pub count: u64,
    /// Counted, not estimated.
    pub exact: bool,
}

/// The value below which so many percent of the values lie, interpolated linearly as pandas does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    pub percent: u8,
    pub value: Value,
}

/// Counts of values between edges. A bar includes its lower edge, the last also its upper one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// One more than `counts`.
    pub edges: Vec<Value>,
    pub counts: Vec<u64>,
}

/// A value and how often it occurs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TopValue {
    pub value: Value,
    pub count: u64,
}

impl ColumnStats {
    /// Statistics with nothing but the nulls counted.
    fn bare(field: &Field, kind: ColumnKind, nulls: u64) -> Self {
        Self {
            name: field.name().clone(),
            type_name: type_name(field.data_type()),
            kind,
            nulls,
            nans: 0,
            infinities: 0,
            distinct: None,
            min: None,
            max: None,
            mean: None,
            std: None,
            quantiles: Vec::new(),
            sampled: false,
            histogram: None,
            top: Vec::new(),
            top_is_partial: false,
        }
    }
}

/// Statistics of one column, given as its parts.
pub(crate) fn column_stats(field: &Field, parts: &[ArrayRef]) -> ColumnStats {
    use DataType::*;
    let nulls = parts.iter().map(|part| part.logical_null_count() as u64).sum();
    let value_type = match field.data_type() {
        Dictionary(_, value) => value.as_ref(),
        other => other,
    };
    let bare = |kind| ColumnStats::bare(field, kind, nulls);
    macro_rules! number {
        ($kind:ident, $type:ty) => {
            number::fill::<$type>(bare(ColumnKind::$kind), value_type, parts)
        };
    }
    match value_type {
        Int8 => number!(Number, Int8Type),
        Int16 => number!(Number, Int16Type),
        Int32 => number!(Number, Int32Type),
        Int64 => number!(Number, Int64Type),
        UInt8 => number!(Number, UInt8Type),
        UInt16 => number!(Number, UInt16Type),
        UInt32 => number!(Number, UInt32Type),
        UInt64 => number!(Number, UInt64Type),
        Float16 => number!(Number, Float16Type),
        Float32 => number!(Number, Float32Type),
        Float64 => number!(Number, Float64Type),
        Decimal32(_, _) => number!(Number, Decimal32Type),
        Decimal64(_, _) => number!(Number, Decimal64Type),
        Decimal128(_, _) => number!(Number, Decimal128Type),
        Date32 => number!(Time, Date32Type),
        Date64 => number!(Time, Date64Type),
        Time32(TimeUnit::Second) => number!(Time, Time32SecondType),
        Time32(_) => number!(Time, Time32MillisecondType),
        Time64(TimeUnit::Nanosecond) => number!(Time, Time64NanosecondType),
        Time64(_) => number!(Time, Time64MicrosecondType),
        Timestamp(TimeUnit::Second, _) => number!(Time, TimestampSecondType),
        Timestamp(TimeUnit::Millisecond, _) => number!(Time, TimestampMillisecondType),
        Timestamp(TimeUnit::Microsecond, _) => number!(Time, TimestampMicrosecondType),
        Timestamp(TimeUnit::Nanosecond, _) => number!(Time, TimestampNanosecondType),
        Duration(TimeUnit::Second) => number!(Time, DurationSecondType),
        Duration(TimeUnit::Millisecond) => number!(Time, DurationMillisecondType),
        Duration(TimeUnit::Microsecond) => number!(Time, DurationMicrosecondType),
        Duration(TimeUnit::Nanosecond) => number!(Time, DurationNanosecondType),
        Boolean if field.data_type() == &Boolean => text::fill_booleans(bare(ColumnKind::Boolean), parts),
        Utf8 | LargeUtf8 | Utf8View => text::fill(bare(ColumnKind::Text), crate::cell::text, parts),
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => {
            text::fill(bare(ColumnKind::Binary), crate::cell::hex, parts)
        }
        _ => bare(ColumnKind::Other),
    }
}
