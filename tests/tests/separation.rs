//! Dag engine and operator engines as processes of their own, each at an address of its own: the mission's DAG gives what it gives in one process,
//! and an operator engine that is killed costs only time.

use rustix::process::{Pid, Signal, kill_process};
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};
use suanzi_tests::small_python::SmallPython;
use suanzi_tests::{DagText, Op, Report, Suanzi, python, repository, rows, wheels};

const LIMIT: Duration = Duration::from_secs(120);
/// Loopback addresses that stand for hosts.
const DAG_ENGINE: &str = "127.0.0.1";
const ONE: &str = "127.0.0.2";
const OTHER: &str = "127.0.0.3";

/// A process of `suanzi` that has printed its address. Killed when dropped.
struct Engine {
    child: Child,
    address: String,
    err: PathBuf,
}

impl Engine {
    fn start(suanzi: &Suanzi, name: &str, args: &[&str]) -> Engine {
        let (out, err) = (suanzi.dir().join(format!("{name}.out")), suanzi.dir().join(format!("{name}.err")));
        let mut command = suanzi.command(args);
        command.stdout(File::create(&out).expect("a file")).stderr(File::create(&err).expect("a file"));
        let mut child = command.spawn().expect("suanzi starts");
        let began = Instant::now();
        loop {
            let said = std::fs::read_to_string(&out).unwrap_or_default();
            if said.ends_with('\n') {
                return Engine { child, address: said.trim().to_owned(), err };
            }
            let ended = child.try_wait().expect("a child can be asked");
            assert!(
                ended.is_none() && began.elapsed() < LIMIT,
                "{}",
                std::fs::read_to_string(&err).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn stderr(&self) -> String {
        std::fs::read_to_string(&self.err).unwrap_or_default()
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn ends(&mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("the process is there");
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.kill();
    }
}

fn write_secret(suanzi: &Suanzi) -> String {
    let path = suanzi.write("secret", "0123456789abcdef0123456789abcdef\n");
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("a mode");
    path.to_string_lossy().into_owned()
}

fn operator_engine(suanzi: &Suanzi, name: &str, host: &str, more: &[&str]) -> Engine {
    operator_engine_with(suanzi, name, host, "2", more)
}

fn operator_engine_with(suanzi: &Suanzi, name: &str, host: &str, workers: &str, more: &[&str]) -> Engine {
    let secret = write_secret(suanzi);
    let mut args = vec![
        "operator-engine",
        "--host",
        host,
        "--port",
        "0",
        "--secret-file",
        &secret,
        "--name",
        name,
        "--workers",
        workers,
    ];
    args.extend(more);
    Engine::start(suanzi, name, &args)
}

fn dag_engine(suanzi: &Suanzi, engines: &[&Engine]) -> Engine {
    let secret = write_secret(suanzi);
    let mut args = vec!["dag-engine", "--port", "0", "--secret-file", &secret, "--callback-host", DAG_ENGINE];
    for engine in engines {
        args.extend(["--operator-engine", &engine.address]);
    }
    Engine::start(suanzi, "dag-engine", &args)
}

/// A home with synthetic data as dataset 40.
fn with_data() -> Suanzi {
    let suanzi = Suanzi::new();
    let csv = suanzi.dir().join("credit.csv");
    python::credit_data(&csv, 5_000);
    suanzi.run(["dataset", "add", "40", &csv.to_string_lossy()]).success();
    suanzi
}

fn workers(suanzi: &Suanzi, run_id: &str) -> Vec<String> {
    let db = rows::open(&suanzi.home());
    let mut statement = db
        .prepare("SELECT DISTINCT a.worker FROM attempts a JOIN runs r ON r.key = a.run WHERE r.run_id = ?1 ORDER BY 1")
        .expect("the tables are as documented");
    let rows = statement.query_map([run_id], |row| row.get(0));
    rows.and_then(|rows| rows.collect()).expect("workers can be read")
}

#[test]
fn the_seed_gives_the_same_in_both_deployments() {
    let seed = repository::root().join("examples/seed-dag.yaml").to_string_lossy().into_owned();
    let mixture = with_data();
    let together = Report(mixture.json(["run", &seed, "--quiet", "--json"]));

    let suanzi = with_data();
    let mut one = operator_engine(&suanzi, "one", ONE, &[]);
    let mut other = operator_engine(&suanzi, "other", OTHER, &["--label", "big"]);
    assert!(one.address.starts_with("http://127.0.0.2:"), "{}", one.address);
    let mut dags = dag_engine(&suanzi, &[&one, &other]);
    let apart = Report(suanzi.json(["run", &seed, "--quiet", "--json"]));
    assert_eq!(apart.status(), "success", "{}", dags.stderr());
    assert_eq!(apart.0["metrics"], together.0["metrics"]);
    assert_eq!(apart.executed(), together.executed());
    let names = workers(&suanzi, apart.run_id());
    assert!(names.iter().all(|name| name.starts_with("one/") || name.starts_with("other/")), "{names:?}");
    // Logs come from where it ran.
    let logs = suanzi.run(["logs", "@1"]).success();
    assert!(!logs.stdout.contains("can't be read"), "{logs}");

    // A label is an executor.
    let big = Report(suanzi.json(["run", &seed, "--executor", "big", "--no-cache", "--quiet", "--json"]));
    assert_eq!(big.0["metrics"], together.0["metrics"]);
    let names = workers(&suanzi, big.run_id());
    assert!(names.iter().all(|name| name.starts_with("other/")), "{names:?}");
    let unknown = suanzi.run(["run", &seed, "--executor", "huge", "--quiet"]).exits(2);
    assert!(unknown.stderr.contains("big") && unknown.stderr.contains("huge"), "{unknown}");

    assert_eq!(dags.ends(), Some(0), "{}", dags.stderr());
    assert_eq!(one.ends(), Some(0), "{}", one.stderr());
    assert_eq!(other.ends(), Some(0), "{}", other.stderr());
}

const WAIT: &str = "\
import time
from pathlib import Path
import pandas as pd
from suanzi.sdk import Table, operator


@operator
def wait(*, key: str, place: str) -> Table:
    with open(Path(place) / ('begun-' + key), 'a') as begun:
        begun.write('x')
    print('waits', flush=True)
    while not any((Path(place) / gate).exists() for gate in ('go', 'go-' + key)):
        time.sleep(0.02)
    print('goes on', flush=True)
    (Path(place) / ('ended-' + key)).touch()
    return pd.DataFrame({'key': [key]})
";

#[test]
fn a_killed_operator_engine_costs_only_time() {
    let mut suanzi = Suanzi::new();
    SmallPython::install(&mut suanzi, &SmallPython::ask());
    suanzi.write("mine/waiting.py", WAIT);
    let place = suanzi.dir().to_string_lossy().into_owned();
    let mut dag = DagText::new("four");
    for key in ["a", "b", "c", "d"] {
        dag = dag.op(Op::new(key, "wait").param("key", key).param("place", place.as_str()));
    }
    suanzi.write("dag.yaml", dag.yaml());
    let mut one = operator_engine(&suanzi, "one", ONE, &[]);
    let other = operator_engine(&suanzi, "other", OTHER, &[]);
    let dags = dag_engine(&suanzi, &[&one, &other]);
    let mine = suanzi.dir().join("mine").to_string_lossy().into_owned();
    let child = suanzi
        .command(["run", "dag.yaml", "--operators", &mine, "--quiet", "--json"])
        .stdout(File::create(suanzi.dir().join("run.out")).expect("a file"))
        .stderr(File::create(suanzi.dir().join("run.err")).expect("a file"))
        .spawn()
        .expect("it starts");
    let mut run = Engine { child, address: String::new(), err: suanzi.dir().join("run.err") };
    let began = Instant::now();
    let begun = || ["a", "b", "c", "d"].iter().filter(|key| suanzi.dir().join(format!("begun-{key}")).exists()).count();
    while begun() < 4 {
        assert!(began.elapsed() < LIMIT, "{} {}", run.stderr(), dags.stderr());
        std::thread::sleep(Duration::from_millis(20));
    }
    one.kill();
    suanzi.write("go", "");
    let mut code = None;
    while code.is_none() && began.elapsed() < LIMIT {
        code = run.child.try_wait().expect("a child can be asked");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(code.is_some_and(|code| code.success()), "{} {}", run.stderr(), dags.stderr());
    let db = rows::open(&suanzi.home());
    let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("it is SQL");
    assert_eq!(count("SELECT count(*) FROM attempts WHERE state = 'success'"), 4);
    assert_eq!(count("SELECT count(*) FROM attempts WHERE state = 'lost'"), 2, "{}", dags.stderr());
    assert!(dags.stderr().contains("lost the operator engine"), "{}", dags.stderr());
}

/// What operator engines run for a dag engine that is gone goes on, and the next one takes it over, also what ended in between.
#[test]
fn a_killed_dag_engine_costs_none_of_what_is_under_way() {
    const KEYS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    let mut suanzi = Suanzi::new();
    SmallPython::install(&mut suanzi, &SmallPython::ask());
    suanzi.write("mine/waiting.py", WAIT);
    let place = suanzi.dir().to_string_lossy().into_owned();
    let mut dag = DagText::new("six").op(Op::new("after", "noop"));
    for key in KEYS {
        let op = Op::new(key, "wait").param("key", key).param("place", place.as_str());
        dag = dag.op(op).edge(key, 0, "after", 0);
    }
    suanzi.write("dag.yaml", dag.yaml());
    let one = operator_engine_with(&suanzi, "one", ONE, "3", &[]);
    let other = operator_engine_with(&suanzi, "other", OTHER, "3", &[]);
    let mut dags = dag_engine(&suanzi, &[&one, &other]);
    let mine = suanzi.dir().join("mine").to_string_lossy().into_owned();
    let child = suanzi
        .command(["run", "dag.yaml", "--operators", &mine, "--quiet", "--json"])
        .stdout(File::create(suanzi.dir().join("run.out")).expect("a file"))
        .stderr(File::create(suanzi.dir().join("run.err")).expect("a file"))
        .spawn()
        .expect("it starts");
    let run = Engine { child, address: String::new(), err: suanzi.dir().join("run.err") };
    let began = Instant::now();
    let all = |what: &str, keys: &[&str]| keys.iter().all(|key| suanzi.dir().join(format!("{what}-{key}")).exists());
    let wait_for = |what: &str, is: &dyn Fn() -> bool| {
        while !is() {
            assert!(began.elapsed() < LIMIT, "{what}: {} {} {}", run.stderr(), one.stderr(), other.stderr());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    wait_for("all run", &|| all("begun", &KEYS));
    dags.kill();
    // Three end while nobody is there.
    for key in &KEYS[..3] {
        suanzi.write(&format!("go-{key}"), "");
    }
    wait_for("three end", &|| all("ended", &KEYS[..3]));
    std::thread::sleep(Duration::from_millis(500));
    let dags = dag_engine(&suanzi, &[&one, &other]);
    let count =
        |sql: &str| rows::open(&suanzi.home()).query_row(sql, [], |row| row.get::<_, i64>(0)).expect("it is SQL");
    const ENDED: &str = "SELECT count(*) FROM attempts WHERE state = 'success'";
    wait_for("their results are taken", &|| count(ENDED) == 3);
    assert!(!all("ended", &KEYS[3..4]));
    suanzi.write("go", "");
    wait_for("the run ends", &|| count("SELECT count(*) FROM runs WHERE state = 'success'") == 1);
    // One attempt of each, and its code ran once.
    let attempts = "SELECT count(*) FROM attempts";
    assert_eq!((count(ENDED), count(attempts)), (7, 7), "{} {}", dags.stderr(), one.stderr());
    assert_eq!(count("SELECT count(*) FROM attempts WHERE attempt_no = 1"), 7);
    for key in KEYS {
        let begun = std::fs::read_to_string(suanzi.dir().join(format!("begun-{key}"))).expect("it began");
        assert_eq!(begun, "x", "{key}: {}", dags.stderr());
    }
    assert_eq!(count("SELECT count(DISTINCT substr(worker, 1, 3)) FROM attempts"), 2, "both had some");
    // Logs of all came along, also of those that ended while nobody was there.
    let logs = suanzi.run(["logs", "@1"]).success();
    assert_eq!(logs.stdout.matches("goes on").count(), 6, "{logs}");
}

/// What the operator engine is asked to run in is made on its host.
#[test]
fn an_operator_engine_makes_environments() {
    let mut suanzi = Suanzi::new();
    SmallPython::install(&mut suanzi, &SmallPython::ask());
    wheels::offer(&mut suanzi);
    let source = "from suanzi.sdk import Metrics, operator\n\n\n@operator(requirements=['tiny==2.0'])\n\
                  def version() -> Metrics:\n    import tiny\n\n    return {'version': tiny.VERSION}\n";
    suanzi.write("mine/version.py", source);
    suanzi.write("dag.yaml", DagText::new("apart").op(Op::new("one", "version")).yaml());
    let one = operator_engine(&suanzi, "one", ONE, &[]);
    let dags = dag_engine(&suanzi, &[&one]);
    let mine = suanzi.dir().join("mine").to_string_lossy().into_owned();
    let report = Report(suanzi.json(["run", "dag.yaml", "--operators", &mine, "--quiet", "--json"]));
    assert_eq!(report.0["metrics"]["one"]["version"], "2.0", "{} {}", one.stderr(), dags.stderr());
    let names = workers(&suanzi, report.run_id());
    assert!(names.iter().all(|name| name.starts_with("one/env-")), "{names:?}");
}

#[test]
fn wrong_settings_are_said_at_once() {
    let suanzi = Suanzi::new();
    let secret = write_secret(&suanzi);
    let refused = |args: &[&str], parts: &[&str]| {
        let output = suanzi.run(args).exits(2);
        for part in parts {
            assert!(output.stderr.contains(part), "{part}: {output}");
        }
    };
    refused(&["operator-engine"], &["--secret-file"]);
    refused(&["operator-engine", "--secret-file", "nowhere"], &["nowhere", "can't be read", "urandom"]);
    let short = suanzi.write("short", "abc").to_string_lossy().into_owned();
    std::fs::set_permissions(&short, Permissions::from_mode(0o644)).expect("a mode");
    refused(&["operator-engine", "--secret-file", &short], &["others may read it", "chmod 600"]);
    std::fs::set_permissions(&short, Permissions::from_mode(0o600)).expect("a mode");
    refused(&["operator-engine", "--secret-file", &short], &["32"]);
    refused(&["operator-engine", "--secret-file", &secret, "--label", "Big One"], &["small letters"]);
    refused(&["operator-engine", "--secret-file", &secret, "--host", "203.0.113.7"], &["203.0.113.7", "--host"]);
    refused(&["dag-engine", "--secret-file", &secret], &["--operator-engine"]);
    refused(&["dag-engine", "--secret-file", &secret, "--operator-engine", "worker"], &["http://HOST:PORT"]);
    let dead = ["dag-engine", "--port", "0", "--secret-file", &secret, "--operator-engine", "http://127.0.0.1:9"];
    refused(&dead, &["127.0.0.1:9", "can't be reached", "operator-engine --secret-file"]);
}
