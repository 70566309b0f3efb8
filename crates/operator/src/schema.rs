//! A kind's parameters as JSON Schema, and values that must be accepted or refused: all derived from the declaration.

use crate::accept::range;
use crate::catalogue::Kind;
use crate::manifest::ParamSpec;
use serde_json::{Map, Value as Json, json};

/// JSON Schema (Draft 2020-12) of a kind's parameters in their canonical form, English in `title` and `description`, Chinese in `x-title-zh` and `x-description-zh`. `x-kind` is the parameter's kind.
///
/// [`crate::bind`] also takes a single name for a list of columns, whole numbers as names, and 1.0 for 1.
pub fn json_schema(kind: &Kind) -> Json {
    let spec = &kind.spec;
    let mut properties = Map::new();
    for param in &spec.params {
        properties.insert(param.name.clone(), param_schema(param));
    }
    let required: Vec<&str> = spec.params.iter().filter(|p| p.required && !p.legacy).map(|p| p.name.as_str()).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": spec.name_en,
        "x-title-zh": spec.name_zh,
        "description": spec.doc_en,
        "x-description-zh": spec.doc_zh,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": spec.unknown_params == "ignore",
    })
}

fn param_schema(param: &ParamSpec) -> Json {
    let mut schema = Map::new();
    let texts = [
        ("title", &param.label_en),
        ("x-title-zh", &param.label_zh),
        ("description", &param.help_en),
        ("x-description-zh", &param.help_zh),
    ];
    for (key, text) in texts {
        if !text.is_empty() {
            schema.insert(key.into(), json!(text));
        }
    }
    schema.insert("x-kind".into(), json!(param.kind));
    if param.advanced {
        schema.insert("x-advanced".into(), json!(true));
    }
    if param.legacy {
        schema.insert("deprecated".into(), json!(true));
        schema.insert("type".into(), json!(["null", "boolean", "number", "string"]));
        return Json::Object(schema);
    }
    if !param.required && (!param.default.is_null() || param.nullable) {
        schema.insert("default".into(), param.default.clone());
    }
    let mut own = kind_schema(&param.kind, param);
    let mut others: Vec<Json> = Vec::new();
    let choices_are_items = param.kind == "choice" || param.items.as_deref() == Some("choice");
    if !choices_are_items && !param.choices.is_empty() {
        others.push(json!({ "enum": param.choices }));
    }
    if takes_null(param) && param.kind != "any" {
        others.push(json!({ "type": "null" }));
    }
    if others.is_empty() {
        schema.append(&mut own);
    } else {
        others.insert(0, Json::Object(own));
        schema.insert("anyOf".into(), Json::Array(others));
    }
    Json::Object(schema)
}

fn kind_schema(kind: &str, param: &ParamSpec) -> Map<String, Json> {
    let schema = match kind {
        "integer" => ranged("integer", param),
        "number" => ranged("number", param),
        "boolean" => json!({ "type": "boolean" }),
        "string" => json!({ "type": "string" }),
        "code" => json!({ "type": "string", "contentMediaType": "text/x-python" }),
        "column" | "dataset" | "path" => json!({ "type": "string", "minLength": 1 }),
        "columns" => json!({
            "type": "array",
            "items": kind_schema("column", param),
            "minItems": param.min_items.unwrap_or(1),
        }),
        "choice" => json!({ "enum": param.choices }),
        "list" => json!({
            "type": "array",
            "items": kind_schema(param.items.as_deref().unwrap_or("any"), param),
            "minItems": param.min_items.unwrap_or(0),
        }),
        "map" => json!({ "type": "object" }),
        // All there is, except null where that isn't allowed.
        _ if param.kind == "any" && !takes_null(param) => json!({ "not": { "type": "null" } }),
        _ => json!({}),
    };
    schema.as_object().cloned().unwrap_or_default()
}

/// Null for a parameter whose default is null says no more than leaving it out.
fn takes_null(param: &ParamSpec) -> bool {
    param.nullable || (!param.required && param.default.is_null())
}

fn ranged(word: &str, param: &ParamSpec) -> Json {
    let mut schema = Map::from_iter([("type".to_owned(), json!(word))]);
    let bounds = [
        ("minimum", param.minimum),
        ("maximum", param.maximum),
        ("exclusiveMinimum", param.exclusive_minimum),
        ("exclusiveMaximum", param.exclusive_maximum),
    ];
    for (key, bound) in bounds {
        if let Some(bound) = bound {
            schema.insert(key.into(), json!(bound));
        }
    }
    Json::Object(schema)
}

/// Values that binding must refuse, each with the reason: negative tests derived from the declaration.
pub fn bad_values(param: &ParamSpec) -> Vec<(Json, String)> {
    let mut bad: Vec<(Json, String)> = Vec::new();
    let mut refuse = |value: Json, why: &str| bad.push((value, why.to_owned()));
    if param.legacy {
        refuse(json!([]), "a list for a single value");
        refuse(json!({}), "a map for a single value");
        return bad;
    }
    if !takes_null(param) {
        refuse(Json::Null, "null where there must be a value");
    }
    for (value, what) in other_kinds(&param.kind) {
        refuse(value, what);
    }
    match param.kind.as_str() {
        "integer" | "number" => outside(param)
            .into_iter()
            .for_each(|x| refuse(number(&param.kind, x), &format!("must be {}", range(param)))),
        "columns" if param.min_items != Some(0) => refuse(json!([]), "no column at all"),
        "list" if param.min_items.is_some_and(|least| least > 0) => refuse(json!([]), "too few items"),
        "choice" => refuse(json!("no choice is called so"), "not among the choices"),
        _ => {}
    }
    if let ("list", Some(items)) = (param.kind.as_str(), &param.items) {
        let least = param.min_items.unwrap_or(1).max(1) as usize;
        for (value, what) in other_kinds(items) {
            refuse(Json::Array(vec![value; least]), what);
        }
    }
    bad.retain(|(value, _)| !param.choices.contains(value));
    bad
}

/// Values of other kinds than this one.
fn other_kinds(kind: &str) -> Vec<(Json, &'static str)> {
    let text = || (json!("some text"), "text");
    let quoted = || (json!("1"), "a number in quotes");
    let fraction = || (json!(1.5), "a number with a fraction");
    let whole = || (json!(1), "a number");
    let boolean = || (json!(true), "a boolean");
    let list = || (json!([true]), "a list");
    let map = || (json!({ "a": 1 }), "a map");
    let empty = || (json!(""), "empty text");
    match kind {
        "integer" => vec![text(), quoted(), fraction(), boolean(), list(), map()],
        "number" => vec![text(), quoted(), boolean(), list(), map()],
        "boolean" => vec![text(), whole(), (json!("yes"), "a word"), list(), map()],
        "string" | "code" => vec![whole(), fraction(), boolean(), list(), map()],
        "column" | "dataset" => vec![empty(), fraction(), boolean(), list(), map()],
        "columns" => vec![
            empty(),
            fraction(),
            boolean(),
            list(),
            map(),
            (json!([""]), "an empty name"),
            (json!([1.5]), "a number for a name"),
        ],
        "path" => vec![empty(), whole(), boolean(), list(), map(), (json!("a\u{0}b"), "a NUL")],
        "choice" => vec![list(), map()],
        "list" => vec![text(), whole(), boolean(), map()],
        "map" => vec![text(), whole(), boolean(), list()],
        _ => vec![],
    }
}

/// Numbers just outside the bounds.
fn outside(param: &ParamSpec) -> Vec<f64> {
    let whole = param.kind == "integer";
    let below = param.minimum.map(|m| if whole { m.ceil() - 1.0 } else { m - step(m) });
    let above = param.maximum.map(|m| if whole { m.floor() + 1.0 } else { m + step(m) });
    let at_least = param.exclusive_minimum.map(|m| if whole { m.floor() } else { m });
    let at_most = param.exclusive_maximum.map(|m| if whole { m.ceil() } else { m });
    [below, above, at_least, at_most].into_iter().flatten().collect()
}

/// Small against the bound, large enough to change it.
fn step(bound: f64) -> f64 {
    (bound.abs() * 1e-6).max(1e-9)
}

fn number(kind: &str, x: f64) -> Json {
    if kind == "integer" { json!(x as i64) } else { json!(x) }
}

/// Values that binding must accept: the default, the bounds themselves, the choices, one of each form.
pub fn good_values(param: &ParamSpec) -> Vec<Json> {
    let mut good = Vec::new();
    if param.legacy {
        return vec![Json::Null, json!(true), json!(1), json!(1.5), json!("text")];
    }
    if param.nullable {
        good.push(Json::Null);
    }
    if !param.required {
        good.push(param.default.clone());
    }
    good.extend(param.choices.iter().filter(|_| param.items.as_deref() != Some("choice")).cloned());
    let least = |by_kind: u32| param.min_items.unwrap_or(by_kind) as usize;
    match param.kind.as_str() {
        "integer" | "number" => good.extend(inside(param).into_iter().map(|x| number(&param.kind, x))),
        "boolean" => good.extend([json!(true), json!(false)]),
        "string" | "code" => good.extend([json!(""), json!("text"), json!("列")]),
        "column" | "dataset" => good.extend([json!("a column"), json!("列"), json!(2018)]),
        "columns" => {
            good.push(json!(vec!["a"; least(1)]));
            good.push(json!(vec!["a"; least(1) + 1]));
            if least(1) <= 1 {
                good.push(json!("a"));
            }
        }
        "path" => good.push(json!("data/a file.csv")),
        "list" => match param.items.as_deref() {
            None | Some("any") => good.push(json!(vec![1; least(0)])),
            Some("choice") => good.extend(param.choices.first().map(|choice| json!(vec![choice; least(0)]))),
            Some(_) => {}
        },
        "map" => good.extend([json!({}), json!({ "b": [1, null], "a": { "c": 1.5 } })]),
        "any" => good.extend([json!(1), json!("text"), json!([1, "a"]), json!({ "a": null })]),
        _ => {}
    }
    good
}

/// The bounds where they are allowed, the numbers next to them where not.
fn inside(param: &ParamSpec) -> Vec<f64> {
    let whole = param.kind == "integer";
    let low = match (param.minimum, param.exclusive_minimum) {
        (Some(m), None) => Some(if whole { m.ceil() } else { m }),
        (None, Some(m)) => Some(if whole { m.floor() + 1.0 } else { m + step(m) }),
        (Some(m), Some(x)) => Some(if whole { m.ceil().max(x.floor() + 1.0) } else { m.max(x + step(x)) }),
        (None, None) => None,
    };
    let high = match (param.maximum, param.exclusive_maximum) {
        (Some(m), None) => Some(if whole { m.floor() } else { m }),
        (None, Some(m)) => Some(if whole { m.ceil() - 1.0 } else { m - step(m) }),
        (Some(m), Some(x)) => Some(if whole { m.floor().min(x.ceil() - 1.0) } else { m.min(x - step(x)) }),
        (None, None) => None,
    };
    match (low, high) {
        (None, None) => vec![-1.0, 0.0, 1.0, 1e6],
        (Some(low), None) => vec![low, low + 1.0, low + 1e6],
        (None, Some(high)) => vec![high, high - 1.0, high - 1e6],
        (Some(low), Some(high)) => {
            if low <= high {
                vec![low, high]
            } else {
                vec![]
            }
        }
    }
}
