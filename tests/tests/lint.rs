//! The linter from outside: what it tells, what it mends in the file, and that a mended pipeline runs.

use suanzi_tests::{DagText, Op, Suanzi, repository};

fn leaking() -> String {
    let dag = DagText::new("leaking")
        .op(Op::new("read", "sample_dataset").param("name", "breast_cancer"))
        .op(Op::new("scale", "standardize").param("exclude", vec!["target"]))
        .op(Op::new("split", "split").param("stratify", "target"))
        .op(Op::new("train", "logistic_regression").param("y_col", "target"))
        .op(Op::new("predict", "predict"))
        .op(Op::new("eval", "eval_binary").param("y_col", "target"));
    let dag = dag.edge("read", 0, "scale", 0).edge("scale", 0, "split", 0).edge("split", 0, "train", 0);
    let dag = dag.edge("train", 0, "predict", 0).edge("split", 0, "predict", 1).edge("predict", 0, "eval", 0);
    format!("# mine\n{}", dag.yaml())
}

#[test]
fn findings_are_told_and_mended_in_the_file() {
    let suanzi = Suanzi::new();
    let file = suanzi.write("dag.yaml", leaking());
    let told = suanzi.run(["lint", "dag.yaml"]).exits(1);
    for word in ["[fit_before_split]", "[evaluation_on_training_rows]", "'scale'", "'eval'", "hint: ", "(--fix)"] {
        assert!(told.stdout.contains(word), "{word}: {told}");
    }
    let rows = suanzi.run(["lint", "dag.yaml", "--json"]).exits(1).json();
    assert_eq!(rows[0]["findings"].as_array().map(Vec::len), Some(2), "{rows}");
    assert!(rows[0]["findings"][0]["message"]["zh"].as_str().is_some_and(|zh| zh.contains("拆分")), "{rows}");

    let mended = suanzi.run(["lint", "dag.yaml", "--fix"]).success();
    assert!(mended.stderr.contains("fixed fit_before_split"), "{mended}");
    let text = std::fs::read_to_string(&file).expect("a file");
    assert!(text.starts_with("# mine\n") && text.contains("apply_transform"), "{text}");
    suanzi.run(["lint", "dag.yaml"]).success();
    suanzi.run(["run", "dag.yaml", "-q"]).success();
}

#[test]
fn its_language_is_the_terminals() {
    let mut suanzi = Suanzi::new();
    suanzi.write("dag.yaml", leaking());
    suanzi.set_env("LANG", "zh_CN.UTF-8");
    suanzi.set_env("LC_ALL", "zh_CN.UTF-8");
    let told = suanzi.run(["lint", "dag.yaml"]).exits(1);
    assert!(told.stdout.contains("测试集"), "{told}");
}

#[test]
fn what_is_no_dag_is_refused_as_elsewhere() {
    let suanzi = Suanzi::new();
    let seed = repository::root().join("examples/seed-dag.yaml");
    let told = suanzi.run(["lint".as_ref(), seed.as_os_str()]).success();
    assert!(told.stderr.contains("nothing found"), "{told}");
    suanzi.write("broken.yaml", "dag: [\n");
    let refused = suanzi.run(["lint", "broken.yaml"]).exits(2);
    assert!(refused.stderr.contains("broken.yaml:") && refused.stdout.is_empty(), "{refused}");
    let before =
        std::fs::read(suanzi.write("bad.yaml", leaking().replace("logistic_regression", "logistic"))).expect("it");
    suanzi.run(["lint", "bad.yaml", "--fix"]).exits(2);
    assert_eq!(std::fs::read(suanzi.dir().join("bad.yaml")).expect("a file"), before, "nothing is written");
    suanzi.run(["lint", "nowhere.yaml"]).exits(2);
    suanzi.run(["lint"]).exits(2);
}
