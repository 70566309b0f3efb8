//! The library as users meet it: what is listed, what can't be used yet, and a registered model that scores in the same run.

use suanzi_tests::{Report, Suanzi};

const NEEDY: &str = r#"
from suanzi.sdk import Table, operator


@operator(name_en="Needy", name_zh="依赖", doc_en="Needs what nobody has.", requires={"no_such_module_": "no-such-package"})
def needy(data: Table) -> Table:
    return data
"#;

#[test]
fn the_list_says_what_is_not_installed_and_how_to_install_it() {
    let suanzi = Suanzi::new();
    suanzi.write("own/needy.py", NEEDY);
    let own = suanzi.dir().join("own").to_string_lossy().into_owned();
    let all = suanzi.json(["operators", "--json", "--schema", "--operators", &*own]);
    let all = all.as_array().expect("a list");
    let of = |name: &str| all.iter().find(|o| o["algo_name"] == name).unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(of("needy")["available"], false);
    assert_eq!(of("needy")["install"], "pip install no-such-package");
    assert_eq!(of("noop")["available"], true);
    assert!(of("noop").get("install").is_none());
    for operator in all {
        for key in ["algo_name", "name_en", "name_zh", "category", "inputs", "outputs", "schema"] {
            assert!(!operator[key].is_null(), "{key} of {}", operator["algo_name"]);
        }
    }
}

const BATCH: &str = "
dag:
 name: batch
 operator_list: [data, train, register, batch, predict, eval_batch, eval_predict]
 operator_rels:
  data:
   - {target: train, source_index: 0, target_index: 0}
   - {target: batch, source_index: 0, target_index: 1}
   - {target: predict, source_index: 0, target_index: 1}
  train:
   - {target: register, source_index: 0, target_index: 0}
   - {target: predict, source_index: 0, target_index: 0}
  register: [{target: batch, source_index: 0, target_index: 0}]
  batch: [{target: eval_batch, source_index: 0, target_index: 0}]
  predict: [{target: eval_predict, source_index: 0, target_index: 0}]
 operator_details:
  data: {algo_name: sample_dataset, params: {name: breast_cancer}}
  train: {algo_name: gbdt, params: {y_col: target, max_iter: 5}}
  register: {algo_name: register_model, params: {name: cancer}}
  batch: {algo_name: batch_predict, params: {batch_rows: 100, keep: [target]}}
  predict: {algo_name: predict}
  eval_batch: {algo_name: eval_binary, params: {y_col: target}}
  eval_predict: {algo_name: eval_binary, params: {y_col: target}}
";

#[test]
fn a_registered_model_scores_as_the_model_itself() {
    let suanzi = Suanzi::new();
    suanzi.write("batch.yaml", BATCH);
    let file = suanzi.dir().join("batch.yaml").to_string_lossy().into_owned();
    let report = Report(suanzi.json(["run", &*file, "--quiet", "--json"]));
    assert_eq!(report.status(), "success", "{}", report.0);
    for figure in ["auc", "ks", "accuracy"] {
        assert_eq!(report.metric("eval_batch", figure), report.metric("eval_predict", figure), "{figure}");
    }
}

const CHECKED: &str = r#"
from suanzi.sdk import Metrics, Table, operator


@operator(name_en="Fine", name_zh="好", doc_en="Counts rows.")
def fine(data: Table) -> Metrics:
    return {"rows": len(data)}


@operator(name_en="Careless", name_zh="粗心", doc_en="Takes the first row.")
def careless(data: Table) -> Metrics:
    return {"first": str(data.iloc[0].tolist())}
"#;

#[test]
fn the_contract_suite_finds_a_careless_operator() {
    let suanzi = Suanzi::new();
    suanzi.write("own/checked.py", CHECKED);
    let own = suanzi.dir().join("own").to_string_lossy().into_owned();
    let output = suanzi.run(["operators", "check", "--operators", &*own]).exits(1);
    let text = &output.stdout;
    assert!(text.contains("passed   fine") && text.contains("failed   careless"), "{text}");
    assert!(text.contains("raised_on_odd_table: no rows"), "{text}");
    suanzi.run(["operators", "check", "--operators", &*own, "fine"]).success();
    suanzi.run(["operators", "check", "standardize", "noop", "sk_robust_scaler"]).success();
    let output = suanzi.run(["operators", "check", "standardise"]).exits(2);
    let text = &output.stderr;
    assert!(text.contains("no operator 'standardise'") && text.contains("did you mean 'standardize'?"), "{text}");
    let output = suanzi.run(["operators", "check", "--operators", "no-such-directory"]).exits(2);
    assert!(output.stderr.contains("no-such-directory is not a directory"));
    // A name behind the verb still shows that operator.
    suanzi.run(["operators", "standardize"]).success();
}
