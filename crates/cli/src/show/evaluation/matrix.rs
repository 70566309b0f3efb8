//! The confusion matrix with the shares of each true label, and the figures of each class.

use super::style::{Style, count, figure, label, percent, right};
use super::words;
use crate::show::width;
use serde_json::Value;

/// A matrix of more classes is named by its largest mistakes instead.
const MAX_MATRIX_CLASSES: usize = 8;
const MAX_MISTAKES: usize = 5;
/// More classes than this are left to `--json`.
const MAX_CLASS_LINES: usize = 20;

/// Labels and counts, a row per true label; `None` if the JSON isn't such a matrix.
fn read(evaluation: &Value) -> Option<(Vec<String>, Vec<Vec<u64>>)> {
    let matrix = evaluation.get("confusion_matrix")?;
    let labels: Vec<String> = matrix.get("labels")?.as_array()?.iter().map(label).collect();
    let counts: Vec<Vec<u64>> = match matrix.get("counts").and_then(Value::as_array) {
        Some(rows) => rows
            .iter()
            .map(|row| row.as_array().and_then(|cells| cells.iter().map(Value::as_u64).collect()))
            .collect::<Option<_>>()?,
        None => {
            let cell = |name: &str| matrix.get(name).and_then(Value::as_u64);
            vec![vec![cell("tn")?, cell("fp")?], vec![cell("fn")?, cell("tp")?]]
        }
    };
    let square = counts.len() == labels.len() && counts.iter().all(|row| row.len() == labels.len());
    (square && !labels.is_empty()).then_some((labels, counts))
}

pub fn lines(evaluation: &Value, style: &Style) -> Vec<String> {
    let Some((labels, counts)) = read(evaluation) else { return Vec::new() };
    let table = (labels.len() <= MAX_MATRIX_CLASSES).then(|| table(&labels, &counts, style));
    match table.filter(|lines| lines.iter().all(|line| width(line) <= style.columns)) {
        Some(lines) => lines,
        None => mistakes(&labels, &counts, style),
    }
}

fn table(labels: &[String], counts: &[Vec<u64>], style: &Style) -> Vec<String> {
    let title = style.say("true label", "真实标签").to_string();
    let mut rows: Vec<Vec<String>> =
        vec![std::iter::once(title).chain(labels.iter().map(|l| format!("{} {l}", style.say("->", "预测")))).collect()];
    if style.unicode && !style.chinese {
        rows[0].iter_mut().skip(1).for_each(|cell| *cell = cell.replacen("->", "→", 1));
    }
    for (name, row) in labels.iter().zip(counts) {
        let whole: u64 = row.iter().fold(0u64, |sum, n| sum.saturating_add(*n));
        let cell = |n: &u64| {
            let share = if whole == 0 { style.nothing().into() } else { percent(*n as f64 / whole as f64) };
            format!("{} {}", count(*n), right(&share, "100.0 %".len()))
        };
        rows.push(std::iter::once(name.clone()).chain(row.iter().map(cell)).collect());
    }
    aligned(&rows)
}

fn mistakes(labels: &[String], counts: &[Vec<u64>], style: &Style) -> Vec<String> {
    let mut wrong: Vec<(u64, usize, usize)> = counts
        .iter()
        .enumerate()
        .flat_map(|(t, row)| row.iter().enumerate().map(move |(p, n)| (*n, t, p)))
        .filter(|(n, t, p)| *n > 0 && t != p)
        .collect();
    wrong.sort_by_key(|(n, t, p)| (std::cmp::Reverse(*n), *t, *p));
    let mut lines = vec![format!("  {}", style.say("largest confusions", "最常见的混淆"))];
    lines.extend(wrong.iter().take(MAX_MISTAKES).map(|(n, t, p)| {
        let (truth, guess, n) = (&labels[*t], &labels[*p], count(*n));
        if style.chinese {
            format!("    {truth} 被预测为 {guess}：{n}")
        } else {
            format!("    {truth} predicted as {guess}: {n}")
        }
    }));
    if wrong.is_empty() { Vec::new() } else { lines }
}

/// Precision, recall and F1 of each class.
pub fn class_lines(evaluation: &Value, style: &Style) -> Vec<String> {
    const COLUMNS: [&str; 6] = ["label", "precision", "recall", "f1", "support", "predicted"];
    let Some(classes) = evaluation.get("classes").and_then(Value::as_array).filter(|c| !c.is_empty()) else {
        return Vec::new();
    };
    let mut rows: Vec<Vec<String>> = vec![COLUMNS.iter().map(|name| words::column(name, style)).collect()];
    for class in classes.iter().take(MAX_CLASS_LINES) {
        let cell = |name: &&str| match class.get(*name) {
            Some(value) if *name == "label" => label(value),
            Some(value) => figure(value, style),
            None => style.nothing().into(),
        };
        rows.push(COLUMNS.iter().map(cell).collect());
    }
    let mut lines = aligned(&rows);
    if classes.len() > MAX_CLASS_LINES {
        let more = classes.len() - MAX_CLASS_LINES;
        lines.push(if style.chinese { format!("  还有 {more} 类") } else { format!("  and {more} more classes") });
    }
    lines
}

/// Columns filled to the widest cell, all right-aligned.
fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> =
        (0..columns).map(|c| rows.iter().filter_map(|r| r.get(c)).map(|t| width(t)).max().unwrap_or(0)).collect();
    rows.iter().map(|row| row.iter().zip(&widths).map(|(text, w)| format!("  {}", right(text, *w))).collect()).collect()
}
