//! The seed's DAG reads as it is and comes back byte for byte.

use suanzi_dag::{Limits, Place, Value, read, write};

const SEED: &str = include_str!("../../../examples/seed-dag.yaml");

#[test]
fn reads_and_returns_every_byte() {
    let doc = read(SEED, &Limits::small()).unwrap();
    assert_eq!(doc.source(), SEED);
    assert!(doc.warnings.0.is_empty(), "{}", doc.warnings);
    let dag = &doc.dag;
    let algos: Vec<&str> = dag.operators.iter().map(|op| op.algo_name.as_str()).collect();
    assert_eq!(
        algos,
        [
            "algo_local_read_file",
            "algo_local_split_data",
            "algo_local_model_2c_l",
            "algo_local_model_predict",
            "algo_local_model_2c_eval",
            "algo_local_model_gbdt"
        ]
    );
    let edges: Vec<_> = dag.edges.iter().map(|e| (e.source, e.source_index, e.target, e.target_index)).collect();
    assert_eq!(edges, [(0, 0, 1, 0), (1, 0, 2, 0), (1, 1, 5, 0), (3, 0, 4, 0), (5, 0, 3, 0), (2, 0, 3, 1)]);
    let split = &dag.operators[1];
    assert_eq!(split.params[1], ("ext1".into(), Value::Float(0.8)));
    assert_eq!(split.params[2], ("ext2".into(), Value::Null));
    assert_eq!(split.kind_label.as_deref(), Some("數據預處理"));
    assert_eq!(dag.viewport.as_ref().unwrap().translate, Some((41.0, -20.0)));
}

#[test]
fn canonical_form_gives_the_same_dag() {
    let dag = read(SEED, &Limits::small()).unwrap().dag;
    let text = write(&dag);
    assert_eq!(read(&text, &Limits::small()).unwrap().dag, dag);
    assert_eq!(write(&read(&text, &Limits::small()).unwrap().dag), text);
    // The seed is canonical but for one empty line.
    assert_eq!(text, SEED.replace("details:\n  \n", "details:\n"));
}

#[test]
fn knows_where_things_stand() {
    let doc = read(SEED, &Limits::small()).unwrap();
    let place = |line, column| Some(Place { line, column });
    assert_eq!(doc.place_of_operator(0), place(11, 3));
    assert_eq!(doc.place_of_field(0, "algo_name"), place(12, 15));
    assert_eq!(doc.place_of_param(0, "data_id"), place(20, 14));
    assert_eq!(doc.place_of_param(1, "ext1"), place(31, 11));
    assert_eq!(doc.place_of_param(1, "no"), None);
    assert_eq!(doc.place_of_operator(6), None);
    assert_eq!(doc.place_of_edge(0), place(4, 53));
    assert_eq!(doc.place_of_edge(6), None);
}
