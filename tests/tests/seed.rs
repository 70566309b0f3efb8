//! The mission's DAG, verbatim: it runs, is cached, and its parts run as breadth-first search says.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use suanzi_tests::graph::Graph;
use suanzi_tests::python::{self, Starts};
use suanzi_tests::{Report, Suanzi, repository};

const READ: &str = "algo_local_read_file_45_1517360824080";
const SPLIT: &str = "algo_local_split_data_45_1517360836712";
const REGRESSION: &str = "algo_local_model_2c_l_45_1517362008544";
const PREDICT: &str = "algo_local_model_predict_45_1517362016532";
const EVAL: &str = "algo_local_model_2c_eval_45_1517362022452";
const GBDT: &str = "algo_local_model_gbdt_111_1517801573063";

/// The edges as they are drawn, copied by hand from the file.
const EDGES: &[(&str, &str)] =
    &[(READ, SPLIT), (SPLIT, REGRESSION), (SPLIT, GBDT), (PREDICT, EVAL), (GBDT, PREDICT), (REGRESSION, PREDICT)];

const ROWS: u32 = 5_000;
/// A fifth is held out.
const HELD_OUT_ROWS: u32 = ROWS / 5;

fn graph() -> Graph {
    let nodes = [READ, SPLIT, REGRESSION, PREDICT, EVAL, GBDT].map(str::to_string).to_vec();
    Graph { nodes, edges: EDGES.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect() }
}

fn example(name: &str) -> PathBuf {
    repository::root().join("examples").join(name)
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| id.to_string()).collect()
}

/// A home with synthetic data as dataset 40.
fn with_data() -> Suanzi {
    let suanzi = Suanzi::new();
    let csv = suanzi.dir().join("credit.csv");
    python::credit_data(&csv, ROWS);
    suanzi.run(["dataset", "add", "40", &csv.to_string_lossy()]).success();
    suanzi
}

fn run(suanzi: &Suanzi, file: &Path, flags: &[&str]) -> Report {
    let file = file.to_string_lossy();
    // The file comes first: `--only` takes all words that follow.
    let args = ["run", &*file, "--quiet", "--json"];
    Report(suanzi.json(args.iter().chain(flags)))
}

#[test]
fn it_runs_and_is_evaluated_on_held_out_rows() {
    let suanzi = with_data();
    let report = run(&suanzi, &example("seed-dag.yaml"), &[]);
    assert_eq!(report.status(), "success");
    assert_eq!(report.executed(), graph().nodes.iter().cloned().collect());
    assert_eq!(report.operator(SPLIT)["outputs"][0]["rows"], ROWS - HELD_OUT_ROWS);
    assert_eq!(report.operator(SPLIT)["outputs"][1]["rows"], HELD_OUT_ROWS);
    assert_eq!(
        report.operator(PREDICT)["outputs"][0]["rows"],
        HELD_OUT_ROWS,
        "the model is judged by rows it never saw"
    );
    assert!((0.6..0.9).contains(&report.metric(EVAL, "accuracy")));
    // How many of the rows are flagged (two, three) depends on the processor's arithmetic, and with it whether this is found.
    assert!(report.finding_codes(EVAL).iter().all(|code| *code == "one_class"));

    let again = Report(suanzi.json(["runs", "show", report.run_id(), "--json"]));
    assert_eq!(again.0["operators"], report.0["operators"]);
    assert_eq!(again.0["metrics"], report.0["metrics"]);
}

#[test]
fn a_second_run_starts_no_python() {
    let mut suanzi = with_data();
    let starts = Starts::watch(&mut suanzi);
    let file = example("seed-dag.yaml");
    let first = run(&suanzi, &file, &[]);
    let started = starts.count();
    assert!(started > 0, "the first run needs Python, and the count must see it");
    let second = run(&suanzi, &file, &[]);
    assert_eq!(second.status(), "success");
    assert_eq!(second.cached(), first.executed());
    assert_eq!(second.0["metrics"], first.0["metrics"]);
    suanzi.run(["plan".as_ref(), file.as_os_str()]).success();
    suanzi.run(["validate".as_ref(), file.as_os_str()]).success();
    suanzi.run(["runs"]).success();
    suanzi.run(["logs", "@1"]).success();
    assert_eq!(starts.count(), started, "a cached run, plan, validate, runs and logs start no Python");
}

#[test]
fn a_changed_parameter_runs_exactly_what_depends_on_it() {
    let suanzi = with_data();
    let text = std::fs::read_to_string(example("seed-dag.yaml")).expect("the example is there");
    let file = suanzi.write("dag.yaml", &text);
    let first = run(&suanzi, &file, &[]);
    let edited = text.replacen("    C: 1\n", "    C: 0.01\n", 1);
    assert_ne!(edited, text);
    suanzi.write("dag.yaml", edited);
    let second = run(&suanzi, &file, &[]);
    assert_eq!(second.executed(), set(&[REGRESSION, PREDICT, EVAL]));
    assert_eq!(second.cached(), set(&[READ, SPLIT, GBDT]));
    assert_ne!(second.metric(EVAL, "auc"), first.metric(EVAL, "auc"));
}

/// `-` reads the DAG from standard input; cached results don't care where the text came from.
#[test]
fn standard_input_is_a_file_too() {
    let suanzi = with_data();
    let text = std::fs::read(example("seed-dag.yaml")).expect("the example is there");
    let first = Report(suanzi.run_with_stdin(["run", "-q", "--json", "-"], &text).success().json());
    assert_eq!(first.executed().len(), 6);
    let second = run(&suanzi, &example("seed-dag.yaml"), &[]);
    assert_eq!(second.cached(), first.executed());
}

#[test]
fn parts_run_as_breadth_first_search_says() {
    let suanzi = with_data();
    let file = example("seed-dag.yaml");
    run(&suanzi, &file, &[]);
    let graph = graph();
    for id in &graph.nodes {
        let below = graph.below(&[id]);
        let from = run(&suanzi, &file, &["--from", id]);
        assert_eq!((from.took_part(), from.executed()), (below.clone(), below), "--from {id}");

        let above = graph.above(&[id]);
        let to = run(&suanzi, &file, &["--to", id]);
        assert_eq!((to.took_part(), to.cached()), (above.clone(), above), "--to {id}");

        let only = run(&suanzi, &file, &["--only", id]);
        assert_eq!((only.took_part(), only.executed()), (set(&[id]), set(&[id])), "--only {id}");
    }
}

#[test]
fn several_parts_at_once() {
    let suanzi = with_data();
    let file = example("seed-dag.yaml");
    run(&suanzi, &file, &[]);
    let graph = graph();
    let both = |a: BTreeSet<String>, b: BTreeSet<String>| -> BTreeSet<String> { a.intersection(&b).cloned().collect() };
    let mut only_and_from = graph.below(&[PREDICT]);
    only_and_from.insert(READ.to_string());
    let cases: &[(&[&str], BTreeSet<String>)] = &[
        (&["--from", GBDT, "--from", EVAL], graph.below(&[GBDT, EVAL])),
        (&["--from", GBDT, "--from", REGRESSION], graph.below(&[GBDT, REGRESSION])),
        (&["--to", GBDT, "--to", REGRESSION, "--no-cache"], graph.above(&[GBDT, REGRESSION])),
        (&["--from", SPLIT, "--to", GBDT], both(graph.below(&[SPLIT]), graph.above(&[GBDT]))),
        (&["--only", READ, "--only", EVAL], set(&[READ, EVAL])),
        (&["--only", READ, "--from", PREDICT], only_and_from),
    ];
    for (flags, expected) in cases {
        let report = run(&suanzi, &file, flags);
        assert_eq!(report.status(), "success");
        assert_eq!((&report.took_part(), &report.executed()), (expected, expected), "{flags:?}");
    }
    // From A to B where no path leads from A to B.
    let none = suanzi.run([
        "run".as_ref(),
        file.as_os_str(),
        "--from".as_ref(),
        EVAL.as_ref(),
        "--to".as_ref(),
        READ.as_ref(),
    ]);
    let none = none.exits(2);
    assert!(none.stderr.contains("nothing is selected") && none.stderr.contains("hint:"), "{none}");
}

/// A part whose inputs nobody made is refused by name, with the command that would make them.
#[test]
fn a_part_without_its_inputs_is_refused() {
    let suanzi = with_data();
    let file = example("seed-dag.yaml");
    let refused = suanzi.run(["run".as_ref(), file.as_os_str(), "--only".as_ref(), EVAL.as_ref()]).exits(2);
    assert!(refused.stderr.contains(PREDICT), "it names the operator whose output is missing: {refused}");
    assert!(refused.stderr.contains("--to"), "it says how to make it: {refused}");
    assert_eq!(suanzi_tests::rows::runs(&suanzi.home()), 0, "nothing began");
}

#[test]
fn what_failed_runs_again_and_nothing_else() {
    let suanzi = with_data();
    let text = std::fs::read_to_string(example("seed-dag.yaml")).expect("the example is there");
    let broken = text.replacen(
        "    y_col: next_month\n    pre_value: 1\n    penalty",
        "    y_col: nobody\n    pre_value: 1\n    penalty",
        1,
    );
    assert_ne!(broken, text);
    let file = suanzi.write("dag.yaml", broken);
    let first = suanzi.run(["run", "-q", "--json", &file.to_string_lossy()]).exits(1);
    let first = Report(first.json());
    assert_eq!(first.status(), "failed");
    assert_eq!(first.executed(), set(&[READ, SPLIT, GBDT]), "a failed operator stops only what depends on it");
    assert_eq!(first.operator(REGRESSION)["status"], "failed");
    suanzi.write("dag.yaml", &text);
    let second = run(&suanzi, &file, &["--failed"]);
    assert_eq!(second.status(), "success");
    assert_eq!(second.took_part(), set(&[REGRESSION, PREDICT, EVAL]));
    assert_eq!(second.executed(), second.took_part());
}

/// The figures that are known of the data the DAG was drawn for.
#[test]
fn the_real_data_gives_the_known_figures() {
    let Some(csv) = repository::shared("credit_default.csv") else { return };
    let suanzi = Suanzi::new();
    suanzi.run(["dataset", "add", "40", &csv.to_string_lossy()]).success();
    let within = |what: &str, value: f64, range: RangeInclusive<f64>| {
        assert!(range.contains(&value), "{what} is {value}, expected {range:?}");
    };
    let seed = run(&suanzi, &example("seed-dag.yaml"), &[]);
    assert_eq!(seed.executed().len(), 6);
    assert_eq!(seed.operator(PREDICT)["outputs"][0]["rows"], 6_000);
    within("accuracy", seed.metric(EVAL, "accuracy"), 0.77..=0.80);
    within("AUC", seed.metric(EVAL, "auc"), 0.64..=0.67);
    assert_eq!(seed.finding_codes(EVAL), ["one_class"]);

    let mended = run(&suanzi, &example("credit-mended.yaml"), &[]);
    assert_eq!(mended.status(), "success");
    within("mended AUC", mended.metric("eval_regression", "auc"), 0.71..=0.74);
    within("GBDT AUC", mended.metric("eval_gbdt", "auc"), 0.77..=0.79);
    within("GBDT KS", mended.metric("eval_gbdt", "ks"), 0.41..=0.46);
    assert!(!mended.finding_codes("eval_regression").contains(&"one_class"));
}
