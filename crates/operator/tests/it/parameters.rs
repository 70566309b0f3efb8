//! Parameters: what is accepted in which form, and what is refused in which words.

use crate::builders::{bound, bound_one, check_faults, one, text};
use serde_json::{Value as Json, json};
use suanzi_dag::Value::{Bool, Float, Int, List, Map, Null};
use suanzi_dag::{Place, Value};
use suanzi_operator::{BindOptions, FileParam, FileWhat};

/// A value of the kind `every`'s parameter and the form it is bound in.
fn check(param: &str, value: Value, expected: Json) {
    let op = bound_one("every", &[(param, value.clone())]);
    // As text: `Json` takes 1 and 1.0 for different, and so must the key.
    assert_eq!(op.params[param].to_string(), expected.to_string(), "{param}: {value:?}");
}

#[test]
fn accepted_forms() {
    check("integer", Int(3), json!(3));
    check("integer", Float(3.0), json!(3));
    check("integer", Int(-3), json!(-3));
    check("number", Int(2), json!(2.0));
    check("number", Float(1e-9), json!(1e-9));
    check("boolean", Bool(true), json!(true));
    check("string", text("1"), json!("1"));
    check("column", text("列"), json!("列"));
    check("column", Int(2018), json!("2018"));
    check("columns", text("a"), json!(["a"]));
    check("columns", Int(7), json!(["7"]));
    check("columns", List(vec![text("a"), Int(2)]), json!(["a", "2"]));
    check("any_columns", List(vec![]), json!([]));
    check("choice", text("b"), json!("b"));
    check("choice", Float(1.0), json!(1));
    check("choice", Int(2), json!(2.0));
    check("list", List(vec![Null, Int(1)]), json!([null, 1]));
    check("numbers", List(vec![Int(1), Float(0.5), Int(0)]), json!([1.0, 0.5, 0.0]));
    check("picks", List(vec![text("y"), text("y")]), json!(["y", "y"]));
    check(
        "map",
        Map(vec![("b".into(), Int(1)), ("a".into(), Map(vec![("z".into(), Null), ("y".into(), Int(2))]))]),
        json!({"a": {"y": 2, "z": null}, "b": 1}),
    );
    check("any", Float(1.0), json!(1.0));
    check("any", Float(f64::NEG_INFINITY), json!("-.inf"));
    check("code", text("def run():\n  pass"), json!("def run():\n  pass"));
    check("dataset", Int(40), json!("40"));
    check("dataset", Null, json!(null));
    check("path", text("a.csv"), json!("a.csv"));
    for old in [Null, Bool(true), Int(1), Float(0.5), text("anything")] {
        check("old", old.clone(), serde_json::to_value(&old).expect("plain"));
    }
}

fn refused(param: &str, value: Value, expected: &str) {
    check_faults(&one("every", &[(param, value)]), &BindOptions::default(), &[&format!("1:20: error{expected}")]);
}

#[test]
fn refused_values() {
    refused(
        "integer",
        Int(11),
        "[param_range]: 'integer' must be at least -3 and at most 10, not 11 | leave it out to get 1",
    );
    refused("integer", Float(1.5), "[param_type]: 'integer' must be a whole number, not 1.5 | leave it out to get 1");
    refused(
        "integer",
        Float(1e300),
        "[param_type]: 'integer' must be a whole number, not 1e300 | leave it out to get 1",
    );
    refused(
        "integer",
        text("3"),
        "[param_type]: 'integer' must be a whole number, not the string '3' | write the number without quotes",
    );
    refused(
        "integer",
        Bool(true),
        "[param_type]: 'integer' must be a whole number, not the boolean true | leave it out to get 1",
    );
    refused("integer", Null, "[param_null]: 'integer' can't be null | leave it out to get 1");
    refused("number", Int(0), "[param_range]: 'number' must be above 0, not 0 | any (leave it out to get 1)");
    refused(
        "number",
        Float(f64::NAN),
        "[param_range]: 'number' must be a finite number, not NaN | any (leave it out to get 1)",
    );
    refused(
        "number",
        Float(f64::INFINITY),
        "[param_range]: 'number' must be a finite number, not inf | any (leave it out to get 1)",
    );
    refused(
        "boolean",
        text("yes"),
        "[param_type]: 'boolean' must be true or false, not the string 'yes' | write true or false, without quotes",
    );
    refused("boolean", Int(1), "[param_type]: 'boolean' must be true or false, not 1 | write true or false");
    refused(
        "string",
        Int(1),
        "[param_type]: 'string' must be a string, not 1 | put it in quotes if it is meant as text",
    );
    refused(
        "column",
        text(""),
        "[param_type]: 'column' must be a column's name, not the string '' | leave it out to get the string 'a'",
    );
    refused(
        "columns",
        List(vec![]),
        "[param_items]: 'columns' needs at least 1 item(s), it has 0 | leave it out to get a list of 1",
    );
    refused(
        "columns",
        List(vec![text("a"), Null]),
        "[param_type]: 'columns' must be a column's name, not null | leave it out to get a list of 1",
    );
    refused(
        "choice",
        text("c"),
        "[param_choice]: 'choice' can't be the string 'c' | did you mean 'a'? Allowed: \"a\", \"b\", 1, 2.0",
    );
    refused("choice", Int(9), "[param_choice]: 'choice' can't be 9 | allowed: \"a\", \"b\", 1, 2.0");
    refused(
        "list",
        text("a"),
        "[param_type]: 'list' must be a list, not the string 'a' | leave it out to get an empty list",
    );
    refused(
        "numbers",
        List(vec![Int(1)]),
        "[param_items]: 'numbers' needs at least 2 item(s), it has 1 | leave it out to get a list of 2",
    );
    refused(
        "numbers",
        List(vec![Int(1), Int(-1)]),
        "[param_range]: 'numbers' must be at least 0, not -1 | leave it out to get a list of 2",
    );
    refused(
        "picks",
        List(vec![text("z")]),
        "[param_choice]: 'picks' can't be the string 'z' | did you mean 'x'? Allowed: \"x\", \"y\"",
    );
    refused("map", List(vec![]), "[param_type]: 'map' must be a map, not an empty list | leave it out to get a map");
    refused("any", Null, "[param_null]: 'any' can't be null | leave it out to get 0");
    refused(
        "code",
        Int(1),
        "[param_type]: 'code' must be source code as a string, not 1 | leave it out to get the string 'pass'",
    );
    refused(
        "dataset",
        Float(4.5),
        "[param_type]: 'dataset' must be a data set's id, not 4.5 | leave it out to get null",
    );
    refused(
        "path",
        text("a\0b"),
        "[param_type]: 'path' must be a file's path, not the string 'a\\u{0}b' | leave it out to get null",
    );
    refused(
        "old",
        List(vec![Int(1), Int(2)]),
        "[param_type]: 'old' must be a single value, not a list of 2 | leave it out to get null",
    );
}

#[test]
fn hostile_text_is_shown_short_and_on_one_line() {
    let long = format!("\u{1b}[31m\n{}", "x".repeat(1 << 20));
    let shown = format!("'\\u{{1b}}[31m\\n{}…'", "x".repeat(74));
    refused(
        "map",
        text(&long),
        &format!("[param_type]: 'map' must be a map, not the string {shown} | leave it out to get a map"),
    );
}

#[test]
fn missing_and_unknown_parameters() {
    check_faults(
        &one("reads", &[("pth", text("a.csv"))]),
        &BindOptions::default(),
        &[
            "1:10: error[param_missing]: 'x' (reads) needs the parameter 'path' | add `path:` to its params: a CSV file",
            "1:20: error[param_unknown]: 'reads' has no parameter 'pth' | did you mean 'path'?",
        ],
    );
    check_faults(
        &one("source", &[("anything", Int(1))]),
        &BindOptions::default(),
        &["1:20: error[param_unknown]: 'source' has no parameter 'anything' | it has no parameters"],
    );
    // Given and wrong is not missing.
    check_faults(
        &one("reads", &[("path", Null)]),
        &BindOptions::default(),
        &["1:20: error[param_null]: 'path' can't be null | a CSV file"],
    );
}

#[test]
fn the_seed_kinds_ignore_what_they_do_not_know() {
    let dag = one("algo_local_read_file", &[("data_id", Int(40)), ("encoding", text("gbk"))]);
    check_faults(
        &dag,
        &BindOptions::default(),
        &[
            "1:20: warning[param_unknown]: 'algo_local_read_file' has no parameter 'encoding': it is ignored | it has: data_id",
        ],
    );
    let bound = bound(&dag);
    assert_eq!(Json::Object(bound.ops[0].params.clone()), json!({"data_id": "40"}));
}

#[test]
fn other_kinds_may_have_choices_beside_their_own() {
    let fit = |value: Value| {
        let mut dag = crate::builders::dag("s:source x:fit s.0>x.0");
        dag.operators[1].params = vec![("max_features".into(), value)];
        dag
    };
    let given = |value: Value| bound(&fit(value)).ops[1].params["max_features"].to_string();
    assert_eq!(given(text("sqrt")), "\"sqrt\"");
    assert_eq!(given(Int(4)), "4");
    assert_eq!(given(Null), "null");
    check_faults(
        &fit(text("auto")),
        &BindOptions::default(),
        &[
            "101:20: error[param_type]: 'max_features' must be a whole number, not the string 'auto' | also allowed: \"sqrt\", \"log2\"",
        ],
    );
    check_faults(
        &fit(Int(0)),
        &BindOptions::default(),
        &["101:20: error[param_range]: 'max_features' must be at least 1, not 0 | also allowed: \"sqrt\", \"log2\""],
    );
}

#[test]
fn defaults_are_filled_in_and_sorted() {
    let op = bound_one("every", &[]);
    let names: Vec<&String> = op.params.keys().collect();
    assert!(names.is_sorted(), "{names:?}");
    assert_eq!(names.len(), 16, "all but the legacy one");
    assert_eq!(op.params["number"].to_string(), "1.0");
    assert_eq!(op.params["numbers"].to_string(), "[0.0,1.0]");
    assert_eq!(op.params["path"], Json::Null);
}

#[test]
fn files_are_named_apart() {
    let op = bound_one("reads", &[("path", text("d/a.csv")), ("extra", Int(7))]);
    let expected = [
        FileParam { param: "extra".into(), what: FileWhat::Dataset("7".into()) },
        FileParam { param: "path".into(), what: FileWhat::Path("d/a.csv".into()) },
    ];
    assert_eq!(op.files, expected);
    assert_eq!(op.key_params, r#"{"header":true}"#);
}

#[test]
fn faults_stand_where_the_parameter_does() {
    let dag = one("every", &[("integer", Int(99))]);
    let faults =
        suanzi_operator::bind(&dag, &crate::builders::Lines, &crate::builders::catalogue(), &BindOptions::default())
            .expect_err("99 is too much");
    assert_eq!(faults.0[0].place, Some(Place { line: 1, column: 20 }));
    assert_eq!(faults.0[0].operator.as_deref(), Some("x"));
}

#[test]
fn many_faults_of_one_operator_cost_few_looks_at_its_text() {
    struct Counting(std::cell::Cell<u32>);
    impl suanzi_operator::Places for Counting {
        fn place_of_operator(&self, _: u32) -> Option<Place> {
            Some(Place { line: 1, column: 1 })
        }

        fn place_of_field(&self, _: u32, _: &str) -> Option<Place> {
            None
        }

        fn place_of_param(&self, _: u32, _: &str) -> Option<Place> {
            self.0.set(self.0.get() + 1);
            Some(Place { line: 2, column: 1 })
        }

        fn place_of_edge(&self, _: usize) -> Option<Place> {
            None
        }
    }
    let mut dag = one("source", &[]);
    dag.operators[0].params = (0..5_000).map(|i| (format!("p{i}"), Int(i))).collect();
    let places = Counting(std::cell::Cell::new(0));
    let faults = suanzi_operator::bind(&dag, &places, &crate::builders::catalogue(), &BindOptions::default())
        .expect_err("none is known");
    assert_eq!(places.0.get(), 100);
    assert_eq!(
        faults.0.iter().filter(|f| f.place.is_some()).count(),
        1_000,
        "the others stand where the operator does"
    );
}
