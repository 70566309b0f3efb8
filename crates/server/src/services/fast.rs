//! A model in ONNX's form, run in this process, once it was seen to answer as the model itself does.

use super::input::Rows;
use super::worker::{Said, Scores};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use suanzi_onnx::{Answer, Model, Results, Runtime};

/// How far a probability may be from the model's own, and a value in relation to it.
pub(super) const TOLERANCE: f64 = 1e-5;
/// What takes longer runs beside the thread that serves connections.
const INLINE: Duration = Duration::from_micros(50);
/// Runs by which it is known how long a row takes.
const TIMED_RUNS: usize = 20;
const CELL_BYTES: usize = 8;

/// What a model's process says of its ONNX form.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Offer {
    /// There is none, and why.
    Not {
        not: String,
    },
    Form(Form),
}

/// Forms, and rows with the model's answers to them. The bytes that come with it: each form, then the rows column by column.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Form {
    /// Their lengths; the most exact one first.
    forms: Vec<usize>,
    rows: usize,
    answers: Scores,
    #[serde(flatten)]
    reading: Reading,
}

/// How outputs become the columns that scoring adds.
#[derive(Debug, Clone, Deserialize)]
struct Reading {
    /// In the order of probabilities; none for a model of values.
    classes: Option<Vec<Value>>,
    score: Option<Score>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Score {
    /// The probability of the class at this place.
    Of(usize),
    /// That of the most probable class, and of each under these names.
    Best(Vec<String>),
}

pub(super) struct Fast {
    model: Model,
    reading: Reading,
    columns: usize,
    /// Rows with missing values are the model's own: there the form differs.
    pub complete_rows_only: bool,
    /// Of a request's run, and of each row of it.
    per_run: Duration,
    per_row: Duration,
    /// What was seen, in words.
    pub note: String,
}

/// The largest differences: on rows without missing values, and on those with some.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Differences {
    complete: f64,
    missing: f64,
}

impl Fast {
    /// The first form that answers as the model does. The error says why there is none.
    pub fn prove(runtime: &Runtime, form: &Form, content: &[u8], columns: usize) -> Result<Fast, String> {
        let length = form.forms.iter().sum::<usize>();
        let cells = form.rows * columns * CELL_BYTES;
        if content.len() != length + cells || columns == 0 || form.rows == 0 {
            return Err("its ONNX form came incomplete".into());
        }
        let cells = row_by_row(&content[length..], columns, form.rows, &"f".repeat(columns));
        let (mut at, mut why) = (0, "it has no ONNX form".to_string());
        for length in &form.forms {
            let bytes = &content[at..at + length];
            at += length;
            match Fast::try_form(runtime, form, bytes, &cells, columns) {
                Ok(fast) => return Ok(fast),
                Err(said) => why = said,
            }
        }
        Err(why)
    }

    fn try_form(runtime: &Runtime, form: &Form, bytes: &[u8], cells: &[f64], columns: usize) -> Result<Fast, String> {
        let model = runtime.model(bytes, columns).map_err(|error| error.to_string())?;
        let began = Instant::now();
        let answer = model.run(cells).map_err(|error| error.to_string())?;
        let whole = began.elapsed();
        let found = form.reading.columns(answer).ok_or("its ONNX form has other outputs than the model")?;
        let differences = differences(&form.answers, &found, cells, columns)
            .ok_or("its ONNX form adds other columns than the model")?;
        let rows = form.rows;
        if differences.complete > TOLERANCE {
            return Err(format!(
                "its ONNX form differs by up to {:.2e} on {rows} rows (tolerance {TOLERANCE:.0e})",
                differences.complete.max(differences.missing)
            ));
        }
        let complete_rows_only = differences.missing > TOLERANCE;
        let difference =
            if complete_rows_only { differences.complete } else { differences.complete.max(differences.missing) };
        let only = if complete_rows_only { "; rows with missing values go to Python" } else { "" };
        Ok(Fast {
            per_run: one_run(&model, &cells[..columns]),
            per_row: whole / u32::try_from(rows).unwrap_or(u32::MAX),
            model,
            reading: form.reading.clone(),
            columns,
            complete_rows_only,
            note: format!("{rows} rows scored both ways differ by at most {difference:.1e}{only}"),
        })
    }

    /// Whether these rows are scored by the form.
    pub fn takes(&self, rows: &Rows) -> bool {
        !(self.complete_rows_only && rows.has_missing())
    }

    /// Whether so many rows are scored sooner than another thread would take them.
    pub fn is_short(&self, rows: usize) -> bool {
        self.per_run + self.per_row.saturating_mul(u32::try_from(rows).unwrap_or(u32::MAX)) <= INLINE
    }

    pub fn score(&self, rows: &Rows) -> Result<Scores, Said> {
        let cells = row_by_row(&rows.cells, self.columns, rows.count, &rows.kinds);
        let answer = self.model.run(&cells).map_err(|error| Said { message: error.to_string(), hint: None })?;
        self.reading.columns(answer).ok_or_else(|| Said { message: "the model gave no scores".into(), hint: None })
    }
}

impl Reading {
    fn columns(&self, answer: Answer) -> Option<Scores> {
        let count = answer.results.len();
        let mut columns = Scores::new();
        let results: Vec<Value> = match answer.results {
            Results::Values(values) => values.into_iter().map(Value::from).collect(),
            Results::Integers(values) => values.into_iter().map(Value::from).collect(),
            Results::Texts(values) => values.into_iter().map(Value::from).collect(),
        };
        columns.insert("predict_result".into(), results.into());
        let (Some(classes), Some(score)) = (&self.classes, &self.score) else { return Some(columns) };
        let scores = answer.scores.filter(|scores| scores.width == classes.len() && !classes.is_empty())?;
        if scores.values.len() != count * scores.width {
            return None;
        }
        let rows = || scores.values.chunks_exact(scores.width);
        match score {
            Score::Of(at) => {
                let values = rows().map(|row| row.get(*at).copied().map(Value::from));
                columns.insert("predict_score".into(), values.collect::<Option<Vec<_>>>()?.into());
            }
            Score::Best(names) => {
                let best = rows().map(|row| row.iter().copied().fold(f64::NEG_INFINITY, f64::max));
                columns.insert("predict_score".into(), best.map(Value::from).collect::<Vec<_>>().into());
                for (at, name) in names.iter().enumerate() {
                    let values = rows().map(|row| row.get(at).copied().map(Value::from));
                    columns.insert(name.clone(), values.collect::<Option<Vec<_>>>()?.into());
                }
            }
        }
        Some(columns)
    }
}

/// `None` where the columns aren't the same. A label that differs counts as 1.
fn differences(expected: &Scores, found: &Scores, cells: &[f64], columns: usize) -> Option<Differences> {
    let names = |scores: &Scores| scores.keys().cloned().collect::<BTreeSet<_>>();
    if names(expected) != names(found) {
        return None;
    }
    let missing: Vec<bool> = cells.chunks_exact(columns).map(|row| row.iter().any(|cell| cell.is_nan())).collect();
    let mut largest = Differences::default();
    for (name, values) in expected {
        let (values, others) = (values.as_array()?, found.get(name)?.as_array()?);
        if values.len() != missing.len() || others.len() != missing.len() {
            return None;
        }
        for ((value, other), missing) in values.iter().zip(others).zip(&missing) {
            let side = if *missing { &mut largest.missing } else { &mut largest.complete };
            *side = side.max(difference(value, other));
        }
    }
    Some(largest)
}

fn difference(one: &Value, other: &Value) -> f64 {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs() / one.abs().max(1.0),
        _ => f64::from(u8::from(one != other)),
    }
}

/// The usual time of a run of one row.
fn one_run(model: &Model, row: &[f64]) -> Duration {
    let mut took: Vec<Duration> = (0..TIMED_RUNS)
        .map(|_| {
            let began = Instant::now();
            let _ = model.run(row);
            began.elapsed()
        })
        .collect();
    took.sort_unstable();
    took[TIMED_RUNS / 2]
}

/// Cells as they came for Python, column by column, as a model takes them.
fn row_by_row(cells: &[u8], columns: usize, rows: usize, kinds: &str) -> Vec<f64> {
    let mut table = vec![f64::NAN; rows * columns];
    for ((at, kind), column) in kinds.chars().enumerate().zip(cells.chunks_exact((rows * CELL_BYTES).max(1))) {
        for (row, cell) in column.as_chunks::<CELL_BYTES>().0.iter().enumerate() {
            table[row * columns + at] =
                if kind == 'f' { f64::from_le_bytes(*cell) } else { i64::from_le_bytes(*cell) as f64 };
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use suanzi_onnx::Scores as Probabilities;

    fn scores(value: Value) -> Scores {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn cells_are_turned_and_read_by_their_kinds() {
        let mut cells: Vec<u8> = [1.5_f64, f64::NAN].iter().flat_map(|n| n.to_le_bytes()).collect();
        cells.extend([3_i64, -4].iter().flat_map(|n| n.to_le_bytes()));
        let table = row_by_row(&cells, 2, 2, "fi");
        assert_eq!((table[0], table[1], table[3]), (1.5, 3.0, -4.0));
        assert!(table[2].is_nan());
    }

    #[test]
    fn outputs_are_read_as_scoring_names_them() {
        let answer = |width: usize| Answer {
            results: Results::Integers(vec![1, 0]),
            scores: Some(Probabilities { values: (0..2 * width).map(|n| n as f64 / 4.0).collect(), width }),
        };
        let reading = |value: Value| serde_json::from_value::<Reading>(value).expect("a reading");
        let binary = reading(json!({ "classes": [0, 1], "score": { "of": 1 } }));
        assert_eq!(
            binary.columns(answer(2)),
            Some(scores(json!({ "predict_result": [1, 0], "predict_score": [0.25, 0.75] })))
        );
        let more = reading(json!({ "classes": [0, 1, 2], "score": { "best": ["s_0", "s_1", "s_2"] } }));
        assert_eq!(
            more.columns(answer(3)),
            Some(scores(json!({
                "predict_result": [1, 0], "predict_score": [0.5, 1.25],
                "s_0": [0.0, 0.75], "s_1": [0.25, 1.0], "s_2": [0.5, 1.25],
            })))
        );
        let values = reading(json!({ "classes": null, "score": null }));
        assert_eq!(values.columns(answer(2)), Some(scores(json!({ "predict_result": [1, 0] }))));
        // Outputs of another form are none.
        assert_eq!(binary.columns(answer(3)), None);
        assert_eq!(binary.columns(Answer { results: Results::Integers(vec![1]), scores: None }), None);
    }

    #[test]
    fn rows_with_missing_values_are_judged_apart() {
        let cells = [1.0, f64::NAN, 3.0];
        let expected = scores(json!({ "predict_result": [1, 1, 0], "predict_score": [0.5, 0.5, 0.25] }));
        let found = scores(json!({ "predict_result": [1, 0, 0], "predict_score": [0.5, 0.5, 0.5] }));
        assert_eq!(differences(&expected, &found, &cells, 1), Some(Differences { complete: 0.25, missing: 1.0 }));
        let other = scores(json!({ "predict_result": [1, 0, 0] }));
        assert_eq!(differences(&expected, &other, &cells, 1), None);
    }
}
