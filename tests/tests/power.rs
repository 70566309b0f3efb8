//! A power cut, as the files show it afterwards: what was never synced is missing, short or wrong. Nothing damaged is ever used, and nothing whole is made again.

use rusqlite::Connection;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::time::Duration;
use suanzi_tests::small_python::SmallPython;
use suanzi_tests::{DagText, Op, Report, Suanzi, rows};

const OPERATORS: &str = "\
import time
from pathlib import Path
import pandas as pd
from suanzi.sdk import AnyValue, Table, operator


def witness(place, key):
    with open(Path(place) / 'witness', 'a') as file:
        file.write(key + '\\n')


@operator
def make(*, key: str, place: str) -> Table:
    witness(place, key)
    return pd.DataFrame({'n': range(20_000), 'key': key})


@operator
def blob(*, key: str, place: str) -> AnyValue:
    witness(place, key)
    return complex(len(key), 1)


@operator
def last(*inputs: object, place: str) -> Table:
    while not (Path(place) / 'go').exists():
        time.sleep(0.02)
    witness(place, 'last')
    return pd.DataFrame({'rows': [len(table) if hasattr(table, '__len__') else -1 for table in inputs]})
";

const MADE: [&str; 5] = ["whole", "short", "wrong", "gone", "blob"];

struct Cut {
    suanzi: Suanzi,
    run_id: String,
}

/// A run that is killed while only its last operator is left, and what is known of the tables' content is in the database.
fn killed() -> Cut {
    let mut suanzi = Suanzi::new();
    SmallPython::install(&mut suanzi, &SmallPython::ask());
    let place = suanzi.dir().to_string_lossy().into_owned();
    suanzi.write("mine/made.py", OPERATORS);
    let mut dag = DagText::new("cut");
    for key in MADE {
        dag = dag.op(Op::new(key, if key == "blob" { "blob" } else { "make" })
            .param("key", key)
            .param("place", place.as_str()));
    }
    dag = dag.op(Op::new("last", "last").param("place", place.as_str()));
    for (input, key) in MADE.iter().enumerate() {
        dag = dag.edge(key, 0, "last", input as u32);
    }
    suanzi.write("dag.yaml", dag.yaml());
    let mut child = suanzi.command(["run", "dag.yaml", "--operators", "mine"]).spawn().expect("it starts");
    let lines = BufReader::new(child.stderr.take().expect("its talk is read")).lines().map_while(Result::ok);
    let mut told = Vec::new();
    for line in lines {
        told.push(line);
        if told.iter().filter(|line| line.contains(" success ")).count() == MADE.len() {
            break;
        }
    }
    // Contents are read in the background, after the success is told.
    let described = tables_described(&suanzi);
    let _ = child.kill();
    let _ = child.wait();
    assert!(described, "the contents of the tables were never noted: {told:?}");
    let db = rows::open(&suanzi.home());
    let run_id =
        db.query_row("SELECT run_id FROM runs", [], |row| row.get(0)).unwrap_or_else(|e| panic!("{e}: {told:?}"));
    Cut { suanzi, run_id }
}

/// Waits, for a minute at most.
fn tables_described(suanzi: &Suanzi) -> bool {
    let known = "SELECT count(*) FROM artifacts WHERE content_id IS NOT NULL";
    (0..3_000).any(|_| {
        let count: i64 = rows::open(&suanzi.home()).query_row(known, [], |row| row.get(0)).unwrap_or_default();
        let all = count >= MADE.len() as i64 - 1;
        if !all {
            std::thread::sleep(Duration::from_millis(20));
        }
        all
    })
}

impl Cut {
    fn change(&self, sql: &str) {
        Connection::open(self.suanzi.home().join("suanzi.db")).and_then(|db| db.execute_batch(sql)).expect("it is SQL");
    }

    fn file(&self, operator: &str) -> PathBuf {
        let path: String = rows::open(&self.suanzi.home())
            .query_row(
                "SELECT a.path FROM artifacts a JOIN operators o ON o.op = a.op WHERE o.operator_id = ?1 ORDER BY a.key DESC",
                [operator],
                |row| row.get(0),
            )
            .expect("it made something");
        self.suanzi.home().join("artifacts").join(path)
    }

    /// Files as they are found after the power came back: none of them was known to be synced.
    fn damage(&self) {
        self.change("UPDATE artifacts SET durable = 0");
        let bytes = std::fs::read(self.file("short")).expect("a file");
        std::fs::write(self.file("short"), &bytes[..bytes.len() / 2]).expect("a file");
        let mut bytes = std::fs::read(self.file("wrong")).expect("a file");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(self.file("wrong"), bytes).expect("a file");
        std::fs::remove_file(self.file("gone")).expect("a file");
    }

    /// As if the machine had been started since.
    fn restart(&self) {
        std::fs::write(self.suanzi.home().join("boot"), "an earlier life\n").expect("a file");
    }

    fn resume(&self) -> suanzi_tests::Output {
        self.suanzi.write("go", "");
        self.suanzi.run(["runs", "resume"]).success()
    }

    fn executions(&self) -> BTreeMap<String, u32> {
        let mut counts = BTreeMap::new();
        for key in std::fs::read_to_string(self.suanzi.dir().join("witness")).unwrap_or_default().lines() {
            *counts.entry(key.to_string()).or_default() += 1;
        }
        counts
    }

    fn judge(&self, executions: &[(&str, u32)]) {
        let expected: BTreeMap<String, u32> = executions.iter().map(|(key, n)| (key.to_string(), *n)).collect();
        assert_eq!(self.executions(), expected);
        let db = rows::open(&self.suanzi.home());
        let one = |sql: &str| db.query_row(sql, [&self.run_id], |row| row.get::<_, i64>(0)).expect("it is SQL");
        let of_run = "FROM runs r JOIN task_outputs t ON t.run = r.key JOIN artifacts a ON a.key = t.artifact WHERE r.run_id = ?1";
        assert_eq!(one(&format!("SELECT count(*) {of_run} AND a.present AND a.durable")), 6);
        assert_eq!(one("SELECT count(*) FROM runs WHERE run_id = ?1 AND state = 'success'"), 1);
        let successes =
            "SELECT count(*) FROM attempts a JOIN runs r ON r.key = a.run WHERE r.run_id = ?1 AND a.state = 'success'";
        assert_eq!(one(successes), 6, "one success per task");
    }
}

#[test]
fn after_a_restart_only_what_is_known_to_be_whole_is_used() {
    let cut = killed();
    cut.damage();
    cut.restart();
    let resumed = cut.resume();
    assert!(resumed.stderr.contains("4 results didn't survive the machine's restart"), "{resumed}");
    cut.judge(&[("whole", 1), ("short", 2), ("wrong", 2), ("gone", 2), ("blob", 2), ("last", 1)]);
    let again = cut.suanzi.run(["run", "dag.yaml", "--operators", "mine", "-q"]).success();
    assert!(!again.stderr.contains("didn't survive"), "it is said once: {again}");
}

#[test]
fn after_a_kill_sizes_are_enough() {
    let cut = killed();
    cut.change("UPDATE artifacts SET durable = 0");
    let resumed = cut.resume();
    assert!(!resumed.stderr.contains("didn't survive"), "{resumed}");
    cut.judge(&[("whole", 1), ("short", 1), ("wrong", 1), ("gone", 1), ("blob", 1), ("last", 1)]);
}

#[test]
fn a_damaged_result_of_an_ended_run_is_not_taken_from_the_cache() {
    let cut = killed();
    cut.resume();
    cut.damage();
    cut.restart();
    let again = Report(cut.suanzi.run(["run", "dag.yaml", "--operators", "mine", "-q", "--json"]).success().json());
    assert_eq!(again.executed(), ["blob", "gone", "short", "wrong"].map(String::from).into());
    assert!(again.cached().contains("whole"), "{again:?}");
}
