//! Edits change the text in one place and nowhere else.

use suanzi_dag::{Coordinate, EdgeEnds, Edit, Limits, OperatorId, Refusal, Value, edit, read, write};

const SEED: &str = include_str!("../../../examples/seed-dag.yaml");

fn set(operator: &str, name: &str, value: Value) -> Edit {
    Edit::SetParam { operator: operator.into(), name: name.into(), value }
}

fn unset(operator: &str, name: &str) -> Edit {
    Edit::RemoveParam { operator: operator.into(), name: name.into() }
}

fn field(operator: &str, field: &str, value: Value) -> Edit {
    Edit::SetField { operator: operator.into(), field: field.into(), value }
}

fn dag_field(field: &str, value: Value) -> Edit {
    Edit::SetDagField { field: field.into(), value }
}

fn ends(source: &str, source_index: u16, target: &str, target_index: u16) -> EdgeEnds {
    EdgeEnds { source: source.into(), source_index, target: target.into(), target_index }
}

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

/// A new operator `id` that reads as `algo_name: n`, with one parameter.
fn add(id: &str) -> Edit {
    let shape = format!(
        "dag:\n operator_list: [{id}]\n operator_details:\n  {id}:\n   algo_name: n\n   coordinate: {{x: 1, y: 2}}\n   params: {{k: 1}}\n"
    );
    let mut operator = read(shape, &Limits::small()).unwrap().dag.operators.remove(0);
    operator.id = OperatorId(id.into());
    Edit::AddOperator { operator: Box::new(operator) }
}

fn remove(id: &str) -> Edit {
    Edit::RemoveOperator { operator: id.into() }
}

fn rename(id: &str, to: &str) -> Edit {
    Edit::RenameOperator { operator: id.into(), to: to.into() }
}

/// `before` with the edits is `after`, changed in place.
fn check(before: &str, edits: &[Edit], after: &str) {
    let edited = edit(before, edits, &Limits::small()).unwrap_or_else(|error| panic!("{error}\n{before}"));
    assert_eq!(edited.source, after, "{before}");
    assert!(edited.local, "{before}");
}

fn check_refused(before: &str, edits: &[Edit], index: usize, reason: &str) {
    let error = edit(before, edits, &Limits::small()).expect_err(before);
    assert_eq!((error.index, error.reason.to_string().as_str()), (index, reason));
}

fn yaml(operator: &str) -> String {
    format!(
        "# head\ndag:\n operator_list: [a] # list\n operator_details:\n  a: # the one\n   algo_name: x\n{operator}# end\n"
    )
}

fn check_operator(before: &str, edit: Edit, after: &str) {
    check(&yaml(before), &[edit], &yaml(after));
}

#[test]
fn replaces_values() {
    let c = |value| set("a", "C", value);
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
        c(text("x\ny\n")),
        "   params:\n    C: |\n     x\n     y\n\n    d: 2\n",
    );
    check_operator("   params:\n    C: 'old'\n", c(text("no")), "   params:\n    C: \"no\"\n");
    check_operator("   params:\n    C:   1   # far\n", c(Value::Int(2)), "   params:\n    C:   2   # far\n");
}

#[test]
fn adds_values() {
    let c = || set("a", "C", Value::Int(1));
    check_operator("   params:\n    d: 2 # two\n\n", c(), "   params:\n    d: 2 # two\n    C: 1\n\n");
    check_operator("   params: {}\n", c(), "   params: {C: 1}\n");
    check_operator("   params: {d: 2 }\n", c(), "   params: {d: 2, C: 1 }\n");
    check_operator(
        "   params: {d: 2, # two\n    e: 3 # three\n   }\n",
        c(),
        "   params: {d: 2, # two\n    e: 3,\n    C: 1 # three\n   }\n",
    );
    check_operator("   params:\n   retries: 1\n", c(), "   params: {C: 1}\n   retries: 1\n");
    check_operator("   retries: 1\n", c(), "   retries: 1\n   params: {C: 1}\n");
    check_operator("   params:\n    d: |+\n     x\n\n", c(), "   params:\n    d: |+\n     x\n\n    C: 1\n");
}

#[test]
fn takes_values_away() {
    let c = || unset("a", "C");
    check_operator(
        "   params:\n    C: 1 # one\n    # about d\n    d: 2\n",
        c(),
        "   params:\n    # about d\n    d: 2\n",
    );
    check_operator("   params:\n    d: 2\n    C:\n     - 1\n     # inner\n     - 2\n", c(), "   params:\n    d: 2\n");
    check_operator("   params:\n    # about C\n    C: 1\n", c(), "   params: {}\n    # about C\n");
    check_operator("   params: {C: 1, d: 2}\n", c(), "   params: {d: 2}\n");
    check_operator("   params: {d: 2, C: 1}\n", c(), "   params: {d: 2}\n");
    check_operator(
        "   params: {d: 2, # two\n    C: 1 # one\n    }\n",
        c(),
        "   params: {d: 2 # two\n     # one\n    }\n",
    );
    check_operator("   params: {C: 1,}\n", c(), "   params: {}\n");
    check_operator("   params:\n    C: 1\n   retries: 1\n", c(), "   params: {}\n   retries: 1\n");
    check_operator("   retries: 1 # once\n", field("a", "retries", Value::Null), "");
    check_operator("   cache: true\n", field("a", "retries", Value::Null), "   cache: true\n");
}

#[test]
fn moves_operators() {
    let edit = || Edit::SetCoordinate { operator: "a".into(), coordinate: Coordinate { x: 10.0, y: -2.5 } };
    check_operator(
        "   coordinate:\n    x: 1 # left\n    y: 2\n",
        edit(),
        "   coordinate:\n    x: 10 # left\n    y: -2.5\n",
    );
    check_operator("   coordinate: {y: 1, x: 2}\n", edit(), "   coordinate: {y: -2.5, x: 10}\n");
    check_operator("   retries: 1\n", edit(), "   retries: 1\n   coordinate: {x: 10, y: -2.5}\n");
}

#[test]
fn sets_fields() {
    check_operator("   retries: 1 # once\n", field("a", "retries", Value::Int(3)), "   retries: 3 # once\n");
    check_operator(
        "",
        field("a", "timeout", text("1h30m")),
        "   timeout: 1h30m\n".replace("1h30m", "\"1h30m\"").as_str(),
    );
    check_operator("", field("a", "cn_name", text("讀文件")), "   cn_name: 讀文件\n");
    check_operator("", field("a", "disabled", Value::Bool(true)), "   disabled: true\n");
    let resources = Value::Map(vec![("cpu".into(), Value::Int(2)), ("memory".into(), text("2g"))]);
    check_operator(
        "   resources:\n    cpu: 1 # one\n",
        field("a", "resources", resources),
        "   resources: {cpu: 2, memory: \"2g\"} # one\n",
    );
    check_refused(
        &yaml(""),
        &[field("a", "retries", text("many"))],
        0,
        "`retries` must be a whole number, found the string `many`",
    );
    check_refused(&yaml(""), &[field("a", "retries", Value::Int(-1))], 0, "`retries` is -1, out of its range");
    check_refused(&yaml(""), &[field("a", "trigger_rule", text("all_don"))], 0, "there is no trigger rule `all_don`");
    let known = "cn_name, data_type, type, executor, retries, retry_delay, timeout, resources, cache, priority, trigger_rule, pool, env, disabled";
    check_refused(
        &yaml(""),
        &[field("a", "algo_name", text("y"))],
        0,
        &format!("there is no field 'algo_name' to set; there are {known}"),
    );
}

#[test]
fn sets_what_the_dag_says() {
    let dag = "dag:\n operator_list: [a]\n operator_details: {a: {algo_name: x}}\n params:\n  translate: [1,2] # here\n  scale: 1\n";
    check(
        dag,
        &[Edit::SetViewport { translate: (3.5, -4.0), scale: 0.5 }],
        &dag.replace("[1,2]", "[3.5,-4]").replace("scale: 1", "scale: 0.5"),
    );
    check(dag, &[dag_field("name", text("credit"))], &format!("{dag} name: credit\n"));
    check(
        &format!("{dag} name: credit # ours\n"),
        &[dag_field("name", text("loans"))],
        &format!("{dag} name: loans # ours\n"),
    );
    check(&format!("{dag} name: credit # ours\n"), &[dag_field("name", Value::Null)], dag);
    check(&format!("{dag} on_success: x\n"), &[dag_field("on_success", text("y"))], &format!("{dag} on_success: y\n"));
    check_refused(dag, &[dag_field("concurrency", Value::Int(0))], 0, "`concurrency` is 0, out of its range");
}

const TWO: &str = "# top\ndag:\n  operator_list: [a,b] # both\n  operator_rels:\n    # why\n    a: [{\"target\":\"b\",\"source_index\":0,\"target_index\":0}] # edge\n  operator_details:\n    a:\n      algo_name: x # A\n    # about b\n    b:\n      algo_name: y # B\n# end\n";

#[test]
fn adds_operators_and_edges() {
    let c = "\n    c:\n      algo_name: n\n      coordinate:\n        x: 1\n        y: 2\n      params:\n        k: 1";
    check(TWO, &[add("c")], &TWO.replace("[a,b]", "[a,b,c]").replace("y # B", &format!("y # B{c}")));
    check(
        TWO,
        &[Edit::AddEdge(ends("a", 1, "b", 2))],
        &TWO.replace("0}] #", "0},{\"target\":\"b\",\"source_index\":1,\"target_index\":2}] #"),
    );
    check(
        TWO,
        &[Edit::AddEdge(ends("b", 0, "a", 0))],
        &TWO.replace("# edge", "# edge\n    b: [{\"target\":\"a\",\"source_index\":0,\"target_index\":0}]"),
    );
    // Edits see what edits before them have made.
    let edits = [add("c"), set("c", "k", Value::Int(2)), Edit::AddEdge(ends("b", 0, "c", 0)), rename("c", "d")];
    check(
        TWO,
        &edits,
        &TWO.replace("[a,b]", "[a,b,d]")
            .replace("# edge", "# edge\n    b: [{\"target\":\"d\",\"source_index\":0,\"target_index\":0}]")
            .replace("y # B", &format!("y # B{c}").replace("c:", "d:").replace("k: 1", "k: 2")),
    );
    let lists = "dag:\n operator_list:\n  - a\n  - b # b\n operator_rels:\n  a:\n  - target: b\n operator_details:\n  a: {algo_name: x}\n  b: {algo_name: y}\n";
    check(
        lists,
        &[add("c"), Edit::AddEdge(ends("a", 0, "c", 1))],
        "dag:\n operator_list:\n  - a\n  - b # b\n  - c\n operator_rels:\n  a:\n  - target: b\n  - {\"target\":\"c\",\"source_index\":0,\"target_index\":1}\n operator_details:\n  a: {algo_name: x}\n  b: {algo_name: y}\n  c:\n   algo_name: n\n   coordinate:\n    x: 1\n    y: 2\n   params:\n    k: 1\n",
    );
}

#[test]
fn removes_and_renames_operators() {
    let after = "# top\ndag:\n  operator_list: [a] # both\n  operator_rels: {}\n    # why\n  operator_details:\n    a:\n      algo_name: x # A\n    # about b\n# end\n";
    check(TWO, &[remove("b")], after);
    check(
        TWO,
        &[remove("a")],
        &after.replace("[a]", "[b]").replace(
            "    a:\n      algo_name: x # A\n    # about b\n",
            "    # about b\n    b:\n      algo_name: y # B\n",
        ),
    );
    check(
        TWO,
        &[rename("b", "bb")],
        &TWO.replace("a,b]", "a,bb]").replace("\"b\"", "\"bb\"").replace("    b:", "    bb:"),
    );
    check(
        TWO,
        &[Edit::RemoveEdge(ends("a", 0, "b", 0))],
        &TWO.replace(
            "  operator_rels:\n    # why\n    a: [{\"target\":\"b\",\"source_index\":0,\"target_index\":0}] # edge\n",
            "  operator_rels: {}\n    # why\n",
        ),
    );
    let none = edit(TWO, &[remove("a"), remove("b")], &Limits::small()).unwrap();
    assert!(none.local && none.source.contains("# about b"), "{}", none.source);
    assert_eq!(read(&none.source, &Limits::small()).unwrap_err().0[0].code, "empty_dag");
}

#[test]
fn starts_from_nothing() {
    for before in ["", "\n", "# mine\n", "{}\n"] {
        let edited = edit(before, &[add("a"), add("b"), Edit::AddEdge(ends("a", 0, "b", 0))], &Limits::small());
        if before == "{}\n" {
            assert_eq!(
                edited.unwrap_err().reason.to_string(),
                "the text can't be edited before it can be read: line 1, column 1: the document has no `dag`"
            );
            continue;
        }
        let edited = edited.unwrap();
        assert!(edited.local);
        let dag = read(&edited.source, &Limits::small()).unwrap().dag;
        assert_eq!(edited.source.trim_start_matches("# mine\n"), write(&dag));
        assert_eq!(edited.source.starts_with("# mine"), before.starts_with("# mine"));
    }
}

#[test]
fn edits_the_seed_and_json() {
    let regression = "algo_local_model_2c_l_45_1517362008544";
    check(SEED, &[set(regression, "C", Value::Int(10))], &SEED.replace("C: 1\n", "C: 10\n"));
    check(SEED, &[add("new"), remove("new")], SEED);
    check(SEED, &[rename(regression, "lr"), rename("lr", regression)], SEED);
    let json = "{\"dag\": {\"operator_list\": [\"a\"],\n \"operator_details\": {\"a\": {\"algo_name\": \"x\", \"params\": {\"C\": 1}}}}}";
    check(json, &[set("a", "C", Value::Bool(true))], &json.replace("\"C\": 1", "\"C\": true"));
    check(json, &[set("a", "d", text("é\""))], &json.replace("\"C\": 1", "\"C\": 1, \"d\": \"é\\\"\""));
    check(
        json,
        &[add("b"), Edit::AddEdge(ends("a", 0, "b", 0)), remove("a")],
        "{\"dag\": {\"operator_list\": [\"b\"],\n \"operator_details\": {\"b\": {\"algo_name\":\"n\",\"coordinate\":{\"x\":1,\"y\":2},\"params\":{\"k\":1}}},\n \"operator_rels\": {}}}",
    );
    let dos = yaml("   params:\n    C: 1\n").replace('\n', "\r\n");
    check(&dos, &[set("a", "d", Value::Int(2))], &dos.replace("C: 1", "C: 1\r\n    d: 2"));
    check(&dos, &[unset("a", "C")], &dos.replace("params:\r\n    C: 1", "params: {}"));
    let marked = format!("\u{feff}{}", yaml("   retries: 1\n"));
    check(&marked, &[field("a", "retries", Value::Int(2))], &marked.replace("retries: 1", "retries: 2"));
}

#[test]
fn writes_anew_what_is_not_local() {
    let shared = "dag: # lost\n operator_list: [a, b]\n operator_details:\n  a: &a\n   algo_name: x\n   params: {C: 1}\n  b: *a\n";
    let edited = edit(shared, &[set("b", "C", Value::Int(2))], &Limits::small()).unwrap();
    assert!(!edited.local);
    let mut dag = read(shared, &Limits::small()).unwrap().dag;
    dag.operators[1].params[0].1 = Value::Int(2);
    assert_eq!(edited.source, write(&dag));
    let inner = yaml("   params: {p: &p {C: 1}, q: *p}\n");
    assert!(!edit(&inner, &[set("a", "p", Value::Int(2))], &Limits::small()).unwrap().local);
}

#[test]
fn drafts_with_faults_stay_editable() {
    let dangling = "dag:\n operator_list: [a, gone]\n operator_rels:\n  a: [{target: nowhere}]\n operator_details:\n  a: {algo_name: x, retries: many}\n  b: {algo_name: y}\n";
    check(dangling, &[set("b", "C", Value::Int(1))], &dangling.replace("algo_name: y", "algo_name: y, params: {C: 1}"));
    check(dangling, &[field("a", "retries", Value::Int(2))], &dangling.replace("many", "2"));
    check(
        dangling,
        &[Edit::RemoveEdge(ends("a", 0, "nowhere", 0))],
        &dangling.replace("operator_rels:\n  a: [{target: nowhere}]", "operator_rels: {}"),
    );
    check(dangling, &[remove("gone")], &dangling.replace("a, gone", "a"));
    let cycle = "dag:\n operator_list: [a, b]\n operator_rels: {a: [{target: b}], b: [{target: a}]}\n operator_details: {a: {algo_name: x}, b: {algo_name: y}}\n";
    check(cycle, &[Edit::RemoveEdge(ends("b", 0, "a", 0))], &cycle.replace(", b: [{target: a}]", ""));
    check_refused(
        "dag:\n operator_list: [a\n",
        &[set("a", "C", Value::Int(1))],
        0,
        "the text can't be edited before it can be read: line 2, column 17: not valid YAML: unclosed bracket '['",
    );
    let aliased =
        "dag:\n operator_list: [a, a2]\n operator_details:\n  a: &a {algo_name: x, retries: many}\n  a2: *a\n";
    let error = edit(aliased, &[set("a2", "C", Value::Int(1))], &Limits::small()).unwrap_err();
    assert!(matches!(error.reason, Refusal::NotLocal(_)), "{error}");
}

#[test]
fn refuses_with_the_reason() {
    check_refused(TWO, &[set("c", "C", Value::Null)], 0, "the DAG has no operator 'c'");
    check_refused(TWO, &[set("a", "C", Value::Null), add("b")], 1, "the DAG has an operator 'b' already");
    check_refused(TWO, &[rename("a", "a/b")], 0, "an operator's id holds a slash or backslash");
    check_refused(TWO, &[rename("a", "b")], 0, "the DAG has an operator 'b' already");
    check_refused(TWO, &[unset("a", "C")], 0, "the operator 'a' has no parameter 'C'");
    check_refused(
        TWO,
        &[Edit::AddEdge(ends("a", 0, "b", 0))],
        0,
        "there is an edge from 'a' output 0 to 'b' input 0 already",
    );
    check_refused(TWO, &[Edit::AddEdge(ends("a", 0, "a", 0))], 0, "the operator 'a' would feed itself");
    check_refused(
        TWO,
        &[Edit::RemoveEdge(ends("b", 0, "a", 0))],
        0,
        "there is no edge from 'b' output 0 to 'a' input 0",
    );
    let far = Edit::SetCoordinate { operator: "a".into(), coordinate: Coordinate { x: f64::NAN, y: 0.0 } };
    check_refused(TWO, &[far], 0, "coordinates must be finite numbers");
}
