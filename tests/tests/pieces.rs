//! Operators that are given their table in pieces, in the real program: the same results, their logs, their failures.

use std::path::{Path, PathBuf};
use suanzi_tests::{Output, Report, Suanzi};

const ROWS: usize = 1_000;

/// Rows of a piece, and whether the sum is doubled in the end.
fn operators(rows: usize, factor: usize) -> String {
    format!(
        "\
import os
from suanzi.sdk import Metrics, Partition, Table, operator

def total(parts: list) -> dict:
    return {{'sum': sum(part['sum'] for part in parts) * {factor}, 'rows': sum(part['rows'] for part in parts)}}

@operator(partition=Partition(rows={rows}))
def halved(data: Table, *, refuse: int = -1) -> Table:
    if refuse in data['n'].values:
        raise ValueError(f'{{refuse}} is no good')
    return data[data['n'] % 2 == 0].assign(half=data['n'] // 2)

@operator(partition=Partition(combine=total, rows={rows}))
def summed(data: Table) -> Metrics:
    return {{'sum': int(data['half'].sum() + data['名'].str.len().sum()), 'rows': len(data)}}
"
    )
}

fn dag(refuse: i64) -> String {
    format!(
        "dag:
 name: pieces
 operator_list: [data, halved, summed]
 operator_rels:
  data: [{{target: halved, source_index: 0, target_index: 0}}]
  halved: [{{target: summed, source_index: 0, target_index: 0}}]
 operator_details:
  data: {{algo_name: algo_local_read_file, params: {{data_id: 1}}}}
  halved: {{algo_name: halved, params: {{refuse: {refuse}}}, resources: {{cpu: 2}}}}
  summed: {{algo_name: summed, resources: {{cpu: 2}}}}
"
    )
}

fn project() -> Suanzi {
    let suanzi = Suanzi::new();
    let rows: String = (0..ROWS).map(|n| format!("{n},{}\n", if n % 3 == 0 { "" } else { "值" })).collect();
    suanzi.write("data.csv", format!("n,名\n{rows}"));
    suanzi.write("dag.yaml", dag(-1));
    suanzi
}

fn try_run(suanzi: &Suanzi) -> Output {
    suanzi.run(["run", "dag.yaml", "-q", "--json", "--operators", "mine", "--dataset", "1=data.csv"])
}

fn run(suanzi: &Suanzi) -> Report {
    Report(try_run(suanzi).success().json())
}

/// The note that a worker leaves in the log of an operator that was run in pieces.
fn note(suanzi: &Suanzi, report: &Report, operator: &str) -> Option<String> {
    let log = suanzi.run(["logs", report.run_id(), operator]).success().stdout;
    log.lines().find(|line| line.contains(" pieces of up to ")).map(str::to_owned)
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn results_are_those_of_the_whole_and_edits_of_the_combining_function_count() {
    let suanzi = project();
    suanzi.write("mine/cut.py", operators(1_000_000, 1));
    let whole = run(&suanzi);
    assert_eq!(note(&suanzi, &whole, "halved"), None, "one piece is no piece");
    suanzi.write("mine/cut.py", operators(300, 1));
    let cut = run(&suanzi);
    assert_eq!(cut.executed().len(), 2, "the code is another");
    assert_eq!(cut.0["metrics"], whole.0["metrics"]);
    assert_eq!(cut.metric("summed", "rows"), 500.0);
    let of_halved = note(&suanzi, &cut, "halved").expect("it was cut");
    assert!(of_halved.contains("4 pieces of up to 300 rows, 2 at a time; the largest process had "), "{of_halved}");
    assert!(note(&suanzi, &cut, "summed").is_some_and(|said| said.contains("2 pieces of up to 300 rows")));
    let compared = suanzi.json(["diff", whole.run_id(), cut.run_id(), "--json"]);
    assert!(compared["first_divergence"].is_null(), "the tables are the same: {compared}");

    suanzi.write("mine/cut.py", operators(300, 2));
    let doubled = run(&suanzi);
    assert_eq!(doubled.metric("summed", "sum"), 2.0 * cut.metric("summed", "sum"));
}

#[test]
fn a_piece_that_fails_is_named_with_its_rows() {
    let suanzi = project();
    suanzi.write("mine/cut.py", operators(300, 1));
    suanzi.write("dag.yaml", dag(750));
    let failed = try_run(&suanzi).exits(1);
    let report = Report(failed.json());
    let error = report.operator("halved").to_string();
    assert!(error.contains("piece 3 of 4 (rows 601 to 900): ValueError: 750 is no good"), "{error}");
    let left: Vec<_> =
        files_below(&suanzi.home()).into_iter().filter(|path| path.to_string_lossy().contains("piece-")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_is_declared_is_shown() {
    let suanzi = project();
    suanzi.write("mine/cut.py", operators(300, 1));
    let shown = suanzi.run(["operators", "summed", "--operators", "mine"]).success().stdout;
    assert!(shown.contains("data is cut into pieces of 300 rows, whose results are combined"), "{shown}");
    let all = suanzi.json(["operators", "filter_rows", "--json"]);
    assert_eq!(all["partition"], serde_json::json!({"how": "map", "input": "data"}));
}

#[test]
fn a_partition_that_makes_no_sense_is_told_with_its_remedy() {
    let suanzi = project();
    let wrong = operators(300, 1).replace("def total(parts: list)", "def total()");
    suanzi.write("mine/cut.py", wrong);
    let refused = try_run(&suanzi).exits(2);
    let said = &refused.stderr;
    assert!(
        said.contains("operator summed(), partition: combine doesn't take the list of the pieces' results"),
        "{said}"
    );
}
