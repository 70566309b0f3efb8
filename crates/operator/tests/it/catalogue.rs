//! Manifests that enter the catalogue and those that don't.

use crate::builders::{catalogue, origin};
use serde_json::{Value as Json, json};
use suanzi_operator::{Catalogue, CatalogueError, read_manifest};

fn manifest(operators: Json) -> Vec<u8> {
    json!({"manifest_version": 1, "source_hash": "x", "operators": operators, "errors": []}).to_string().into_bytes()
}

fn plain(name: &str) -> Json {
    json!({"algo_name": name, "name_en": "", "name_zh": "", "category": "other", "module": "m", "function": "f", "inputs": [], "outputs": [], "params": []})
}

/// Adds one operator, with these fields changed, and compares the refusal.
fn check(change: Json, expected: &str) {
    let mut spec = plain("mine");
    for (key, value) in change.as_object().expect("fields") {
        spec[key] = value.clone();
    }
    let manifest = read_manifest(&manifest(json!([spec]))).expect("its shape is right");
    let said = match Catalogue::new().add(manifest, origin("p")) {
        Ok(()) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(said, expected, "{change}");
}

#[test]
fn declarations_that_make_no_sense() {
    check(json!({}), "accepted");
    check(
        json!({"algo_name": ""}),
        "operator '' of p: its algo_name must have 1 to 256 bytes and no control characters",
    );
    check(json!({"module": ""}), "operator 'mine' of p: it names no module and function");
    check(
        json!({"unknown_params": "maybe"}),
        "operator 'mine' of p: unknown_params is 'maybe', not 'refuse' or 'ignore'",
    );
    check(json!({"executors": []}), "operator 'mine' of p: it runs on no executor");
    check(
        json!({"inputs": [{"name": "a", "type": "table"}]}),
        "operator 'mine' of p: port 'a' has the unknown type 'table'",
    );
    check(
        json!({"inputs": [{"name": "a", "type": "data"}, {"name": "a", "type": "any"}]}),
        "operator 'mine' of p: two of its inputs are called 'a'",
    );
    check(
        json!({"inputs": [{"name": "a", "type": "data", "variadic": true}, {"name": "b", "type": "data"}]}),
        "operator 'mine' of p: input 'a' is variadic and not the last",
    );
    check(
        json!({"inputs": [{"name": "a", "type": "model", "model_stands_for_table": true}]}),
        "operator 'mine' of p: input 'a' takes no tables, so a model can't stand for one",
    );
    check(
        json!({"outputs": [{"name": "m", "type": "model", "trained_on": 0}]}),
        "operator 'mine' of p: output 'm' is trained on an input that doesn't exist",
    );
    check(
        json!({"partition": {"how": "reduce", "input": "a"}}),
        "operator 'mine' of p: it works on pieces by 'reduce', not 'map' or 'combine'",
    );
    let table = json!([{"name": "a", "type": "data"}, {"name": "b", "type": "data", "variadic": true}]);
    check(json!({"inputs": table, "partition": {"how": "map", "input": "a", "rows": 5}}), "accepted");
    check(
        json!({"inputs": table, "partition": {"how": "map", "input": "b"}}),
        "operator 'mine' of p: it works on pieces of 'b', which is no input for one table",
    );
    check(
        json!({"params": [{"name": "a", "kind": "float"}]}),
        "operator 'mine' of p: parameter 'a': its kind 'float' is unknown",
    );
    check(json!({"params": [{"name": "", "kind": "any"}]}), "operator 'mine' of p: one of its parameters has no name");
    check(
        json!({"params": [{"name": "a", "kind": "any"}, {"name": "a", "kind": "any"}]}),
        "operator 'mine' of p: two of its parameters are called 'a'",
    );
    check(
        json!({"params": [{"name": "a", "kind": "choice"}]}),
        "operator 'mine' of p: parameter 'a': it has no choices",
    );
    check(
        json!({"params": [{"name": "a", "kind": "list", "items": "path"}]}),
        "operator 'mine' of p: parameter 'a': its items can't be of kind 'path'",
    );
    check(
        json!({"params": [{"name": "a", "kind": "any", "ignored": true}]}),
        "operator 'mine' of p: parameter 'a': only a legacy parameter can be ignored",
    );
    check(
        json!({"params": [{"name": "a", "kind": "integer", "minimum": 1, "default": 0}]}),
        "operator 'mine' of p: parameter 'a': its default isn't allowed: 'a' must be at least 1, not 0",
    );
    check(json!({"params": [{"name": "a", "kind": "integer", "default": 1.0}]}), "accepted");
}

#[test]
fn an_operator_may_not_replace_another() {
    let mut catalogue = catalogue();
    let mine = read_manifest(&manifest(json!([plain("fresh"), plain("algo_local_model_gbdt")]))).expect("reads");
    let error = catalogue.add(mine, origin("/home/me/operators")).expect_err("it is there already");
    assert_eq!(
        error.to_string(),
        "operator 'algo_local_model_gbdt' is declared by suanzi (suanzi.operators.seed.gbdt) and by /home/me/operators (m.f): an operator may not replace another, rename one of them"
    );
    assert!(catalogue.get("fresh").is_none(), "all of a manifest or nothing");
    let twice = read_manifest(&manifest(json!([plain("fresh"), plain("fresh")]))).expect("reads");
    assert!(matches!(catalogue.add(twice, origin("p")), Err(CatalogueError::Duplicate { .. })));
}

#[test]
fn names_are_sorted_and_near_ones_found() {
    let catalogue = catalogue();
    let names: Vec<&str> = catalogue.iter().map(|kind| kind.spec.algo_name.as_str()).collect();
    assert!(names.is_sorted());
    assert_eq!((names.len(), catalogue.len()), (15, 15));
    assert_eq!(catalogue.nearest("algo_local_split"), Some("algo_local_split_data"));
    assert_eq!(catalogue.nearest("xyz"), None);
    assert_eq!(catalogue.get("fit").map(|kind| kind.origin.package.as_str()), Some("made-up"));
}

#[test]
fn manifests_that_cannot_be_read() {
    assert_eq!(
        read_manifest(br#"{"manifest_version": 2, "shape": "of the future"}"#),
        Err(CatalogueError::Version { found: 2 })
    );
    for text in ["", "[]", "{}", r#"{"manifest_version": "1"}"#, r#"{"manifest_version": 1, "operators": 3}"#] {
        assert!(matches!(read_manifest(text.as_bytes()), Err(CatalogueError::Unreadable(_))), "{text}");
    }
}
