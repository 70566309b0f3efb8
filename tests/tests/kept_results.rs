//! Kept results and registered models, from outside: list, verify, collect, clear; a collected result is made again.

use suanzi_tests::small_python::SmallPython;
use suanzi_tests::{DagText, Op, Report, Suanzi};

const TABLES: &str = "\
import itertools, os
import pandas as pd
from suanzi.sdk import Metrics, Table, operator


@operator
def steady(*, rows: int = 1000) -> Table:
    return pd.DataFrame({'n': range(rows)})


@operator
def fickle(data: Table) -> Table:
    return data.assign(n=int.from_bytes(os.urandom(4), 'big'))
";

/// As `docs/guide/partial-runs-and-cache.md` says.
const RUNS_BETWEEN_COLLECTIONS: u32 = 16;

fn project() -> Suanzi {
    let mut suanzi = Suanzi::new();
    SmallPython::install(&mut suanzi, &SmallPython::ask());
    suanzi.write("mine/tables.py", TABLES);
    let dag = DagText::new("tables").op(Op::new("steady", "steady")).op(Op::new("fickle", "fickle"));
    suanzi.write("dag.yaml", dag.edge("steady", 0, "fickle", 0).yaml());
    run(&suanzi);
    suanzi
}

fn run(suanzi: &Suanzi) -> Report {
    Report(suanzi.run(["run", "dag.yaml", "-q", "--json", "--operators", "mine"]).success().json())
}

/// Files with the first rows of collected tables.
fn previews(dir: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.path() {
            path if path.is_dir() => previews(&path),
            path => usize::from(path.to_string_lossy().ends_with(".preview.arrow")),
        })
        .sum()
}

#[test]
fn results_are_listed_and_collected_and_made_again() {
    let suanzi = project();
    assert_eq!(run(&suanzi).cached().len(), 2);
    let listed = suanzi.json(["cache", "list", "--json"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
    let kept = suanzi.run(["cache", "gc", "--max-size", "1GiB"]).success();
    assert!(kept.stderr.contains("removed 0 artifacts"), "{kept}");
    let cleared = suanzi.run(["cache", "clear"]).success();
    assert!(cleared.stderr.contains("removed 2 artifacts"), "{cleared}");
    assert_eq!(suanzi.json(["cache", "list", "--json"]).as_array().map(Vec::len), Some(0));
    let first_rows = || previews(&suanzi.home().join("artifacts"));
    assert_eq!(first_rows(), 2, "their first rows stay");
    suanzi.run(["cache", "gc", "--max-size", "1GiB"]).success();
    assert_eq!(first_rows(), 2, "and are no leftovers");
    let shown = suanzi.json(["runs", "show", "@1", "--json"]);
    assert_eq!(shown["operators"][0]["outputs"][0]["evicted"], true, "{shown}");
    assert_eq!(run(&suanzi).executed().len(), 2, "what was collected is made again");
}

#[test]
fn an_operator_that_is_fickle_and_does_not_say_so_is_found() {
    let suanzi = project();
    let verified = suanzi.run(["cache", "verify", "--sample", "5"]).exits(1);
    assert!(verified.stdout.contains("fickle, output 0"), "{verified}");
    assert!(!verified.stdout.contains("steady, output 0"), "{verified}");
    assert!(verified.stderr.contains("deterministic=False"), "{verified}");
}

#[test]
fn a_model_is_registered_with_its_schema() {
    let suanzi = Suanzi::new();
    suanzi.write("t.csv", "x,z,y\n1,0,0\n2,1,0\n3,0,1\n4,1,1\n5,0,1\n0,1,0\n");
    let dag = DagText::new("register")
        .op(Op::new("read", "read_csv").param("path", "t.csv"))
        .op(Op::new("train", "logistic_regression").param("y_col", "y"))
        .op(Op::new("register", "register_model").param("name", "credit"));
    let dag = dag.edge("read", 0, "train", 0).edge("train", 0, "register", 0);
    suanzi.write("dag.yaml", dag.yaml());
    suanzi.run(["run", "dag.yaml", "-q"]).success();
    let models = suanzi.json(["models", "--json"]);
    assert_eq!((&models[0]["name"], &models[0]["version"]), (&"credit".into(), &1.into()), "{models}");
    let manifest = models[0]["manifest"].to_string();
    assert!(manifest.contains("\"x\"") && manifest.contains("\"z\""), "its input schema names the columns: {manifest}");
}

#[test]
fn doctor_finds_a_working_installation_and_names_a_missing_interpreter() {
    let mut suanzi = Suanzi::new();
    let well = suanzi.json(["doctor", "--json"]);
    assert_eq!(well["ok"], true, "{well}");
    suanzi.set_env("SUANZI_PYTHON", "/nowhere/python");
    let ill = suanzi.run(["doctor"]).exits(1);
    assert!(ill.stdout.contains("/nowhere/python") && ill.stdout.contains("→"), "{ill}");
}

/// Now and then a run makes room by itself.
#[test]
fn old_results_make_room_by_themselves() {
    let mut suanzi = project();
    suanzi.set_env("SUANZI_CACHE_SIZE", "1KiB");
    let collects =
        |suanzi: &Suanzi| suanzi.run(["run", "dag.yaml", "--operators", "mine"]).success().stderr.contains("removed");
    let when: Vec<u32> = (2..=RUNS_BETWEEN_COLLECTIONS + 1).filter(|_| collects(&suanzi)).collect();
    assert_eq!(when, [RUNS_BETWEEN_COLLECTIONS], "`project` made the first run");
    assert_eq!(
        suanzi.json(["cache", "list", "--json"]).as_array().map(Vec::len),
        Some(2),
        "made again by the next run"
    );
    suanzi.set_env("SUANZI_CACHE_SIZE", "much");
    let refused = suanzi.run(["run", "dag.yaml", "--operators", "mine"]).exits(2);
    assert!(refused.stderr.contains("much") && refused.stderr.contains("SUANZI_CACHE_SIZE"), "{refused}");
}
