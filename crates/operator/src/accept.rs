//! Whether a value is allowed for a parameter, and the one form in which it goes on.

use crate::canonical::{canonical, from_json};
use crate::manifest::ParamSpec;
use crate::nearest::nearest;
use crate::quote::{Quoted, Shown, listed};
use serde_json::Value as Json;
use suanzi_dag::{Fault, Value};

/// Beyond this a float isn't taken for a whole number: neighbours of it can't be told apart.
const MAX_WHOLE_FLOAT: f64 = 9_007_199_254_740_992.0;

/// The canonical form of a value: integers for `integer`, floats for `number`, strings for names, maps sorted. Nothing else is converted: `"1"` is no number.
///
/// Faults: `param_null`, `param_type`, `param_range`, `param_choice`, `param_items`; without a place.
pub fn accept(spec: &ParamSpec, value: &Value) -> Result<Json, Fault> {
    if spec.legacy {
        return match value {
            Value::List(_) | Value::Map(_) => Err(wrong_type(spec, "a single value", value)),
            _ => Ok(canonical(value)),
        };
    }
    if let Value::Null = value {
        // Null for a parameter whose default is null says no more than leaving it out.
        let allowed = spec.nullable || (!spec.required && spec.default.is_null());
        return if allowed || spec.choices.contains(&Json::Null) { Ok(Json::Null) } else { Err(null(spec)) };
    }
    let own = of_kind(&spec.kind, spec, value);
    if own.is_ok() || spec.kind == "choice" || (spec.kind == "list" && spec.items.as_deref() == Some("choice")) {
        return own;
    }
    own.or_else(|fault| match chosen(&spec.choices, value) {
        Some(choice) => Ok(choice),
        None if spec.choices.is_empty() => Err(fault),
        None => Err(fault.hint(format!("also allowed: {}", choices(spec)))),
    })
}

fn of_kind(kind: &str, spec: &ParamSpec, value: &Value) -> Result<Json, Fault> {
    match (kind, value) {
        ("integer", Value::Int(i)) => in_range(spec, *i as f64, value).map(|()| Json::from(*i)),
        ("integer", Value::Float(x)) if x.fract() == 0.0 && x.abs() <= MAX_WHOLE_FLOAT => {
            in_range(spec, *x, value).map(|()| Json::from(*x as i64))
        }
        ("integer", _) => Err(wrong_type(spec, "a whole number", value)),
        ("number", Value::Int(i)) => in_range(spec, *i as f64, value).map(|()| Json::from(*i as f64)),
        ("number", Value::Float(x)) if !x.is_finite() => Err(Fault::new(
            "param_range",
            format!("{} must be a finite number, not {}", Quoted(&spec.name), Shown(value)),
        )),
        ("number", Value::Float(x)) => in_range(spec, *x, value).map(|()| Json::from(*x)),
        ("number", _) => Err(wrong_type(spec, "a number", value)),
        ("boolean", Value::Bool(b)) => Ok(Json::from(*b)),
        ("boolean", _) => Err(wrong_type(spec, "true or false", value)),
        ("string" | "code", Value::Str(s)) => Ok(Json::from(s.as_str())),
        ("string", _) => Err(wrong_type(spec, "a string", value)),
        ("code", _) => Err(wrong_type(spec, "source code as a string", value)),
        // Unquoted, a column called 2018 reads as a number.
        ("column", Value::Int(i)) => Ok(Json::from(i.to_string())),
        ("column", Value::Str(s)) if !s.is_empty() => Ok(Json::from(s.as_str())),
        ("column", _) => Err(wrong_type(spec, "a column's name", value)),
        ("columns", Value::List(items)) => {
            enough_items(spec, items.len(), 1)?;
            items.iter().map(|item| of_kind("column", spec, item)).collect::<Result<Vec<_>, _>>().map(Json::Array)
        }
        ("columns", Value::Str(_) | Value::Int(_)) => {
            let column = of_kind("column", spec, value)?;
            enough_items(spec, 1, 1)?;
            Ok(Json::Array(vec![column]))
        }
        ("columns", _) => Err(wrong_type(spec, "a list of column names", value)),
        ("choice", _) => chosen(&spec.choices, value).ok_or_else(|| not_chosen(spec, value)),
        ("list", Value::List(items)) => {
            enough_items(spec, items.len(), 0)?;
            let kind = spec.items.as_deref().unwrap_or("any");
            items.iter().map(|item| of_kind(kind, spec, item)).collect::<Result<Vec<_>, _>>().map(Json::Array)
        }
        ("list", _) => Err(wrong_type(spec, "a list", value)),
        ("map", Value::Map(_)) => Ok(canonical(value)),
        ("map", _) => Err(wrong_type(spec, "a map", value)),
        ("any", _) => Ok(canonical(value)),
        // Data sets are registered under numbers or words; 40 and "40" are the same one.
        ("dataset", Value::Int(i)) => Ok(Json::from(i.to_string())),
        ("dataset", Value::Str(s)) if !s.is_empty() => Ok(Json::from(s.as_str())),
        ("dataset", _) => Err(wrong_type(spec, "a data set's id", value)),
        ("path", Value::Str(s)) if !s.is_empty() && !s.contains('\0') => Ok(Json::from(s.as_str())),
        ("path", _) => Err(wrong_type(spec, "a file's path", value)),
        // The catalogue lets no other kind in.
        _ => Err(wrong_type(spec, "of a kind this version knows", value)),
    }
}

fn in_range(spec: &ParamSpec, x: f64, value: &Value) -> Result<(), Fault> {
    let fits = spec.minimum.is_none_or(|m| x >= m)
        && spec.maximum.is_none_or(|m| x <= m)
        && spec.exclusive_minimum.is_none_or(|m| x > m)
        && spec.exclusive_maximum.is_none_or(|m| x < m);
    if fits {
        return Ok(());
    }
    Err(Fault::new("param_range", format!("{} must be {}, not {}", Quoted(&spec.name), range(spec), Shown(value))))
}

/// `at least 0 and below 1`.
pub(crate) fn range(spec: &ParamSpec) -> String {
    let bounds = [
        (spec.minimum, "at least"),
        (spec.exclusive_minimum, "above"),
        (spec.maximum, "at most"),
        (spec.exclusive_maximum, "below"),
    ];
    let words: Vec<String> = bounds.iter().filter_map(|(bound, word)| bound.map(|b| format!("{word} {b}"))).collect();
    words.join(" and ")
}

fn enough_items(spec: &ParamSpec, found: usize, least_by_kind: u32) -> Result<(), Fault> {
    let least = spec.min_items.unwrap_or(least_by_kind);
    if found >= least as usize {
        return Ok(());
    }
    Err(Fault::new("param_items", format!("{} needs at least {least} item(s), it has {found}", Quoted(&spec.name))))
}

/// The choice a value equals; 1 and 1.0 are equal, 1 and "1" are not.
fn chosen(choices: &[Json], value: &Value) -> Option<Json> {
    choices.iter().find(|choice| same(&from_json(choice), value)).map(|choice| canonical(&from_json(choice)))
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(i), Value::Float(x)) | (Value::Float(x), Value::Int(i)) => *x == *i as f64,
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Map(_), Value::Map(_)) => canonical(a) == canonical(b),
        _ => a == b,
    }
}

fn not_chosen(spec: &ParamSpec, value: &Value) -> Fault {
    let fault = Fault::new("param_choice", format!("{} can't be {}", Quoted(&spec.name), Shown(value)));
    let meant = match value {
        Value::Str(s) => nearest(s, spec.choices.iter().filter_map(Json::as_str)),
        _ => None,
    };
    match meant {
        Some(meant) => fault.hint(format!("did you mean {}? Allowed: {}", Quoted(meant), choices(spec))),
        None => fault.hint(format!("allowed: {}", choices(spec))),
    }
}

fn choices(spec: &ParamSpec) -> String {
    listed(&spec.choices)
}

fn null(spec: &ParamSpec) -> Fault {
    let fault = Fault::new("param_null", format!("{} can't be null", Quoted(&spec.name)));
    if spec.required {
        return fault;
    }
    fault.hint(format!("leave it out to get {}", Shown(&from_json(&spec.default))))
}

fn wrong_type(spec: &ParamSpec, expected: &str, value: &Value) -> Fault {
    let fault = Fault::new("param_type", format!("{} must be {expected}, not {}", Quoted(&spec.name), Shown(value)));
    match (spec.kind.as_str(), value) {
        ("integer" | "number", Value::Str(s)) if s.trim().parse::<f64>().is_ok() => {
            fault.hint("write the number without quotes")
        }
        ("boolean", Value::Str(s))
            if ["yes", "no", "on", "off", "true", "false"].contains(&s.to_lowercase().as_str()) =>
        {
            fault.hint("write true or false, without quotes")
        }
        ("boolean", Value::Int(0 | 1)) => fault.hint("write true or false"),
        ("string" | "column" | "columns", Value::Int(_) | Value::Float(_) | Value::Bool(_)) => {
            fault.hint("put it in quotes if it is meant as text")
        }
        _ => fault,
    }
}
