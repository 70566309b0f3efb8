//! Edges and ports: what is refused and in which words, and what arrives where.

use crate::builders::{bound, catalogue, check_faults, dag};
use suanzi_dag::Edge;
use suanzi_operator::{BindOptions, bind};

fn check(text: &str, expected: &[&str]) {
    check_faults(&dag(text), &BindOptions::default(), expected);
}

#[test]
fn unknown_algorithms_get_the_nearest_name() {
    check(
        "a:sourec b:noop c:completely_else",
        &[
            "1:10: error[unknown_algorithm]: 'a': there is no algorithm 'sourec' | did you mean 'source'?",
            "201:10: error[unknown_algorithm]: 'c': there is no algorithm 'completely_else' | known: algo_local_model_2c_eval, algo_local_model_2c_l, algo_local_model_gbdt, algo_local_model_predict, algo_local_read_file, algo_local_split_data, every, fit, gather, loads, noop, reads, and 3 more",
        ],
    );
}

#[test]
fn ports_that_do_not_exist() {
    check(
        "s:source f:fit s.0>f.0 s.0>f.1",
        &["10001:1: error[port_index]: 'f' (fit) has no input 1 | its inputs: 0 data (data)"],
    );
    check(
        "s:source f:fit s.3>f.0",
        &["10000:1: error[port_index]: 's' (source) has no output 3 | its outputs: 0 data (data)"],
    );
    check("r:every s:source s.0>r.0", &["10000:1: error[port_index]: 'r' (every) has no input 0 | its inputs: none"]);
}

#[test]
fn port_types_must_match() {
    check(
        "s:source f:fit p:score s.0>f.0 f.0>p.0 f.0>p.1",
        &[
            "10002:1: error[port_type]: output 0 (model) of 'f' is of type model; input 1 (data) of 'p' takes data | input 0 (model) takes it",
        ],
    );
    check(
        "s:source f:fit p:score s.0>f.0 f.1>p.0 s.0>p.1",
        &[
            "10001:1: error[port_type]: output 1 (transform) of 'f' is of type transform; input 0 (model) of 'p' takes model | its output 0 (model) fits",
        ],
    );
    check(
        "s:source r:gather f:fit s.0>f.0 f.1>r.0",
        &[
            "10001:1: error[port_type]: output 1 (transform) of 'f' is of type transform; input 0 (tables) of 'r' takes data | inputs of 'r': 0 and on tables (data)",
        ],
    );
    check("s:source f:fit n:noop s.0>f.0 f.0>n.0 f.1>n.1 s.0>n.2", &[]);
    check("n:noop g:gather n.0>g.0", &[]);
}

#[test]
fn single_inputs_take_one_edge_and_required_ones_need_one() {
    check(
        "a:source b:source f:fit a.0>f.0 b.0>f.0",
        &[
            "10001:1: error[input_taken]: input 0 (data) of 'f' takes one edge and has two: from 'a' and from 'b' | remove one of them, or lead it to another input",
        ],
    );
    check(
        "p:score",
        &[
            "1:1: error[missing_input]: 'p' (score) needs an edge into its input 0 (model) | connect an output of type model",
            "1:1: error[missing_input]: 'p' (score) needs an edge into its input 1 (data) | connect an output of type data",
        ],
    );
    check(
        "g:gather",
        &[
            "1:1: error[missing_input]: 'g' (gather) needs an edge into its input 0 (tables) | connect an output of type data",
        ],
    );
    check("n:noop", &[]);
}

#[test]
fn a_wrong_edge_is_one_fault_and_not_two() {
    // The input counts as connected: "missing" would only repeat what the type fault says.
    check(
        "l:loads g:gather l.0>g.0",
        &[
            "10000:1: error[port_type]: output 0 (model) of 'l' is of type model; input 0 (tables) of 'g' takes data | inputs of 'g': 0 and on tables (data)",
        ],
    );
    check(
        "l:lodas g:gather l.0>g.0",
        &["1:10: error[unknown_algorithm]: 'l': there is no algorithm 'lodas' | did you mean 'loads'?"],
    );
}

#[test]
fn variadic_inputs_keep_the_order_of_their_ports() {
    let dag = dag("a:source b:source c:source g:gather a.0>g.7 b.0>g.0 c.0>g.7 a.0>g.1");
    let op = &bound(&dag).ops[3];
    let sources: Vec<u32> = op.inputs.iter().map(|i| i.source.0).collect();
    assert_eq!(sources, [1, 0, 0, 2], "by port, then by edge");
    assert!(op.inputs.iter().all(|i| i.name == "tables" && i.port_type == "data"));
    assert_eq!(op.predecessors, [0, 1, 2]);
}

#[test]
fn inputs_of_another_port_type_are_delivered_as_they_are() {
    let op = &bound(&dag("s:source f:fit n:noop s.0>f.0 f.1>n.0 s.0>n.1")).ops[2];
    let types: Vec<&str> = op.inputs.iter().map(|i| i.port_type.as_str()).collect();
    assert_eq!(types, ["transform", "data"]);
}

#[test]
fn a_model_on_a_data_port_stands_for_its_table() {
    let text = "s:source f:fit g:fit s.0>f.0 f.0>g.0";
    check(
        text,
        &[
            "10001:1: warning[model_stands_for_table]: the model of 'f' arrives at input 0 (data) of 'g', which takes a table: it stands for the table it was trained on, output 0 (data) of 's' | an edge from output 0 of 's' says the same plainly",
        ],
    );
    let input = &bound(&dag(text)).ops[2].inputs[0];
    assert_eq!((input.source, input.stands_for, input.port_type.as_str()), ((0, 0), Some((1, 0)), "data"));
}

#[test]
fn chains_of_models_are_resolved() {
    let bound = bound(&dag("s:source f:fit g:fit h:fit s.0>f.0 f.0>g.0 g.0>h.0"));
    let op = &bound.ops[3];
    assert_eq!((op.inputs[0].source, op.inputs[0].stands_for), ((0, 0), Some((2, 0))));
    assert_eq!(op.predecessors, [0, 2], "the edge's source and the table's");
    assert_eq!(bound.warnings.0.len(), 2);
}

#[test]
fn a_model_without_a_table_is_refused() {
    check(
        "l:loads f:fit l.0>f.0",
        &[
            "10000:1: error[model_without_table]: 'l' gives a model to input 0 (data) of 'f', which takes a table, and that model wasn't trained on one it could stand for | connect an output of type data",
        ],
    );
}

#[test]
fn a_cycle_of_models_ends() {
    // The reader refuses cycles; a DAG built by hand may have one.
    check(
        "f:fit g:fit f.0>g.0 g.0>f.0",
        &[
            "10000:1: error[model_without_table]: 'f' gives a model to input 0 (data) of 'g', which takes a table, and that model wasn't trained on one it could stand for | connect an output of type data",
            "10001:1: error[model_without_table]: 'g' gives a model to input 0 (data) of 'f', which takes a table, and that model wasn't trained on one it could stand for | connect an output of type data",
        ],
    );
}

#[test]
fn edges_to_nowhere_are_faults() {
    let mut dag = dag("s:source");
    dag.edges.push(Edge { source: 0, source_index: 0, target: 9, target_index: 0, extra: Vec::new() });
    check_faults(
        &dag,
        &BindOptions::default(),
        &["10000:1: error[dangling_edge]: an edge names an operator that doesn't exist"],
    );
}

#[test]
fn all_faults_come_at_once_in_the_order_of_their_places() {
    check(
        "x:unheard p:score s:source f:fit s.9>f.0",
        &[
            "1:10: error[unknown_algorithm]: 'x': there is no algorithm 'unheard' | known: algo_local_model_2c_eval, algo_local_model_2c_l, algo_local_model_gbdt, algo_local_model_predict, algo_local_read_file, algo_local_split_data, every, fit, gather, loads, noop, reads, and 3 more",
            "101:1: error[missing_input]: 'p' (score) needs an edge into its input 0 (model) | connect an output of type model",
            "101:1: error[missing_input]: 'p' (score) needs an edge into its input 1 (data) | connect an output of type data",
            "10000:1: error[port_index]: 's' (source) has no output 9 | its outputs: 0 data (data)",
        ],
    );
}

#[test]
fn a_flood_of_faults_is_cut_and_counted() {
    let text: String = (0..5_000).map(|i| format!("x{i}:unheard ")).collect();
    let faults = bind(&dag(&text), &(), &catalogue(), &BindOptions::default()).expect_err("nothing is known");
    assert_eq!(faults.0.len(), 1_001);
    assert_eq!(faults.0[1_000].message, "and 4000 more faults");
}

#[test]
fn a_hundred_thousand_operators_bind_quickly() {
    let count = 100_000u32;
    let mut dag = dag("x0:noop");
    dag.operators = (0..count).map(|i| crate::builders::operator(&format!("x{i}"), "noop")).collect();
    let edge = |source, target, index| Edge { source, source_index: 0, target, target_index: index, extra: Vec::new() };
    dag.edges = (1..count).flat_map(|i| [edge(i - 1, i, 0), edge(i / 2, i, 1)]).collect();
    let started = std::time::Instant::now();
    let bound = bound(&dag);
    assert_eq!(bound.ops.len(), count as usize);
    assert_eq!(bound.ops[99_999].predecessors, [49_999, 99_998]);
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
