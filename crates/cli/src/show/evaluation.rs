//! An evaluation as a block of text: numbers, confusion matrix, small charts, thresholds and findings in words.

mod canvas;
mod chart;
mod curves;
mod figures;
mod findings;
mod histogram;
mod matrix;
mod style;
#[cfg(test)]
mod tests;
mod thresholds;
mod words;

use serde_json::Value;
use std::io::Write;
pub use style::Style;

/// Prints to standard output, as wide and in the language of the terminal.
pub fn print(id: &str, evaluation: &Value) {
    let text = block(id, evaluation, &Style::of_terminal());
    // A reader that went away (`| head`) is no error.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// The whole block, each line ended. Parts the evaluation lacks are left out, so a kind nobody knows shows its numbers.
fn block(id: &str, evaluation: &Value, style: &Style) -> String {
    let parts = [
        figures::lines(evaluation, style),
        matrix::lines(evaluation, style),
        matrix::class_lines(evaluation, style),
        curves::lines(evaluation, style),
        histogram::lines(evaluation, style),
        thresholds::lines(evaluation, style),
        findings::lines(evaluation, style),
    ];
    let mut text = head(id, evaluation, style);
    text.push('\n');
    for part in parts.iter().filter(|part| !part.is_empty()) {
        text.push('\n');
        for line in part {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

fn head(id: &str, evaluation: &Value, style: &Style) -> String {
    let mut parts = vec![words::heading(&style::plain(id), style)];
    if let Some(kind) = evaluation.get("kind").and_then(Value::as_str) {
        parts.push(words::kind(kind, style));
    }
    if let Some(rows) = evaluation.get("rows").and_then(Value::as_u64) {
        parts.push(words::rows(rows, style));
        let positives = evaluation.pointer("/counts/positives").and_then(Value::as_u64);
        if let (Some(label), Some(positives)) = (evaluation.get("positive"), positives)
            && rows > 0
        {
            let share = style::percent(positives as f64 / rows as f64);
            parts.push(words::positive(&style::label(label), &share, style));
        }
    }
    parts.join(if style.unicode { " · " } else { ", " })
}
