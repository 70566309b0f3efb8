//! Bodies in MLflow's forms: `dataframe_split`, `dataframe_records`, `instances`, `inputs`.

use super::input::{Faults, Rows, refused, rows};
use super::worker::{About, Scores};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use suanzi_api::{Code, Problem};

const FORMS: &str = "one of dataframe_split, dataframe_records, instances, inputs";

/// Rows of a body in one of the forms.
pub(super) fn read(body: &[u8], about: &About) -> Result<Rows, Problem> {
    let (form, content) = form(body)?;
    match (form.as_str(), content) {
        ("dataframe_split", Value::Object(split)) => of_split(&split, about),
        ("dataframe_records", Value::Array(records)) => of_records(&records, about),
        ("instances" | "inputs", Value::Array(list)) if list.first().is_some_and(Value::is_object) => {
            of_records(&list, about)
        }
        ("instances" | "inputs", Value::Array(list)) => of_lists(&list, about),
        ("inputs", Value::Object(columns)) => of_columns(&columns, about),
        ("dataframe_split", _) => Err(refused("dataframe_split is an object with columns and data", "")),
        ("inputs", _) => Err(refused("inputs is a list of rows or an object of columns", "")),
        _ => Err(refused(format!("{form} is a list of rows"), "")),
    }
}

/// The columns that scoring made, row by row.
pub(super) fn predictions(scores: &Scores, count: usize) -> Value {
    let rows = (0..count).map(|row| {
        let one = scores.iter().map(|(name, values)| (name.clone(), values.get(row).cloned().unwrap_or_default()));
        Value::Object(one.collect())
    });
    json!({ "predictions": rows.collect::<Vec<_>>() })
}

/// The only key of a body. MLflow's `params` may stand beside it and mean nothing here.
fn form(body: &[u8]) -> Result<(String, Value), Problem> {
    let bad =
        |detail: String| Problem::new(Code::BadRequest, detail).hint(Some(format!("send an object with {FORMS}")));
    let parsed: Map<String, Value> =
        serde_json::from_slice(body).map_err(|e| bad(format!("the body isn't a JSON object: {e}")))?;
    let mut forms = parsed.into_iter().filter(|(key, _)| key != "params");
    match (forms.next(), forms.next()) {
        (Some((key, content)), None)
            if matches!(key.as_str(), "dataframe_split" | "dataframe_records" | "instances" | "inputs") =>
        {
            Ok((key, content))
        }
        (Some((key, _)), None) => Err(bad(format!("'{key}' is no form of input"))),
        (None, _) => Err(bad("the body has no input".into())),
        _ => Err(bad("the body has several inputs".into())),
    }
}

fn of_split(split: &Map<String, Value>, about: &About) -> Result<Rows, Problem> {
    let names = split.get("columns").and_then(Value::as_array);
    let data = split.get("data").and_then(Value::as_array);
    let (Some(names), Some(data)) = (names, data) else {
        return Err(refused("dataframe_split has columns and data, both lists", ""));
    };
    let known: HashMap<&str, usize> =
        names.iter().enumerate().filter_map(|(at, name)| Some((name.as_str()?, at))).collect();
    let places = places(about, |name| known.get(name).copied())?;
    widths(data, names.len())?;
    rows(about, data.len(), |row, column| data[row].get(places[column]))
}

fn of_records(records: &[Value], about: &About) -> Result<Rows, Problem> {
    let mut faults = Faults::default();
    for (row, _) in records.iter().enumerate().filter(|(_, record)| !record.is_object()) {
        faults.add(Some(row), None, "an object", "it isn't an object of columns");
    }
    faults.none()?;
    rows(about, records.len(), |row, column| records[row].get(about.columns[column].name.as_str()))
}

/// Rows as lists in the order of the model's columns; for a model of one column, bare values.
fn of_lists(list: &[Value], about: &About) -> Result<Rows, Problem> {
    if about.columns.len() == 1 && list.iter().all(|value| !value.is_array()) {
        return rows(about, list.len(), |row, _| list.get(row));
    }
    widths(list, about.columns.len())?;
    rows(about, list.len(), |row, column| list[row].get(column))
}

fn of_columns(columns: &Map<String, Value>, about: &About) -> Result<Rows, Problem> {
    let mut faults = Faults::default();
    let mut lists: Vec<&[Value]> = Vec::with_capacity(about.columns.len());
    for column in &about.columns {
        match columns.get(&column.name) {
            Some(Value::Array(values)) => lists.push(values),
            Some(value) => lists.push(std::slice::from_ref(value)),
            None => faults.add(None, Some(&column.name), "a list of values", "it is missing"),
        }
    }
    faults.none()?;
    let count = lists.first().map_or(0, |list| list.len());
    let mut faults = Faults::default();
    for (column, list) in about.columns.iter().zip(&lists).filter(|(_, list)| list.len() != count) {
        let found = format!("it has {} values", list.len());
        faults.add(None, Some(&column.name), format!("{count}, as the first column has"), &found);
    }
    faults.none()?;
    rows(about, count, |row, column| lists[column].get(row))
}

/// Where each of the model's columns stands.
fn places(about: &About, find: impl Fn(&str) -> Option<usize>) -> Result<Vec<usize>, Problem> {
    let mut faults = Faults::default();
    let mut places = Vec::with_capacity(about.columns.len());
    for column in &about.columns {
        match find(&column.name) {
            Some(at) => places.push(at),
            None => faults.add(None, Some(&column.name), "a column of this name", "it is missing"),
        }
    }
    faults.none()?;
    Ok(places)
}

fn widths(rows: &[Value], width: usize) -> Result<(), Problem> {
    let mut faults = Faults::default();
    for (row, values) in rows.iter().enumerate() {
        match values.as_array() {
            Some(values) if values.len() == width => {}
            Some(values) => {
                faults.add(Some(row), None, format!("{width} values"), &format!("it has {} values", values.len()));
            }
            None => faults.add(Some(row), None, format!("a list of {width} values"), "it isn't a list"),
        }
    }
    faults.none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use suanzi_api::ServiceColumn;

    fn about() -> About {
        let column = |name: &str| ServiceColumn { name: name.into(), r#type: Some("int64".into()) };
        About { columns: vec![column("a"), column("b")], ..About::default() }
    }

    fn of(body: Value) -> Result<Rows, Problem> {
        read(body.to_string().as_bytes(), &about())
    }

    #[test]
    fn every_form_of_the_same_rows_is_the_same() {
        let cells: Vec<u8> = [1_i64, 3, 2, 4].iter().flat_map(|n| n.to_le_bytes()).collect();
        let expected = Rows { count: 2, kinds: "ii".into(), texts: vec![], cells };
        for body in [
            json!({"dataframe_split": {"columns": ["b", "a", "more"], "data": [[2, 1, "x"], [4, 3, null]]}}),
            json!({"dataframe_split": {"index": [0, 1], "columns": ["a", "b"], "data": [[1, 2], [3, 4]]}, "params": {}}),
            json!({"dataframe_records": [{"a": 1, "b": 2}, {"b": 4, "a": 3, "more": 1}]}),
            json!({"instances": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}),
            json!({"instances": [[1, 2], [3, 4]]}),
            json!({"inputs": [[1, 2], [3, 4]]}),
            json!({"inputs": {"a": [1, 3], "b": [2, 4]}}),
        ] {
            assert_eq!(of(body.clone()).unwrap_or_else(|p| panic!("{body}: {p:?}")), expected, "{body}");
        }
    }

    #[test]
    fn what_is_no_form_is_refused_with_its_place() {
        for (body, status, said) in [
            (json!([1]), 400, "isn't a JSON object"),
            (json!({}), 400, "has no input"),
            (json!({"rows": []}), 400, "'rows' is no form"),
            (json!({"inputs": [], "instances": []}), 400, "several inputs"),
            (json!({"inputs": 1}), 422, "inputs is a list"),
            (json!({"instances": []}), 422, "no rows"),
            (json!({"instances": [[1, 2], [3]]}), 422, "row 1: it has 1 values; expected 2 values"),
            (json!({"instances": [[1, 2], 3]}), 422, "row 1: it isn't a list"),
            (json!({"dataframe_records": [{"a": 1, "b": 2}, 3]}), 422, "row 1: it isn't an object"),
            (json!({"dataframe_records": [{"a": 1}]}), 422, "row 0, column 'b': it is missing"),
            (json!({"dataframe_split": {"columns": ["a"], "data": [[1]]}}), 422, "column 'b': it is missing"),
            (json!({"dataframe_split": [1]}), 422, "columns and data"),
            (json!({"inputs": {"a": [1, 2], "b": [1]}}), 422, "column 'b': it has 1 values; expected 2"),
        ] {
            let problem = of(body.clone()).expect_err("refused");
            assert_eq!(problem.status, status, "{body}: {}", problem.detail);
            assert!(problem.detail.contains(said), "{body}: {}", problem.detail);
        }
    }

    #[test]
    fn predictions_are_rows() {
        let scores = json!({"predict_result": [1, 0], "predict_score": [0.9, 0.2]});
        let scores = scores.as_object().expect("an object");
        assert_eq!(
            predictions(scores, 2),
            json!({"predictions": [
                {"predict_result": 1, "predict_score": 0.9}, {"predict_result": 0, "predict_score": 0.2}
            ]})
        );
    }
}
