//! Edits change the text in one place and nowhere else.

use proptest::prelude::*;
use suanzi_dag::{Coordinate, Edit, Limits, PatchError, Value, read};

const SEED: &str = include_str!("../../../examples/seed-dag.yaml");

fn set(op: u32, name: &str, value: Value) -> Edit {
    Edit::SetParam { op, name: name.into(), value }
}

/// `before` with `edit` is `after`; `Err` where it can't be a local change.
fn check(before: &str, edit: Edit, after: Result<&str, PatchError>) {
    let doc = read(before, &Limits::small()).unwrap();
    assert_eq!(doc.patch(&edit).as_deref(), after.as_ref().copied(), "{before}");
}

fn yaml(operator: &str) -> String {
    format!(
        "# head\ndag:\n operator_list: [a] # list\n operator_details:\n  a: # the one\n   algo_name: x\n{operator}# end\n"
    )
}

fn check_operator(before: &str, edit: Edit, after: &str) {
    check(&yaml(before), edit, Ok(&yaml(after)));
}

#[test]
fn replaces_values() {
    let c = |value| set(0, "C", value);
    check_operator(
        "   params:\n    C: 1 # why\n    d: 2\n",
        c(Value::Float(0.5)),
        "   params:\n    C: 0.5 # why\n    d: 2\n",
    );
    check_operator("   params: {C: [1, 2], d: 2} # x\n", c(Value::Null), "   params: {C: null, d: 2} # x\n");
    check_operator("   params:\n    C:\n    d: 2\n", c(Value::Int(3)), "   params:\n    C: 3\n    d: 2\n");
    check_operator(
        "   params:\n    C:\n     - 1\n     - 2 # two\n    # about d\n    d: 2\n",
        c(Value::Int(3)),
        "   params:\n    C: 3 # two\n    # about d\n    d: 2\n",
    );
    check_operator(
        "   params:\n    C: |\n     a\n     b\n\n    d: 2\n",
        c(Value::Str("x\ny\n".into())),
        "   params:\n    C: |\n     x\n     y\n\n    d: 2\n",
    );
    check_operator("   params:\n    C: 'old'\n", c(Value::Str("no".into())), "   params:\n    C: \"no\"\n");
}

#[test]
fn adds_values() {
    let c = set(0, "C", Value::Int(1));
    check_operator("   params:\n    d: 2 # two\n\n", c.clone(), "   params:\n    d: 2 # two\n    C: 1\n\n");
    check_operator("   params: {}\n", c.clone(), "   params: {C: 1}\n");
    check_operator("   params: {d: 2 }\n", c.clone(), "   params: {d: 2, C: 1 }\n");
    check_operator("   params:\n   retries: 1\n", c.clone(), "   params: {C: 1}\n   retries: 1\n");
    check_operator("   retries: 1\n", c, "   retries: 1\n   params: {C: 1}\n");
}

#[test]
fn moves_operators() {
    let edit = Edit::SetCoordinate { op: 0, coordinate: Coordinate { x: 10.0, y: -2.5 } };
    check_operator(
        "   coordinate:\n    x: 1 # left\n    y: 2\n",
        edit.clone(),
        "   coordinate:\n    x: 10 # left\n    y: -2.5\n",
    );
    check_operator("   coordinate: {y: 1, x: 2}\n", edit.clone(), "   coordinate: {y: -2.5, x: 10}\n");
    check_operator("   retries: 1\n", edit, "   retries: 1\n   coordinate: {x: 10, y: -2.5}\n");
}

#[test]
fn edits_the_seed_and_json() {
    check(SEED, set(2, "C", Value::Int(10)), Ok(&SEED.replace("C: 1\n", "C: 10\n")));
    let json = "{\"dag\": {\"operator_list\": [\"a\"],\n \"operator_details\": {\"a\": {\"algo_name\": \"x\", \"params\": {\"C\": 1}}}}}";
    check(json, set(0, "C", Value::Bool(true)), Ok(&json.replace("\"C\": 1", "\"C\": true")));
    check(json, set(0, "d", Value::Str("é\"".into())), Ok(&json.replace("\"C\": 1", "\"C\": 1, \"d\": \"é\\\"\"")));
    let dos = yaml("   params:\n    C: 1\n").replace('\n', "\r\n");
    check(&dos, set(0, "d", Value::Int(2)), Ok(&dos.replace("C: 1", "C: 1\r\n    d: 2")));
}

#[test]
fn refuses_what_is_not_local() {
    let shared =
        "dag:\n operator_list: [a, b]\n operator_details:\n  a: &a\n   algo_name: x\n   params: {C: 1}\n  b: *a\n";
    check(shared, set(1, "C", Value::Int(2)), Err(PatchError::NotLocal));
    check(shared, set(2, "C", Value::Int(2)), Err(PatchError::NoSuchOperator));
    check(&yaml("   params: {p: &p {C: 1}, q: *p}\n"), set(0, "p", Value::Int(2)), Err(PatchError::NotLocal));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any parameter of the seed takes any text; lines that don't hold it stay.
    #[test]
    fn any_text_can_be_set(op in 0u32..6, nth in any::<prop::sample::Index>(), text in any::<String>(), lines in "[a-z :#'\n]{0,30}") {
        let doc = read(SEED, &Limits::small()).unwrap();
        let params = &doc.dag.operators[op as usize].params;
        let name = params[nth.index(params.len())].0.clone();
        for text in [text, lines] {
            let after = doc.patch(&set(op, &name, Value::Str(text))).unwrap();
            let line = doc.place_of_param(op, &name).unwrap().line as usize - 1;
            prop_assert!(SEED.lines().take(line).eq(after.lines().take(line)));
            let rest = SEED.lines().count() - line - 1;
            prop_assert!(SEED.lines().rev().take(rest).eq(after.lines().rev().take(rest)));
        }
    }
}
