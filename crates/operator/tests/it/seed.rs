//! The mission's DAG, operator by operator, against its six kinds.

use crate::builders::{bound, dag, origin, text};
use crate::schemas;
use serde_json::{Value as Json, json};
use suanzi_dag::Value::{self, Bool, Float, Int, List, Null};
use suanzi_dag::{Dag, Limits, Value as V};
use suanzi_operator::keys::{derivation, output_of, self_hash};
use suanzi_operator::{BindOptions, Bound, BoundInput, Catalogue, FileWhat, bind, read_manifest};

fn columns() -> Value {
    let names = ["LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE", "PAY_0", "PAY_2", "BILL_AMT1", "PAY_AMT1"];
    List(names.map(text).into())
}

/// read, split, lr, predict, eval, gbdt: in the order of the seed's `operator_list`.
pub fn seed_dag() -> Dag {
    let mut dag = dag("read:algo_local_read_file split:algo_local_split_data lr:algo_local_model_2c_l \
         predict:algo_local_model_predict eval:algo_local_model_2c_eval gbdt:algo_local_model_gbdt \
         read.0>split.0 split.0>lr.0 split.1>gbdt.0 predict.0>eval.0 gbdt.0>predict.0 lr.0>predict.1");
    let params: [Vec<(&str, V)>; 6] = [
        vec![("data_id", Int(40))],
        vec![("split_type", Int(1)), ("ext1", Float(0.8)), ("ext2", Null)],
        vec![
            ("x_cols", columns()),
            ("y_col", text("next_month")),
            ("pre_value", Int(1)),
            ("penalty", text("l2")),
            ("C", Int(1)),
            ("max_iter", Int(100)),
            ("senior", Bool(true)),
            ("class_weight", Null),
            ("dual", Bool(false)),
            ("fit_intercept", Bool(true)),
            ("intercept_scaling", Int(1)),
            ("multi_class", text("ovr")),
            ("n_jobs", Int(1)),
            ("random_state", Null),
            ("solver", text("liblinear")),
            ("tol", Float(0.0001)),
            ("verbose", Int(0)),
            ("warm_start", Bool(false)),
        ],
        vec![("x_cols", columns())],
        vec![("y_col", text("next_month")), ("pre_col", text("predict_result")), ("pre_value", Int(1))],
        vec![
            ("x_cols", columns()),
            ("y_col", text("next_month")),
            ("pre_value", Int(1)),
            ("n_estimators", Int(10)),
            ("max_depth", Int(5)),
            ("senior", Bool(true)),
            ("criterion", text("friedman_mse")),
            ("init", Null),
            ("learning_rate", Float(0.1)),
            ("loss", text("deviance")),
            ("max_features", Null),
            ("max_leaf_nodes", Null),
            ("min_impurity_decrease", Int(0)),
            ("min_impurity_split", Null),
            ("min_samples_leaf", Int(1)),
            ("min_samples_split", Int(2)),
            ("min_weight_fraction_leaf", Int(0)),
            ("presort", text("auto")),
            ("random_state", Null),
            ("subsample", Int(1)),
            ("verbose", Int(0)),
            ("warm_start", Bool(false)),
        ],
    ];
    for (operator, params) in dag.operators.iter_mut().zip(params) {
        operator.data_type = Some("本地python".into());
        operator.params = params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    }
    dag
}

fn input(name: &str, port_type: &str, source: (u32, u16), stands_for: Option<(u32, u16)>) -> BoundInput {
    BoundInput { name: name.into(), port_type: port_type.into(), source, stands_for }
}

#[test]
fn it_binds_with_one_warning() {
    let bound = bound(&seed_dag());
    let codes: Vec<&str> = bound.warnings.0.iter().map(|f| f.code).collect();
    assert_eq!(codes, ["model_stands_for_table"]);
    assert_eq!(
        bound.warnings.0[0].message,
        "the model of 'gbdt' arrives at input 0 (data) of 'predict', which takes a table: it stands for the table it was trained on, output 1 (test) of 'split'"
    );
    assert!(bound.ops.iter().all(|op| op.executor == "local" && !op.disabled));
    let predict = &bound.ops[3];
    assert_eq!(predict.inputs, [input("data", "data", (1, 1), Some((5, 0))), input("model", "model", (2, 0), None)]);
    assert_eq!(predict.predecessors, [1, 2, 5], "split for its table, regression, and GBDT whose edge it is");
    assert_eq!(bound.ops[4].inputs, [input("data", "data", (3, 0), None)]);
    assert_eq!(bound.ops[0].files[0].what, FileWhat::Dataset("40".into()));
    let split = Json::Object(bound.ops[1].params.clone());
    assert_eq!(split, json!({"ext1": 0.8, "ext2": null, "split_type": 1}));
}

#[test]
fn numbers_have_the_form_of_their_kind() {
    let bound = bound(&seed_dag());
    let (lr, gbdt) = (&bound.ops[2], &bound.ops[5]);
    assert_eq!(lr.params["C"].to_string(), "1.0");
    assert_eq!(lr.params["max_iter"].to_string(), "100");
    assert_eq!(gbdt.params["subsample"].to_string(), "1.0");
    assert_eq!(gbdt.params["presort"], json!("auto"), "legacy ones are kept as given, for the operator's note");
    assert!(!gbdt.key_params.contains("presort") && gbdt.key_params.contains("deviance"), "{}", gbdt.key_params);
}

/// The derivation keys of all operators, in order of the DAG's list.
fn derivations(bound: &Bound) -> Vec<String> {
    let mut keys = vec![None; bound.ops.len()];
    for at in [0, 1, 2, 5, 3, 4] {
        let op = &bound.ops[at];
        let files = if at == 0 { vec![("data_id".to_owned(), "b3:data".to_owned())] } else { vec![] };
        let own = self_hash(op, "env", 0, &files);
        let inputs: Vec<_> = op
            .inputs
            .iter()
            .map(|i| {
                (
                    i.name.as_str(),
                    i.port_type.as_str(),
                    output_of(keys[i.source.0 as usize].expect("in order"), i.source.1),
                )
            })
            .collect();
        keys[at] = Some(derivation(own, &inputs));
    }
    keys.into_iter().map(|key| key.expect("each has one").to_string()).collect()
}

/// Which operators' keys differ after a change of one parameter.
fn check(operator: usize, param: &str, value: Value, expected: &[usize]) {
    let before = derivations(&bound(&seed_dag()));
    let mut dag = seed_dag();
    dag.operators[operator].params.retain(|(name, _)| name != param);
    dag.operators[operator].params.push((param.into(), value));
    let after = derivations(&bound(&dag));
    let changed: Vec<usize> = (0..before.len()).filter(|i| before[*i] != after[*i]).collect();
    assert_eq!(changed, expected, "{param}");
}

#[test]
fn a_change_touches_what_depends_on_it_and_nothing_else() {
    check(2, "C", Float(0.5), &[2, 3, 4]);
    check(2, "C", Float(1.0), &[]);
    check(2, "n_jobs", Int(8), &[]);
    check(1, "ext2", Int(7), &[1, 2, 3, 4, 5]);
    check(4, "pre_value", Int(0), &[4]);
    // Predict reads the table GBDT was trained on and not its model.
    check(5, "n_estimators", Int(20), &[5]);
    check(0, "data_id", text("40"), &[]);
}

/// A file of this repository.
fn repository(path: &str) -> Vec<u8> {
    let path = format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn shipped() -> Catalogue {
    let manifest =
        read_manifest(&repository("python/suanzi/operators/manifest.json")).expect("the shipped manifest reads");
    let mut catalogue = Catalogue::new();
    catalogue.add(manifest, origin("suanzi")).expect("the shipped operators are consistent");
    catalogue
}

#[test]
fn the_file_itself_binds_to_the_shipped_operators() {
    let document = suanzi_dag::read(repository("examples/seed-dag.yaml"), &Limits::file()).expect("the seed reads");
    let bound =
        bind(&document.dag, &document, &shipped(), &BindOptions::default()).unwrap_or_else(|faults| panic!("{faults}"));
    let said: Vec<String> =
        bound.warnings.0.iter().map(|f| format!("{} at line {}", f.code, f.place.map_or(0, |p| p.line))).collect();
    assert_eq!(said, ["model_stands_for_table at line 7"]);
    let predict = &bound.ops[3];
    assert_eq!(predict.inputs[0], input("data", "data", (1, 1), Some((5, 0))));
    assert_eq!(predict.inputs[1], input("model", "model", (2, 0), None));
    assert_eq!(bound.ops[0].files[0].what, FileWhat::Dataset("40".into()));
}

#[test]
fn shipped_declarations_keep_their_word() {
    for kind in shipped().iter() {
        kind.spec.params.iter().for_each(schemas::check);
    }
}

#[test]
fn faults_of_a_file_have_its_lines() {
    let text = String::from_utf8(repository("examples/seed-dag.yaml")).expect("UTF-8");
    let broken = text
        .replace("    C: 1\n", "    C: -1\n")
        .replace("    n_estimators: 10\n", "    n_estimators: many\n")
        .replace("   algo_name: algo_local_split_data\n", "   algo_name: algo_local_splitdata\n")
        .replace("\"source_index\":0,\"target_index\":1}", "\"source_index\":4,\"target_index\":1}");
    let document = suanzi_dag::read(broken.as_bytes(), &Limits::file()).expect("its shape is right");
    let faults = bind(&document.dag, &document, &shipped(), &BindOptions::default()).expect_err("four faults");
    let line_of = |part: &str| 1 + broken.lines().position(|line| line.contains(part)).expect("it is there") as u32;
    let found: Vec<(&str, u32)> =
        faults.0.iter().filter(|f| !f.warning).map(|f| (f.code, f.place.map_or(0, |p| p.line))).collect();
    let expected = [
        ("port_index", line_of("\"source_index\":4")),
        ("unknown_algorithm", line_of("algo_name: algo_local_splitdata")),
        ("param_range", line_of("C: -1")),
        ("param_type", line_of("n_estimators: many")),
    ];
    assert_eq!(found, expected, "and none that only follows from another");
}
