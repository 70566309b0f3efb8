//! The key numbers of an evaluation, in aligned columns.

use super::style::{Style, figure, left, right};
use super::words;
use crate::show::width;
use serde_json::Value;

/// What people look at first, in this order; others follow as they come.
const FIRST: &[&str] =
    &["auc", "ks", "f1", "accuracy", "precision", "recall", "log_loss", "brier", "r2", "mae", "rmse"];
/// More numbers than this are left to `--json`.
const MAX_FIGURES: usize = 40;
/// Name and number per row of the block.
const MAX_PER_ROW: usize = 4;
/// Between a name and its number, and between two of them.
const GAP_COLUMNS: usize = 2;

pub fn lines(evaluation: &Value, style: &Style) -> Vec<String> {
    let Some(metrics) = evaluation.get("metrics").and_then(Value::as_object) else { return Vec::new() };
    let known = FIRST.iter().filter_map(|name| metrics.get_key_value(*name));
    let others = metrics.iter().filter(|(name, _)| !FIRST.contains(&name.as_str()));
    let figures: Vec<(String, String)> = known
        .chain(others)
        .filter(|(_, value)| value.is_number() || value.is_null())
        .take(MAX_FIGURES)
        .map(|(name, value)| (words::figure(name, style), figure(value, style)))
        .collect();
    let names = figures.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let numbers = figures.iter().map(|(_, number)| width(number)).max().unwrap_or(0);
    let each = names + numbers + 2 * GAP_COLUMNS;
    let per_row = (style.columns / each.max(1)).clamp(1, MAX_PER_ROW);
    figures
        .chunks(per_row)
        .map(|row| row.iter().map(|(n, v)| format!("  {}  {}", left(n, names), right(v, numbers))).collect())
        .collect()
}
