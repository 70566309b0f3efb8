//! Operators that together need more memory than they may have: all end well, the first time too, and the host is never asked for more.

use serde_json::Value;
use std::path::{Path, PathBuf};
use suanzi_tests::{DagText, Op, Report, Suanzi, repository, rows};

const OPERATORS: u32 = 6;
const EACH_MIB: u32 = 400;
/// Two fit, three don't.
const MEMORY: &str = "900MiB";

fn holding(suanzi: &Suanzi, mib: u32, operators: u32) -> PathBuf {
    let beside = suanzi.dir().join("begun");
    std::fs::create_dir_all(&beside).expect("a directory");
    let mut dag = DagText::new("memory");
    for number in 0..operators {
        let op = Op::new(&format!("hold_{number}"), "hold").param("mib", mib).param("seconds", 0.6);
        let op = op.param("beside", beside.to_string_lossy().into_owned()).param("begun", operators.min(3));
        dag = dag.op(op.param("number", number));
    }
    suanzi.write("dag.yaml", dag.yaml())
}

fn run(suanzi: &Suanzi, file: &Path, code: i32) -> Report {
    let operators = repository::root().join("tests/memory");
    let args = ["--no-cache", "--workers", "4", "--memory", MEMORY, "-q", "--json", "--operators"];
    let mut command = vec!["run".into(), file.to_path_buf().into_os_string()];
    command.extend(args.iter().map(Into::into));
    command.push(operators.into_os_string());
    Report(suanzi.run(command).exits(code).json())
}

/// Attempts of a run by how they ended: successes, those ended to make room, all others.
fn ends(suanzi: &Suanzi, report: &Report) -> (u32, u32, u32) {
    let run_id = report.0["run_id"].as_str().expect("an id").to_owned();
    let select = "SELECT count(*) FILTER (WHERE a.state = 'success'),
            count(*) FILTER (WHERE a.state = 'lost' AND a.failure LIKE '%memory ran short while it held%'), count(*)
        FROM attempts a JOIN runs r ON r.key = a.run WHERE r.run_id = ?1";
    let (successes, evicted, all): (u32, u32, u32) = rows::open(&suanzi.home())
        .query_row(select, [run_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .expect("attempts can be counted");
    (successes, evicted, all - successes - evicted)
}

#[test]
fn a_wide_run_ends_well_the_first_time_and_without_a_kill_from_then_on() {
    let suanzi = Suanzi::new();
    let file = holding(&suanzi, EACH_MIB, OPERATORS);
    let first = run(&suanzi, &file, 0);
    let (successes, evicted, others) = ends(&suanzi, &first);
    assert_eq!((successes, others), (OPERATORS, 0), "no retry is allowed here, and none was needed");
    assert!(evicted > 0, "three hold more than there is, and none was ended");
    let again = run(&suanzi, &file, 0);
    assert_eq!(ends(&suanzi, &again), (OPERATORS, 0, 0));
}

#[test]
fn who_needs_more_than_there_is_fails_and_says_so() {
    let suanzi = Suanzi::new();
    let file = holding(&suanzi, 1_200, 1);
    let report = run(&suanzi, &file, 1);
    let error = &report.0["operators"].as_array().expect("operators")[0]["error"];
    assert_eq!(error["kind"], Value::from("out_of_memory"), "{error}");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("ran alone") && message.contains("may hold 900 MiB"), "{error}");
}

#[test]
fn a_size_that_is_none_is_told() {
    let suanzi = Suanzi::new();
    let file = holding(&suanzi, 1, 1);
    for size in ["much", "1KiB"] {
        let run = suanzi.run(["run", &file.to_string_lossy(), "--memory", size]).exits(2);
        assert!(run.stderr.contains("--memory") && run.stderr.contains("at least 64MiB"), "{run}");
    }
}
