//! Rows for a model: checked against its columns, and written as its process takes them.

use super::worker::About;
use serde_json::Value;
use suanzi_api::{Code, Fault, MAX_INVOCATION_ROWS, Problem};

/// Most faults that one answer lists.
const MAX_FAULTS: usize = 20;
/// Most characters of a wrong value that are shown.
const SHOWN_CHARACTERS: usize = 40;

/// Rows of a request, column by column.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rows {
    pub count: usize,
    /// A letter for each column: `f`, `i`, `b` lie in `cells`, 8 bytes each; `s` and `o` in `texts`.
    pub kinds: String,
    pub texts: Vec<Vec<Value>>,
    pub cells: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Takes {
    Float,
    Integer,
    Boolean,
    Text,
    Anything,
}

impl Takes {
    fn of(kind: Option<&str>) -> Takes {
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        match kind.as_str() {
            k if k.starts_with("int") || k.starts_with("uint") => Takes::Integer,
            k if k.starts_with("float") || k.starts_with("double") => Takes::Float,
            k if k.starts_with("bool") => Takes::Boolean,
            "str" | "string" | "large_string" => Takes::Text,
            _ => Takes::Anything,
        }
    }

    /// What is taken, in words.
    fn said(self, missing: bool) -> String {
        let kind = match self {
            Takes::Float | Takes::Integer => "a number",
            Takes::Boolean => "true or false",
            Takes::Text => "text",
            Takes::Anything => "text, a number, true or false",
        };
        if missing { format!("{kind}, or null") } else { kind.to_string() }
    }

    fn accepts(self, value: &Value) -> bool {
        match value {
            // A column that is trained on integers has no decimals, but the model computes with them.
            Value::Number(_) => matches!(self, Takes::Float | Takes::Integer | Takes::Anything),
            Value::Bool(_) => matches!(self, Takes::Boolean | Takes::Anything),
            Value::String(_) => matches!(self, Takes::Text | Takes::Anything),
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        }
    }
}

/// Collects what is wrong.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, row: Option<usize>, column: Option<&str>, expected: impl Into<String>, found: &str) {
        if self.0.len() >= MAX_FAULTS {
            return;
        }
        let expected = expected.into();
        let place = match (row, column) {
            (Some(row), Some(column)) => format!("row {row}, column '{column}': "),
            (Some(row), None) => format!("row {row}: "),
            (None, Some(column)) => format!("column '{column}': "),
            (None, None) => String::new(),
        };
        self.0.push(Fault {
            code: "invalid_input".into(),
            message: format!("{place}{found}; expected {expected}"),
            row: row.and_then(|row| u32::try_from(row).ok()),
            field: column.map(str::to_string),
            expected: Some(expected),
            ..Fault::default()
        });
    }

    pub fn is_full(&self) -> bool {
        self.0.len() >= MAX_FAULTS
    }

    pub fn none(self) -> Result<(), Problem> {
        let Some(first) = self.0.first() else { return Ok(()) };
        let mut problem = Problem::new(Code::InvalidInput, first.message.clone());
        problem.faults = self.0;
        Err(problem)
    }
}

/// A whole request that isn't of the form.
pub(super) fn refused(detail: impl Into<String>, hint: &str) -> Problem {
    Problem::new(Code::InvalidInput, detail).hint(Some(hint).filter(|hint| !hint.is_empty()))
}

/// Every value checked; `cell(row, column)` gives it where there is one.
pub(super) fn rows<'a>(
    about: &About,
    count: usize,
    cell: impl Fn(usize, usize) -> Option<&'a Value>,
) -> Result<Rows, Problem> {
    if count == 0 {
        return Err(refused("the request has no rows", ""));
    }
    if count > MAX_INVOCATION_ROWS {
        return Err(refused(
            format!("the request has {count} rows; at most {MAX_INVOCATION_ROWS} are taken"),
            "send them in several requests, or use the operator batch_predict",
        ));
    }
    let mut rows = Rows { count, ..Rows::default() };
    let mut faults = Faults::default();
    let mut column: Vec<&Value> = Vec::with_capacity(count);
    for (at, about_column) in about.columns.iter().enumerate() {
        let takes = Takes::of(about_column.r#type.as_deref());
        column.clear();
        for row in 0..count {
            let value = cell(row, at).unwrap_or(&Value::Null);
            if !(takes.accepts(value) || value.is_null() && about.takes_missing && cell(row, at).is_some()) {
                let found = match cell(row, at) {
                    None => "it is missing".to_string(),
                    Some(value) => format!("it is {}", shown(value)),
                };
                faults.add(Some(row), Some(&about_column.name), takes.said(about.takes_missing), &found);
                if faults.is_full() {
                    break;
                }
            }
            column.push(value);
        }
        if faults.is_full() {
            break;
        }
        rows.add(takes, &column);
    }
    faults.none()?;
    Ok(rows)
}

impl Rows {
    /// Whether a number is missing.
    pub fn has_missing(&self) -> bool {
        let columns = self.kinds.chars().filter(|kind| !matches!(kind, 's' | 'o'));
        let cells = self.cells.chunks_exact((self.count * 8).max(1));
        columns.zip(cells).any(|(kind, column)| {
            kind == 'f' && column.as_chunks::<8>().0.iter().any(|cell| f64::from_le_bytes(*cell).is_nan())
        })
    }

    /// A column of values that were checked.
    fn add(&mut self, takes: Takes, values: &[&Value]) {
        let all = |is: fn(&Value) -> bool| values.iter().all(|value| is(value));
        let whole = all(|v| v.as_i64().is_some());
        let numbers = all(|v| v.is_number() || v.is_null());
        let kind = match takes {
            Takes::Float => 'f',
            Takes::Integer if whole => 'i',
            Takes::Integer => 'f',
            Takes::Boolean if all(Value::is_boolean) => 'b',
            Takes::Boolean => 'o',
            Takes::Text => 's',
            Takes::Anything if whole => 'i',
            Takes::Anything if numbers => 'f',
            Takes::Anything if all(Value::is_boolean) => 'b',
            Takes::Anything if all(|v| v.is_string() || v.is_null()) => 's',
            Takes::Anything => 'o',
        };
        self.kinds.push(kind);
        match kind {
            'f' => values.iter().for_each(|v| self.cells.extend(v.as_f64().unwrap_or(f64::NAN).to_le_bytes())),
            'i' => values.iter().for_each(|v| self.cells.extend(v.as_i64().unwrap_or_default().to_le_bytes())),
            'b' => values.iter().for_each(|v| self.cells.extend(i64::from(v.as_bool() == Some(true)).to_le_bytes())),
            _ => self.texts.push(values.iter().map(|v| (*v).clone()).collect()),
        }
    }
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => "null".to_string(),
        Value::Array(_) => "a list".to_string(),
        Value::Object(_) => "an object".to_string(),
        value => value.to_string(),
    };
    if text.chars().count() <= SHOWN_CHARACTERS {
        return text;
    }
    text.chars().take(SHOWN_CHARACTERS).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use suanzi_api::ServiceColumn;

    fn about(types: &[Option<&str>], takes_missing: bool) -> About {
        let columns = types
            .iter()
            .zip('a'..)
            .map(|(kind, name)| ServiceColumn { name: name.to_string(), r#type: kind.map(str::to_string) });
        About { columns: columns.collect(), takes_missing, ..About::default() }
    }

    fn of(about: &About, table: &[Vec<Value>]) -> Result<Rows, Problem> {
        rows(about, table.len(), |row, column| table[row].get(column))
    }

    #[test]
    fn kinds_follow_the_models_columns_and_else_the_values() {
        for (kind, values, expected) in [
            (Some("float64"), vec![json!(1), json!(2.5)], "f"),
            (Some("int64"), vec![json!(1), json!(2)], "i"),
            (Some("int64"), vec![json!(1), json!(2.5)], "f"),
            (Some("int64"), vec![json!(1), json!(null)], "f"),
            (Some("int64"), vec![json!(u64::MAX)], "f"),
            (Some("bool"), vec![json!(true)], "b"),
            (Some("bool"), vec![json!(true), json!(null)], "o"),
            (Some("str"), vec![json!(null)], "s"),
            (None, vec![json!(1), json!(2)], "i"),
            (None, vec![json!(1), json!(null)], "f"),
            (None, vec![json!("x"), json!(null)], "s"),
            (None, vec![json!("x"), json!(1)], "o"),
        ] {
            let table: Vec<_> = values.into_iter().map(|value| vec![value]).collect();
            let rows = of(&about(&[kind], true), &table).expect("good values");
            assert_eq!(rows.kinds, expected, "{kind:?} {table:?}");
            assert_eq!(rows.cells.len() + rows.texts.len() * 8 * rows.count, 8 * rows.count);
        }
    }

    #[test]
    fn each_fault_names_row_column_and_what_was_expected() {
        let about = about(&[Some("int64"), Some("str"), Some("bool")], false);
        let problem = of(&about, &[vec![json!(1), json!("x"), json!(true)], vec![json!("1"), json!(2), json!(null)]])
            .expect_err("three are wrong");
        let said: Vec<_> = problem.faults.iter().map(|f| (f.row, f.field.as_deref(), f.expected.as_deref())).collect();
        assert_eq!(
            said,
            [
                (Some(1), Some("a"), Some("a number")),
                (Some(1), Some("b"), Some("text")),
                (Some(1), Some("c"), Some("true or false"))
            ]
        );
        assert_eq!(problem.faults[0].message, "row 1, column 'a': it is \"1\"; expected a number");
        let missing = of(&about, &[vec![json!(1)]]).expect_err("two are missing");
        assert_eq!(missing.faults[0].message, "row 0, column 'b': it is missing; expected text");
    }

    #[test]
    fn faults_and_rows_are_bounded() {
        let about = about(&[Some("int64")], true);
        let many = vec![vec![json!([1])]; 1_000];
        assert_eq!(of(&about, &many).expect_err("all are wrong").faults.len(), MAX_FAULTS);
        for count in [0, MAX_INVOCATION_ROWS + 1] {
            let refused = of(&about, &vec![vec![json!(1)]; count]).expect_err("too few or many");
            assert_eq!(refused.code, Code::InvalidInput);
        }
    }
}
