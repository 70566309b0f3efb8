//! One JSON form for equal values: maps by key, numbers as their kind has them.

use serde_json::{Map, Number, Value as Json};
use std::collections::BTreeMap;
use suanzi_dag::Value;

/// The value as JSON, maps sorted by key at every depth: the operator sees the order that the cache key sees. Infinite numbers and NaN become the strings `.inf`, `-.inf`, `.nan`.
pub fn canonical(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(i) => Json::from(*i),
        Value::Float(x) => match Number::from_f64(*x) {
            Some(number) => Json::Number(number),
            None if x.is_nan() => Json::from(".nan"),
            None => Json::from(if *x > 0.0 { ".inf" } else { "-.inf" }),
        },
        Value::Str(s) => Json::from(s.as_str()),
        Value::List(items) => Json::Array(items.iter().map(canonical).collect()),
        Value::Map(entries) => sorted(entries.iter().map(|(key, value)| (key.clone(), canonical(value)))),
    }
}

/// JSON as a parameter value. Whole numbers beyond 64 bits become floats.
pub fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => match n.as_i64() {
            Some(i) => Value::Int(i),
            None => Value::Float(n.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(s) => Value::Str(s.clone()),
        Json::Array(items) => Value::List(items.iter().map(from_json).collect()),
        Json::Object(entries) => Value::Map(entries.iter().map(|(k, v)| (k.clone(), from_json(v))).collect()),
    }
}

fn sorted(entries: impl Iterator<Item = (String, Json)>) -> Json {
    let entries: BTreeMap<String, Json> = entries.collect();
    Json::Object(entries.into_iter().collect::<Map<_, _>>())
}
