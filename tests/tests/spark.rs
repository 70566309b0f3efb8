//! The credit pipeline on a real Spark, against scikit-learn's result in the same run. Run by `make test-spark`, which starts it.

use suanzi_tests::{Report, Suanzi, python, repository};

const ROWS: u32 = 5_000;
/// By how much a figure of the two may differ: both minimise the same objective, to the optimisers' tolerances.
const TOLERANCE: f64 = 1e-3;

fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run this through `make test-spark`"))
}

fn example(path: &str) -> String {
    repository::root().join("examples").join(path).to_string_lossy().into_owned()
}

/// A home with the example's dataset and the cluster configured.
fn home(url: &str, token_file: &str) -> Suanzi {
    let suanzi = Suanzi::new();
    let csv = suanzi.dir().join("credit.csv");
    python::credit_data(&csv, ROWS);
    suanzi.run(["dataset", "add", "40", &csv.to_string_lossy()]).success();
    let interpreter = setting("SUANZI_SPARK_PYTHON");
    let text = format!(
        r#"{{"spark": {{"type": "spark", "url": "{url}", "token_file": "{token_file}", "python": "{interpreter}", "slots": 2}}}}"#
    );
    suanzi.write("home/executors.json", text);
    suanzi
}

#[test]
fn the_credit_pipeline_agrees_with_scikit_learn() {
    let suanzi = home(&setting("SUANZI_SPARK_URL"), &setting("SUANZI_SPARK_TOKEN_FILE"));
    let (dag, operators) = (example("spark/credit.yaml"), example("spark/operators"));
    let report = Report(suanzi.json(["run", &dag, "--operators", &operators, "--quiet", "--json"]));
    assert_eq!(report.status(), "success");
    for name in ["auc", "ks", "f1", "accuracy", "log_loss", "brier"] {
        let (here, there) = (report.metric("judge", name), report.metric("spark_judge", name));
        println!("{name}: scikit-learn {here}, Spark {there}");
        assert!((here - there).abs() <= TOLERANCE, "{name}: {here} here, {there} on Spark");
    }
    assert!(report.metric("judge", "auc") > 0.6, "they agree on something");
}

#[test]
fn the_seeds_dag_stays_where_its_operators_run_and_says_so() {
    let suanzi = home(&setting("SUANZI_SPARK_URL"), &setting("SUANZI_SPARK_TOKEN_FILE"));
    let output = suanzi.run(["run", &example("seed-dag.yaml"), "--executor", "spark"]).success();
    assert!(output.stderr.contains("executor_kept"), "{output:?}");
}

#[test]
fn what_is_wrong_with_the_cluster_is_said_before_anything_begins() {
    let wrong = "a-token-that-nobody-may-see";
    let dir = Suanzi::new();
    let token = dir.write("token", wrong).to_string_lossy().into_owned();
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    let (dag, operators) = (example("spark/credit.yaml"), example("spark/operators"));
    for url in [setting("SUANZI_SPARK_URL"), format!("sc://localhost:{port}")] {
        let suanzi = home(&url, &token);
        let output = suanzi.run(["run", &dag, "--operators", &operators]);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains(&format!("executor spark: {url}")), "{output:?}");
        assert!(!output.stderr.contains(wrong) && !output.stderr.contains("Traceback"), "{output:?}");
        assert_eq!(output.stderr.lines().filter(|line| line.starts_with("error:")).count(), 1, "{output:?}");
        println!("{}", output.stderr);
    }
}
