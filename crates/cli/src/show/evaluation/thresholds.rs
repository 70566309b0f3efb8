//! A few rows of the per-threshold table: the usual cut, the best by F1, the one of KS, and two around them.

use super::style::{Style, count, number, right};
use super::words;
use crate::show::width;
use serde_json::Value;

/// Shown whatever else is: places in the table as shares of its length.
const SHOWN_SHARES: [f64; 3] = [0.25, 0.5, 0.75];
const FIGURES: [&str; 4] = ["precision", "recall", "f1", "accuracy"];

pub fn lines(evaluation: &Value, style: &Style) -> Vec<String> {
    let Some(table) = evaluation.get("thresholds").and_then(Value::as_array).filter(|t| !t.is_empty()) else {
        return Vec::new();
    };
    let get = |row: &Value, name: &str| row.get(name).and_then(Value::as_f64);
    let last = table.len() - 1;
    let best = best_by(table, |row| get(row, "f1"));
    let ks = evaluation
        .pointer("/metrics/ks_threshold")
        .and_then(Value::as_f64)
        .and_then(|at| best_by(table, |row| get(row, "threshold").map(|t| -(t - at).abs())));
    let mut shown: Vec<usize> = SHOWN_SHARES.iter().map(|share| (share * last as f64).round() as usize).collect();
    shown.extend(best);
    shown.extend(ks);
    shown.sort_unstable();
    shown.dedup();

    let mut head = vec![words::column("threshold", style)];
    head.extend(FIGURES.iter().map(|name| words::figure(name, style)));
    head.push(words::column("flagged", style));
    let mut rows = vec![(head, String::new())];
    for place in shown {
        let Some(row) = table.get(place) else { continue };
        let cell = |name: &str| get(row, name).map_or(style.nothing().into(), number);
        let mut cells = vec![cell("threshold")];
        cells.extend(FIGURES.iter().map(|name| cell(name)));
        let predicted = |name: &str| row.get(name).and_then(Value::as_u64);
        cells.push(match (predicted("tp"), predicted("fp")) {
            (Some(tp), Some(fp)) => count(tp.saturating_add(fp)),
            _ => style.nothing().into(),
        });
        rows.push((cells, note(Some(place) == best, Some(place) == ks, style)));
    }
    let columns = FIGURES.len() + 2;
    let widths: Vec<usize> =
        (0..columns).map(|c| rows.iter().filter_map(|(r, _)| r.get(c)).map(|t| width(t)).max().unwrap_or(0)).collect();
    rows.iter()
        .map(|(cells, note)| {
            let cells: String = cells.iter().zip(&widths).map(|(text, w)| format!("  {}", right(text, *w))).collect();
            format!("{cells}  {note}")
        })
        .collect()
}

fn note(best: bool, ks: bool, style: &Style) -> String {
    let mut notes = Vec::new();
    if best {
        notes.push(style.say("best F1", "F1 最高"));
    }
    if ks {
        notes.push("KS");
    }
    notes.join(", ")
}

/// The first place where `score` is highest.
fn best_by(table: &[Value], score: impl Fn(&Value) -> Option<f64>) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (place, row) in table.iter().enumerate() {
        if let Some(value) = score(row)
            && best.is_none_or(|(_, highest)| value > highest)
        {
            best = Some((place, value));
        }
    }
    best.map(|(place, _)| place)
}
