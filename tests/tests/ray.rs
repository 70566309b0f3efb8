//! The mission's DAG on a real Ray cluster, unchanged: same metrics as here. Run by `make test-ray`, which starts the cluster.

use std::time::Instant;
use suanzi_tests::{Report, Suanzi, python, repository};

const ROWS: u32 = 2_000;

fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run this through `make test-ray`"))
}

/// A home with the seed's dataset and the cluster configured.
fn home(token_file: &str) -> Suanzi {
    let suanzi = Suanzi::new();
    let csv = suanzi.dir().join("credit.csv");
    python::credit_data(&csv, ROWS);
    suanzi.run(["dataset", "add", "40", &csv.to_string_lossy()]).success();
    let url = setting("SUANZI_RAY_URL");
    let text = format!(r#"{{"ray": {{"type": "ray", "url": "{url}", "token_file": "{token_file}", "slots": 4}}}}"#);
    suanzi.write("home/executors.json", text);
    suanzi
}

fn seed() -> String {
    repository::root().join("examples/seed-dag.yaml").to_string_lossy().into_owned()
}

#[test]
fn the_seeds_dag_has_the_same_metrics_on_ray() {
    let suanzi = home(&setting("SUANZI_RAY_TOKEN_FILE"));
    let file = seed();
    let began = Instant::now();
    let local = Report(suanzi.json(["run", &file, "--quiet", "--json"]));
    let here = began.elapsed();
    let began = Instant::now();
    let there = Report(suanzi.json(["run", &file, "--quiet", "--json", "--no-cache", "--executor", "ray"]));
    println!("the whole command: {here:?} here, {:?} on Ray", began.elapsed());
    assert_eq!(there.status(), "success");
    assert_eq!(there.executed(), local.executed());
    assert_eq!(there.0["metrics"], local.0["metrics"]);
}

/// One operator on the cluster in a pipeline that runs here, with a resource that only one node has.
#[test]
fn one_operator_goes_where_its_resources_are() {
    let suanzi = home(&setting("SUANZI_RAY_TOKEN_FILE"));
    let text = std::fs::read_to_string(seed()).expect("the seed");
    let place = text.find("algo_name:").expect("an operator");
    let indent: String = text[..place].rsplit('\n').next().expect("a line").replace('-', " ");
    let with = |resource: &str| {
        let keys = format!("executor: ray\n{indent}resources:\n{indent}  {resource}: 1\n{indent}");
        format!("{}{keys}{}", &text[..place], &text[place..])
    };
    let file = suanzi.write("two.yaml", with("two"));
    let report = Report(suanzi.json(["run", &file.to_string_lossy(), "--quiet", "--json"]));
    assert_eq!(report.status(), "success");
    let file = suanzi.write("three.yaml", with("three"));
    let output = suanzi.run(["run", &file.to_string_lossy(), "--no-cache"]);
    assert_eq!(output.code, Some(1), "{output:?}");
    for part in ["no node has", "three 1", "two 1"] {
        assert!(output.stderr.contains(part) || output.stdout.contains(part), "{part}: {output:?}");
    }
}

#[test]
fn a_wrong_token_is_said_before_anything_begins() {
    let wrong = "a-token-that-nobody-may-see";
    let suanzi = home("nowhere");
    let token = suanzi.write("token", wrong);
    let text = std::fs::read_to_string(suanzi.home().join("executors.json")).expect("the file");
    suanzi.write("home/executors.json", text.replace("nowhere", &token.to_string_lossy()));
    let output = suanzi.run(["run", &seed(), "--executor", "ray"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("executor ray:") && output.stderr.contains("token"), "{output:?}");
    assert!(!output.stderr.contains(wrong), "{output:?}");
}
