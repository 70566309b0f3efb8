//! Texts made to exhaust a reader are refused at once, with a reason; strange but legal ones are read as what they are.

use std::time::{Duration, Instant};
use suanzi_dag::{Document, Faults, Limits, Value, read};

/// Generous: a debug build on a busy machine.
const MAX_TIME: Duration = Duration::from_millis(500);

/// A DAG of one operator with `params`, each line of it indented by four.
fn dag(params: &str) -> String {
    format!("dag:\n operator_list: [a]\n operator_details:\n  a:\n   algo_name: x\n   params:\n{params}\n")
}

fn timed(name: &str, text: &[u8], limits: &Limits) -> Result<Document, Faults> {
    let start = Instant::now();
    let result = read(text, limits);
    let took = start.elapsed();
    assert!(took < MAX_TIME, "{name}: {took:?}");
    result
}

fn refused(name: &str, text: impl AsRef<[u8]>, code: &str) {
    let faults = timed(name, text.as_ref(), &Limits::api()).err().unwrap_or_else(|| panic!("{name}: accepted"));
    let found: Vec<&str> = faults.0.iter().map(|fault| fault.code).collect();
    assert!(found.contains(&code), "{name}: expected {code}, found {found:?}");
}

fn accepted(name: &str, text: impl AsRef<[u8]>) -> Document {
    timed(name, text.as_ref(), &Limits::api()).unwrap_or_else(|faults| panic!("{name}: {faults}"))
}

#[test]
fn aliases() {
    let mut laughs = String::from("    l0: &l0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n");
    for i in 1..9 {
        laughs += &format!("    l{i}: &l{i} [{}]\n", vec![format!("*l{}", i - 1); 9].join(","));
    }
    refused("billion laughs", dag(&laughs), "alias_limit");
    let quadratic = format!("    big: &b [{}]\n    all: [{}]\n", "x,".repeat(40_000), "*b,".repeat(900));
    refused("quadratic aliases", dag(&quadratic), "too_many_values");
    refused("many aliases", dag(&format!("    x: &x 1\n    all: [{}]\n", "*x,".repeat(2_000))), "alias_limit");
    refused("large anchor", dag(&format!("    big: &b [{}]\n", "x,".repeat(60_000))), "alias_limit");
    refused("alias to itself", dag("    x: &x {y: *x}"), "alias_loop");
    refused("alias to itself as key", dag("    x: &x {*x : 1}"), "alias_loop");
    refused("anchor at the root", "&a {dag: *a}", "alias_loop");
    refused("deep through aliases", dag(&deep_aliases()), "depth");
    let doc = accepted("few aliases", dag("    x: &x {a: [1]}\n    y: *x\n    z: [*x, *x]"));
    let params = &doc.dag.operators[0].params;
    assert_eq!(params[1].1, params[0].1);
    assert_eq!(params[2].1, Value::List(vec![params[0].1.clone(); 2]));
}

/// Lists of one list, by alias of alias: 10 levels, ten times over.
fn deep_aliases() -> String {
    let mut text = String::from("    d0: &d0 [1]\n");
    for i in 1..10 {
        text += &format!("    d{i}: &d{i} {}*d{}{}\n", "[".repeat(10), i - 1, "]".repeat(10));
    }
    text
}

#[test]
fn depth() {
    let n = 100_000;
    refused("open brackets", "[".repeat(n), "depth");
    refused("open braces", "{a: ".repeat(n), "depth");
    refused("JSON brackets", format!("{{\"dag\": {}", "[".repeat(n)), "depth");
    refused("JSON maps", "{\"dag\":".repeat(n), "depth");
    refused("block lists", "- ".repeat(n), "depth");
    refused("explicit keys", "? ".repeat(n), "depth");
    let steps: String = (0..3_000).map(|i| " ".repeat(i) + "a:\n").collect();
    refused("staircase", steps, "depth");
    let ok = accepted("58 deep", dag(&format!("    p: {}{}", "[".repeat(58), "]".repeat(58))));
    assert!(matches!(ok.dag.operators[0].params[0].1, Value::List(_)));
}

#[test]
fn size() {
    refused("many documents", "---\n".repeat(100_000), "several_documents");
    refused("too many values", dag(&format!("    p: [{}]", "1,".repeat(250_000))), "too_many_values");
    let doc = accepted("a scalar of 5 MB", dag(&format!("    p: \"{}\"", "x".repeat(5_000_000))));
    assert_eq!(doc.dag.operators[0].params.len(), 1);
    refused("a key of 1 MB", dag(&format!("    {}: 1", "k".repeat(1_000_000))), "syntax");
    refused("a JSON key of 1 MB", format!("{{\"{}\": 1}}", "k".repeat(1_000_000)), "key_type");
    let long = timed("a MiB and a byte", &vec![b'#'; (1 << 20) + 1], &Limits::small()).unwrap_err();
    assert_eq!(long.0[0].code, "too_large");
    let few = Limits { max_operators: 3, max_edges: 2, ..Limits::small() };
    let faults = read("dag: {operator_list: [a, b, c, d]}", &few).unwrap_err();
    assert_eq!(faults.0.last().unwrap().code, "too_large");
    let faults = read("dag: {operator_rels: {a: [{target: b}, {target: c}, {target: d}]}}", &few).unwrap_err();
    assert_eq!(faults.0.last().unwrap().code, "too_large");
}

#[test]
fn faults_are_capped() {
    let ids: Vec<String> = (0..5_000).map(|i| format!("o{i}")).collect();
    let text = format!("dag:\n operator_list: [{}]\n operator_details: {{}}\n", ids.join(","));
    let faults = timed("many faults", text.as_bytes(), &Limits::small()).unwrap_err();
    assert_eq!(faults.0.len(), 1_001);
    assert_eq!(faults.0[1_000].code, "too_many_faults");
    assert!(faults.0[1_000].message.contains("4000"), "{}", faults.0[1_000].message);
    // Warnings don't crowd out the error.
    let warned: String = (0..3_000).map(|i| format!("  o{i}: {{algo_name: x, retrys: 1}}\n")).collect();
    let ids = &ids[..3_000];
    let text =
        format!("dag:\n operator_list: [{}]\n operator_details:\n{warned}  z: {{algo_name: x}}\n", ids.join(","));
    let faults = timed("many warnings", text.as_bytes(), &Limits::small()).unwrap_err();
    assert!(faults.0.iter().any(|fault| fault.code == "not_listed"));
}

#[test]
fn core_schema_and_strange_names() {
    let doc = accepted(
        "scalars",
        dag(
            "    norway: no\n    time: 1:30\n    octal: 0o17\n    old: 017\n    hex: 0x1F\n    inf: -.inf\n    quoted: '1'\n    \
             \"<<\": merged\n    1: number\n    nothing:\n    __proto__: {}\n    \u{85}x: nel",
        ),
    );
    let params = &doc.dag.operators[0].params;
    let get = |key: &str| params.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    for (key, expected) in [
        ("norway", Value::Str("no".into())),
        ("time", Value::Str("1:30".into())),
        ("octal", Value::Int(15)),
        ("old", Value::Int(17)),
        ("hex", Value::Int(31)),
        ("inf", Value::Float(f64::NEG_INFINITY)),
        ("quoted", Value::Str("1".into())),
        ("<<", Value::Str("merged".into())),
        ("1", Value::Str("number".into())),
        ("nothing", Value::Null),
        ("__proto__", Value::Map(vec![])),
    ] {
        assert_eq!(get(key), Some(expected), "{key}");
    }
    for id in ["__proto__", "😀", "שלום", "а", "null ", "1.0", "true", "-", "a b"] {
        let text = format!("dag:\n operator_list: [{id:?}]\n operator_details:\n  {id:?}: {{algo_name: x}}\n");
        assert_eq!(&*accepted(id, text).dag.operators[0].id.0, id);
    }
    // An id is its text, whatever it looks like.
    let doc = accepted(
        "bare ids",
        "dag: {operator_list: [1.0, true], operator_details: {1.0: {algo_name: x}, true: {algo_name: x}}}",
    );
    assert_eq!(&*doc.dag.operators[0].id.0, "1.0");
}

#[test]
fn line_ends_and_marks_come_back() {
    let text = dag("    p: 1");
    for variant in [
        text.replace('\n', "\r\n"),
        format!("\u{feff}{text}"),
        format!("%YAML 1.2\n---\n{text}...\n"),
        format!("\n\n{text}# end"),
    ] {
        let doc = accepted("variant", &variant);
        assert_eq!(doc.source(), variant);
        assert_eq!(doc.dag.operators[0].params, [("p".to_owned(), Value::Int(1))]);
        let line = variant.lines().position(|line| line == "    p: 1").unwrap() as u32 + 1;
        let place = doc.place_of_param(0, "p").unwrap();
        assert_eq!((place.line, place.column), (line, 8));
    }
}

#[test]
fn a_cycle_through_everything_is_found() {
    let n = 20_000;
    let ids: Vec<String> = (0..n).map(|i| format!("o{i}")).collect();
    let mut text = format!("dag:\n operator_list: [{}]\n operator_rels:\n", ids.join(","));
    for i in 0..n {
        text += &format!("  o{i}: [{{target: o{}}}]\n", (i + 1) % n);
    }
    text += " operator_details:\n";
    for id in &ids {
        text += &format!("  {id}: {{algo_name: x}}\n");
    }
    let start = Instant::now();
    let faults = read(&text, &Limits::api()).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(faults.0.len(), 1, "{faults}");
    assert!(faults.0[0].message.starts_with("the operators wait for each other: o0 -> o1 -> o2"), "{faults}");
}
