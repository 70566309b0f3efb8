//! Statistics of a table's columns.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Statistics of every column, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TableStats {
    pub rows: u64,
    pub columns: Vec<ColumnStats>,
}

/// What kind of values a column has, for choosing how to draw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ColumnStats {
    pub name: String,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Distinct {
    pub count: u64,
    /// Counted, not estimated.
    pub exact: bool,
}

/// The value below which so many percent of the values lie, interpolated linearly as pandas does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Quantile {
    pub percent: u8,
    pub value: Value,
}

/// Counts of values between edges. A bar includes its lower edge, the last also its upper one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Histogram {
    /// One more than `counts`.
    pub edges: Vec<Value>,
    pub counts: Vec<u64>,
}

/// A value and how often it occurs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TopValue {
    pub value: Value,
    pub count: u64,
}
