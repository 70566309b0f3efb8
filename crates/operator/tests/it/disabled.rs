//! Disabled operators and what goes with them.

use crate::builders::{bound, catalogue, check_faults, dag, lines};
use suanzi_dag::{Dag, Value};
use suanzi_operator::{BindOptions, bind};

fn disabled(text: &str, ids: &[&str]) -> Dag {
    let mut dag = dag(text);
    for operator in &mut dag.operators {
        operator.disabled = ids.contains(&&*operator.id.0);
    }
    dag
}

fn check(text: &str, ids: &[&str], expected: &[&str]) {
    let dag = disabled(text, ids);
    let bound = bound(&dag);
    let out: Vec<&str> =
        dag.operators.iter().zip(&bound.ops).filter(|(_, op)| op.disabled).map(|(o, _)| &*o.id.0).collect();
    assert_eq!(out, expected, "{text}");
}

#[test]
fn what_requires_a_disabled_operator_is_left_out_too() {
    check("s:source f:fit p:score s.0>f.0 f.0>p.0 s.0>p.1", &["f"], &["f", "p"]);
    check("s:source f:fit p:score s.0>f.0 f.0>p.0 s.0>p.1", &["s"], &["s", "f", "p"]);
    check("s:source f:fit p:score s.0>f.0 f.0>p.0 s.0>p.1", &["p"], &["p"]);
    check("s:source n:noop s.0>n.0", &["s"], &["s"]);
    check("a:source b:source g:gather a.0>g.0 b.0>g.1", &["a"], &["a"]);
    check("a:source b:source g:gather a.0>g.0 b.0>g.1", &["a", "b"], &["a", "b", "g"]);
    check("s:source f:fit g:fit s.0>f.0 f.0>g.0", &["f"], &["f", "g"]);
}

#[test]
fn nothing_is_delivered_from_what_is_left_out() {
    let bound = bound(&disabled("a:source b:source g:gather a.0>g.0 b.0>g.1", &["a"]));
    let op = &bound.ops[2];
    assert_eq!(op.inputs.iter().map(|i| i.source).collect::<Vec<_>>(), [(1, 0)]);
    assert_eq!(op.predecessors, [1]);
}

#[test]
fn faults_of_a_disabled_operator_are_warnings() {
    let mut dag = disabled("s:source f:fit p:score s.0>f.0 s.0>p.0", &["f", "p"]);
    dag.operators[1].params = vec![("depth".into(), Value::Int(0))];
    check_faults(
        &dag,
        &BindOptions::default(),
        &[
            "101:20: warning[param_range]: 'depth' must be at least 1 and at most 64, not 0 | leave it out to get 3",
            "201:1: warning[missing_input]: 'p' (score) needs an edge into its input 1 (data) | connect an output of type data",
            "10001:1: warning[port_type]: output 0 (data) of 's' is of type data; input 0 (model) of 'p' takes model | input 1 (data) takes it",
        ],
    );
    let unknown = disabled("x:unheard", &["x"]);
    let faults =
        bind(&unknown, &(), &catalogue(), &BindOptions::default()).expect_err("its kind must be known all the same");
    assert_eq!(lines(&faults).len(), 1);
}
