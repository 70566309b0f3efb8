//! Each DAG in `examples/` runs as its first lines say, and gives sensible figures.

use std::collections::BTreeSet;
use std::path::PathBuf;
use suanzi_tests::{Report, Suanzi, python, repository};

fn example(name: &str) -> String {
    repository::root().join("examples").join(name).to_string_lossy().into_owned()
}

fn run(suanzi: &Suanzi, name: &str, flags: &[&str]) -> Report {
    let file = example(name);
    let report = Report(suanzi.json(["run", &*file, "--quiet", "--json"].iter().chain(flags)));
    assert_eq!(report.status(), "success", "{name}: {}", report.0);
    report
}

#[test]
fn every_example_is_run_somewhere() {
    // The mission's DAG has a file of tests of its own.
    let run_here: BTreeSet<&str> =
        ["regression.yaml", "multiclass.yaml", "clustering.yaml", "own-operator.yaml", "credit-mended.yaml"].into();
    for path in
        repository::tracked().iter().filter(|p| p.starts_with("examples") && p.extension().is_some_and(|e| e == "yaml"))
    {
        let name = path.file_name().expect("a file has a name").to_string_lossy();
        assert!(run_here.contains(&*name) || name == "seed-dag.yaml", "{name} is run by no test");
    }
}

#[test]
fn regression() {
    let report = run(&Suanzi::new(), "regression.yaml", &[]);
    for operator in ["eval_linear", "eval_forest"] {
        let r2 = report.metric(operator, "r2");
        assert!((0.2..0.7).contains(&r2), "{operator}: R² {r2}");
    }
}

#[test]
fn multiclass() {
    let report = run(&Suanzi::new(), "multiclass.yaml", &[]);
    assert!(report.metric("eval", "accuracy") > 0.85, "{}", report.0["metrics"]);
}

#[test]
fn clustering() {
    let report = run(&Suanzi::new(), "clustering.yaml", &[]);
    assert!(report.metric("quality", "silhouette") > 0.5, "{}", report.0["metrics"]);
    assert_eq!(report.metric("quality", "clusters"), 3.0);
}

#[test]
fn own_operators_log_and_are_cached_like_others() {
    let suanzi = Suanzi::new();
    let operators = example("own-operators");
    let flags = ["--operators", &*operators];
    let report = run(&suanzi, "own-operator.yaml", &flags);
    assert!(report.metric("eval", "auc") > 0.9, "{}", report.0["metrics"]);
    let again = run(&suanzi, "own-operator.yaml", &flags);
    assert_eq!(again.cached(), report.took_part(), "nothing has changed");
}

#[test]
fn own_operators_pass_the_contract_suite() {
    let script = PathBuf::from(example("own-operators"));
    let code = format!(
        "import sys; sys.path.insert(0, {:?})\n\
         import pandas as pd\n\
         from credit_ratios import ratio\n\
         from train_by_epoch import train_by_epoch\n\
         from suanzi.sdk import check_operator\n\
         frame = pd.DataFrame({{'a': range(40), 'b': [0, 1] * 20}})\n\
         faults = check_operator(ratio, {{'data': frame}}, {{'numerator': 'a', 'denominator': 'b'}})\n\
         faults += check_operator(train_by_epoch, {{'data': frame}}, {{'x_cols': ['a'], 'y_col': 'b', 'epochs': 2}})\n\
         assert not faults, faults\n\
         print('no faults')",
        script
    );
    assert_eq!(python::run(&["-c", &code]).trim(), "no faults");
}

#[test]
fn mended_credit_pipeline_beats_the_unscaled_one() {
    let suanzi = Suanzi::new();
    let csv = suanzi.dir().join("credit.csv");
    python::credit_data(&csv, 5_000);
    suanzi.run(["dataset", "add", "40", &*csv.to_string_lossy()]).success();
    let seed = run(&suanzi, "seed-dag.yaml", &[]);
    let mended = run(&suanzi, "credit-mended.yaml", &[]);
    let before = seed.metric("algo_local_model_2c_eval_45_1517362022452", "auc");
    let after = mended.metric("eval_regression", "auc");
    assert!(after > before + 0.02, "AUC {before} before, {after} after");
}
