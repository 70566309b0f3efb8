//! Bad DAG files, given to the real program: `validate` and `run` answer with every fault, each with code, place and hint, exit 2, and begin nothing.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use suanzi_tests::{Suanzi, repository, rows};

/// Faults of form are listed beside the reader's own tests, faults of meaning here.
const DIRECTORIES: &[&str] = &["crates/dag/tests/bad-yaml", "tests/bad-dags"];
const LEAST_FILES: usize = 30;

/// Files with their expected faults, as `expected.txt` lists them: `code@line:column`, with `warning:` before what stops nothing.
fn cases() -> BTreeMap<PathBuf, Vec<String>> {
    let mut cases = BTreeMap::new();
    for directory in DIRECTORIES {
        let directory = repository::root().join(directory);
        let listing = std::fs::read_to_string(directory.join("expected.txt")).expect("the listing is there");
        for line in listing.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
            let (file, faults) = line.split_once(": ").expect("FILE: FAULTS");
            cases.insert(directory.join(file), faults.split(' ').map(str::to_string).collect());
        }
        let listed = cases.keys().filter(|p| p.parent() == Some(&directory)).count();
        let there = std::fs::read_dir(&directory).expect("the directory is there").count();
        assert_eq!(listed + 1, there, "expected.txt and the files of {} differ", directory.display());
    }
    cases
}

/// `code@line:column` of each fault in what `validate --json` says of one file.
fn from_json(file: &Value) -> Vec<String> {
    let faults = file["faults"].as_array().expect("a list of faults");
    let describe = |fault: &Value| {
        let severity = if fault["warning"] == true { "warning:" } else { "" };
        let place = match (&fault["line"], &fault["column"]) {
            (Value::Null, _) => "-".to_string(),
            (line, column) => format!("{line}:{column}"),
        };
        format!("{severity}{}@{place}", fault["code"].as_str().expect("a code"))
    };
    faults.iter().map(describe).collect()
}

/// The same out of the lines `FILE:line:column: error[code]: …`.
fn from_text(stderr: &str, file: &Path) -> Vec<String> {
    let prefix = format!("{}:", file.display());
    let describe = |line: &str| {
        let rest = line.strip_prefix(&prefix)?;
        let (place, rest) = rest.split_once(' ')?;
        let (severity, rest) = rest.split_once('[')?;
        let (code, _) = rest.split_once("]: ")?;
        let severity = if severity == "warning" { "warning:" } else { "" };
        let place = if place.is_empty() { "-" } else { place.trim_end_matches(':') };
        Some(format!("{severity}{code}@{place}"))
    };
    stderr.lines().filter_map(describe).collect()
}

/// Signs of a crash instead of an answer.
fn crashed(text: &str) -> bool {
    ["panicked", "RUST_BACKTRACE", "unwrap()", "Traceback"].iter().any(|sign| text.contains(sign))
}

#[test]
fn every_fault_of_every_file_is_said_with_place_and_hint() {
    let cases = cases();
    assert!(cases.len() >= LEAST_FILES);
    let suanzi = Suanzi::new();
    let mut wrong = Vec::new();
    for (file, expected) in &cases {
        let validated = suanzi.run(["validate".as_ref(), "--json".as_ref(), file.as_os_str()]);
        let mut bad = |what: String| wrong.push(format!("{}: {what}", file.display()));
        if validated.code != Some(2) || crashed(&validated.stderr) {
            bad(format!("validate did not refuse it plainly: {validated}"));
            continue;
        }
        let answer = &validated.json()[0];
        let found = from_json(answer);
        if found != *expected {
            bad(format!("\n  validate found {}\n  expected       {}", found.join(" "), expected.join(" ")));
        }
        for fault in answer["faults"].as_array().into_iter().flatten() {
            if fault["hint"].as_str().is_none_or(str::is_empty) {
                bad(format!("no hint with: {fault}"));
            }
        }
        let run = suanzi.run(["run".as_ref(), file.as_os_str()]);
        let said = from_text(&run.stderr, file);
        if run.code != Some(2) || crashed(&run.stderr) || !run.stdout.is_empty() {
            bad(format!("run did not refuse it plainly: {run}"));
        } else if said != *expected {
            bad(format!("\n  run said {}\n  expected {}", said.join(" "), expected.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {} files\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert_eq!(rows::runs(&suanzi.home()), 0, "a refused DAG leaves no run");
}

/// Several files in one call: each has its answer, and one bad one is enough for exit 2.
#[test]
fn good_and_bad_files_in_one_call() {
    let suanzi = Suanzi::new();
    let good = repository::root().join("examples/seed-dag.yaml");
    let bad = repository::root().join("tests/bad-dags/missing-input.yaml");
    let both = suanzi.run(["validate".as_ref(), "--json".as_ref(), good.as_os_str(), bad.as_os_str()]).exits(2);
    let answer = both.json();
    assert_eq!((&answer[0]["valid"], &answer[1]["valid"]), (&Value::from(true), &Value::from(false)));
    suanzi.run(["validate".as_ref(), good.as_os_str()]).success();
}

/// A fault that only a run can see: the files that the DAG names.
#[test]
fn missing_data_is_said_with_place_and_hint() {
    let suanzi = Suanzi::new();
    let path =
        "dag:\n operator_list: [a]\n operator_details:\n  a: {algo_name: read_csv, params: {path: nowhere.csv}}\n";
    let id =
        "dag:\n operator_list: [a]\n operator_details:\n  a: {algo_name: algo_local_read_file, params: {data_id: 7}}\n";
    for (text, expected) in [(path, "unreadable_file@4:43"), (id, "unknown_dataset@4:58")] {
        let file = suanzi.write("dag.yaml", text);
        for verb in ["run", "plan"] {
            let refused = suanzi.run([verb.as_ref(), file.as_os_str()]).exits(2);
            assert_eq!(from_text(&refused.stderr, &file), [expected], "{refused}");
            assert!(refused.stderr.contains("  hint: "), "{refused}");
        }
    }
    assert_eq!(rows::runs(&suanzi.home()), 0);
}
