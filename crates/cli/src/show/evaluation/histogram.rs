//! The residuals of a regression as horizontal bars.

use super::style::{Style, count, number, right};
use crate::show::width;
use serde_json::Value;

/// Neighbouring bins are joined down to this many bars.
const MAX_BARS: usize = 10;
const BAR_COLUMNS: usize = 40;
/// Eighths of a character, from none to seven.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

pub fn lines(evaluation: &Value, style: &Style) -> Vec<String> {
    let Some((edges, counts)) = read(evaluation) else { return Vec::new() };
    let step = counts.len().div_ceil(MAX_BARS);
    let bars: Vec<(String, u64)> = counts
        .chunks(step)
        .enumerate()
        .map(|(i, bins)| {
            let low = edges.get(i * step).copied().unwrap_or(0.0);
            (number(low), bins.iter().fold(0u64, |sum, n| sum.saturating_add(*n)))
        })
        .collect();
    let highest = bars.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
    let names = bars.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let title =
        style.say("residuals (actual - predicted), rows from each value up", "残差（真实值 - 预测值），自各值起的行数");
    let mut lines = vec![format!("  {title}")];
    lines.extend(bars.iter().map(|(name, n)| {
        format!("  {}  {} {}", right(name, names), bar(*n as f64 / highest as f64, style), count(*n))
    }));
    lines
}

fn read(evaluation: &Value) -> Option<(Vec<f64>, Vec<u64>)> {
    let histogram = evaluation.pointer("/curves/residual_histogram")?;
    let edges: Vec<f64> = histogram.get("edges")?.as_array()?.iter().map(Value::as_f64).collect::<Option<_>>()?;
    let counts: Vec<u64> = histogram.get("count")?.as_array()?.iter().map(Value::as_u64).collect::<Option<_>>()?;
    (!counts.is_empty() && edges.len() == counts.len() + 1).then_some((edges, counts))
}

fn bar(share: f64, style: &Style) -> String {
    if !style.unicode {
        return "#".repeat((share * BAR_COLUMNS as f64).round() as usize);
    }
    let eighths = (share * (BAR_COLUMNS * EIGHTHS.len()) as f64).round() as usize;
    format!("{}{}", "█".repeat(eighths / EIGHTHS.len()), EIGHTHS[eighths % EIGHTHS.len()])
}
