//! Schemas, and the good and bad values that follow from declarations.

use crate::builders::{catalogue, origin};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use suanzi_dag::{Dag, Value};
use suanzi_operator::manifest::ParamSpec;
use suanzi_operator::schema::{bad_values, good_values, json_schema};
use suanzi_operator::{BindOptions, Catalogue, bind, from_json, read_manifest};

/// A catalogue with one kind that has this one parameter.
fn kind_with(param: &ParamSpec) -> Result<Catalogue, String> {
    let manifest = json!({"manifest_version": 1, "source_hash": "", "operators": [{
        "algo_name": "k", "name_en": "", "name_zh": "", "category": "other", "module": "m", "function": "f",
        "inputs": [], "outputs": [], "params": [param]
    }]});
    let mut catalogue = Catalogue::new();
    let manifest = read_manifest(manifest.to_string().as_bytes()).map_err(|e| e.to_string())?;
    catalogue.add(manifest, origin("p")).map_err(|e| e.to_string())?;
    Ok(catalogue)
}

fn with_value(param: &str, value: &Json) -> Dag {
    crate::builders::one("k", &[(param, from_json(value))])
}

/// Binding refuses each bad value and accepts each good one.
pub fn check(param: &ParamSpec) {
    let catalogue = kind_with(param).expect("a sensible declaration");
    let try_value = |value: &Json| bind(&with_value(&param.name, value), &(), &catalogue, &BindOptions::default());
    for (value, why) in bad_values(param) {
        assert!(!why.is_empty());
        let faults = try_value(&value).expect_err(&format!("{param:?} must refuse {value}: {why}"));
        assert!(faults.0.iter().all(|f| f.code.starts_with("param_")), "{faults}");
    }
    let good = good_values(param);
    assert!(!good.is_empty(), "{param:?}");
    for value in good {
        let bound = try_value(&value).unwrap_or_else(|faults| panic!("{param:?} must accept {value}: {faults}"));
        // Binding what was bound changes nothing.
        let again = try_value(&bound.ops[0].params[&param.name]).expect("canonical values are accepted");
        assert_eq!(again.ops[0].params, bound.ops[0].params);
    }
}

#[test]
fn every_parameter_of_the_fixtures() {
    let mut bad = 0;
    for kind in catalogue().iter() {
        for param in &kind.spec.params {
            check(param);
            bad += bad_values(param).len();
        }
    }
    assert!(bad > 200, "{bad}");
}

fn specs() -> impl Strategy<Value = ParamSpec> {
    let kind = prop::sample::select(vec![
        "integer", "number", "boolean", "string", "column", "columns", "choice", "list", "map", "any", "code",
        "dataset", "path",
    ]);
    let bound = || prop::option::of(-50i32..50);
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), 0usize..3, prop::option::of(0u32..3));
    (kind, switches, bound(), 1i32..60, any::<bool>()).prop_map(|(kind, switches, low, width, open)| {
        let (required, nullable, upper, choices, min_items) = switches;
        let numeric = kind == "integer" || kind == "number";
        let low = low.filter(|_| numeric).map(f64::from);
        let high = low.map(|l| l + f64::from(width) + 1.0).filter(|_| upper);
        let choices = if kind == "choice" {
            choices + 1
        } else if numeric {
            choices
        } else {
            0
        };
        let names = ["auto", "sqrt", "log2"];
        let spec = json!({
            "name": "p", "kind": kind, "required": required, "nullable": nullable,
            "choices": names[..choices],
        });
        let mut spec: ParamSpec = serde_json::from_value(spec).expect("a declaration");
        if open {
            spec.exclusive_minimum = low
        } else {
            spec.minimum = low
        }
        if open {
            spec.maximum = high
        } else {
            spec.exclusive_maximum = high
        }
        spec.min_items = min_items.filter(|_| kind == "columns" || kind == "list");
        spec
    })
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        ".{0,8}".prop_map(Value::Str),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::vec(("[a-c]{1,2}", inner), 0..4).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #[test]
    fn declarations_keep_their_word(spec in specs()) {
        check(&spec);
    }

    /// Whatever the value: no panic, and what is accepted is accepted again in its canonical form and stays so.
    #[test]
    fn binding_is_idempotent(spec in specs(), value in values()) {
        if let Ok(first) = suanzi_operator::accept(&spec, &value) {
            let second = suanzi_operator::accept(&spec, &from_json(&first));
            prop_assert_eq!(second.map(|j| j.to_string()), Ok(first.to_string()));
        }
    }
}

#[test]
fn a_schema_in_two_languages() {
    let catalogue = catalogue();
    let schema = json_schema(catalogue.get("every").expect("in the fixture"));
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!((&schema["title"], &schema["x-title-zh"]), (&json!("Every kind"), &json!("各种")));
    assert_eq!(schema["required"], json!([]));
    assert_eq!(schema["additionalProperties"], json!(false));
    let property = |name: &str| schema["properties"][name].clone();
    assert_eq!(
        property("number"),
        json!({"title": "Number", "x-title-zh": "数", "description": "any", "x-description-zh": "任意", "x-kind": "number", "default": 1, "type": "number", "exclusiveMinimum": 0.0})
    );
    assert_eq!(
        property("integer"),
        json!({"x-kind": "integer", "default": 1, "type": "integer", "minimum": -3.0, "maximum": 10.0})
    );
    assert_eq!(
        property("columns"),
        json!({"x-kind": "columns", "default": ["a"], "type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1})
    );
    assert_eq!(property("choice"), json!({"x-kind": "choice", "default": "a", "enum": ["a", "b", 1, 2.0]}));
    assert_eq!(property("picks")["items"], json!({"enum": ["x", "y"]}));
    assert_eq!(property("any"), json!({"x-kind": "any", "default": 0, "not": {"type": "null"}}));
    assert_eq!(property("path")["x-advanced"], json!(true));
    assert_eq!(property("dataset")["anyOf"], json!([{"type": "string", "minLength": 1}, {"type": "null"}]));
    assert_eq!(
        property("old"),
        json!({"x-kind": "integer", "deprecated": true, "type": ["null", "boolean", "number", "string"]})
    );
    let logistic = json_schema(catalogue.get("algo_local_model_2c_l").expect("in the fixture"));
    assert_eq!(logistic["required"], json!(["y_col"]));
    assert_eq!(logistic["additionalProperties"], json!(true));
    assert_eq!(
        logistic["properties"]["class_weight"]["anyOf"],
        json!([{"type": "object"}, {"enum": ["balanced"]}, {"type": "null"}])
    );
}
