//! The base executor's suite on a real Spark, and what is special to one. Run by `make test-spark`, which starts it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use suanzi_executor::conformance::{Act, Harness, python as acts, run_all};
use suanzi_executor::*;
use suanzi_executor_http::Terms;
use suanzi_executor_spark::{Address, SparkOptions, check, executor};

const PATIENCE: Duration = Duration::from_secs(120);
/// Cores of the cluster that `tests/spark/run.py` starts.
const CORES: usize = 2;

fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run this through `make test-spark`"))
}

fn options(dir: &Path) -> SparkOptions {
    let token = std::fs::read_to_string(setting("SUANZI_SPARK_TOKEN_FILE")).expect("a token");
    SparkOptions {
        terms: Terms {
            name: "spark".into(),
            slots: 3,
            package: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/suanzi"),
            log_dir: dir.join("logs"),
            tell: |line| eprintln!("{line}"),
        },
        address: Address::parse(&setting("SUANZI_SPARK_URL")).expect("an address"),
        token: Some(token.trim().to_owned()),
        python: PathBuf::from(setting("SUANZI_SPARK_PYTHON")),
    }
}

struct SparkHarness {
    dir: tempfile::TempDir,
}

impl Harness for SparkHarness {
    fn make(&self) -> Arc<dyn Executor> {
        Arc::new(executor(options(self.dir.path())).expect("an executor"))
    }

    fn task(&self, attempt: AttemptId, act: &Act) -> Option<Box<TaskRequest>> {
        Some(acts::task(attempt, act, &self.dir.path().join("out")))
    }

    fn many(&self) -> usize {
        40
    }

    fn patience(&self) -> Duration {
        PATIENCE
    }
}

#[test]
fn the_spark_executor_passes() {
    run_all(&SparkHarness { dir: tempfile::tempdir().expect("a folder") }).assert(&[]);
}

#[test]
fn a_cluster_that_is_there_is_taken_and_no_other() {
    let dir = tempfile::tempdir().expect("a folder");
    let sound = options(dir.path());
    assert_eq!(check(&sound), Ok(()));
    let wrong = SparkOptions { token: Some("wr0ng".into()), ..sound.clone() };
    let why = check(&wrong).expect_err("refused");
    assert!(why.contains("no Spark Connect that can be used") && !why.contains("wr0ng"), "{why}");
    let nowhere = SparkOptions { python: "/nowhere/python".into(), ..sound };
    let why = check(&nowhere).expect_err("it can't be asked");
    assert!(why.contains("/nowhere/python"), "{why}");
}

/// Hands on all that an executor tells.
struct Sink(Mutex<Sender<Event>>);

impl EventSink for Sink {
    fn event(&self, event: Event) {
        let _ = self.0.lock().expect("no panic before").send(event); // the test may have ended
    }
}

/// A call of a function in `tests/operators/queries.py`.
fn query(no: u32, function: &str, params: String, dir: &Path) -> Box<TaskRequest> {
    let attempt = AttemptId { run: 1, op: no, no: 1, token: 7 };
    let mut task = acts::task(attempt, &Act::Succeed { payload: "1".into() }, &dir.join("out"));
    task.code = CodeRef {
        module: "queries".into(),
        function: function.into(),
        dir: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/operators")),
        code_hash: "1".into(),
        sklearn: false,
    };
    task.outputs = vec![OutputPort { name: "any".into(), port_type: "any".into() }];
    task.params = params;
    task
}

fn end(events: &Receiver<Event>) -> Outcome {
    loop {
        if let Event::Finished { outcome, .. } = events.recv_timeout(PATIENCE).expect("an end") {
            return outcome;
        }
    }
}

#[test]
fn what_a_stopped_operator_had_running_on_the_cluster_ends_too() {
    let dir = tempfile::tempdir().expect("a folder");
    let executor = executor(options(dir.path())).expect("an executor");
    let (sender, events) = channel();
    executor.attach(Arc::new(Sink(Mutex::new(sender))));
    let folder = dir.path().join("busy");
    std::fs::create_dir(&folder).expect("a folder");
    let params = format!(r#"{{"folder": "{}", "tasks": {CORES}, "seconds": 3600}}"#, folder.display());
    let held = query(1, "hold", params, dir.path());
    let attempt = held.attempt;
    executor.start(held).expect("it is taken");
    let began = Instant::now();
    while std::fs::read_dir(&folder).expect("the folder").count() < CORES {
        assert!(began.elapsed() < PATIENCE, "the cluster is not held: {:?}", executor.logs(&attempt, 0, 10_000));
        std::thread::sleep(Duration::from_millis(50));
    }
    executor.stop(&attempt, Duration::from_secs(5));
    assert_eq!(end(&events), Outcome::Stopped);
    // There is room only once the cluster has been told.
    executor.start(query(2, "count", r#"{"rows": 1000}"#.into(), dir.path())).expect("it is taken");
    match end(&events) {
        Outcome::Success { outputs } => assert_eq!(outputs[0].at, Location::Inline(b"1000".to_vec())),
        other => panic!("it is {other:?}"),
    }
}

/// Ended from outside, as by a person or by the system for want of memory.
#[test]
fn a_driver_that_is_gone_is_started_again_and_its_tasks_are_lost() {
    let dir = tempfile::tempdir().expect("a folder");
    let executor = executor(options(dir.path())).expect("an executor");
    let (sender, events) = channel();
    executor.attach(Arc::new(Sink(Mutex::new(sender))));
    let before = drivers();
    let attempt = AttemptId { run: 1, op: 1, no: 1, token: 7 };
    executor.start(acts::task(attempt, &Act::Sleep(Duration::from_secs(3600)), dir.path())).expect("it is taken");
    while !matches!(events.recv_timeout(PATIENCE).expect("a start"), Event::Started { .. }) {}
    let driver = drivers().into_iter().find(|pid| !before.contains(pid)).expect("a driver of its own");
    let command = std::fs::read(format!("/proc/{driver}/cmdline")).expect("it runs");
    let token = options(dir.path()).token.expect("a token");
    assert!(!String::from_utf8_lossy(&command).contains(&token), "arguments can be read by everybody");
    let killed = std::process::Command::new("kill").args(["-KILL", &driver.to_string()]).status().expect("kill runs");
    assert!(killed.success());
    assert_eq!(end(&events), Outcome::Lost);
    let again = AttemptId { no: 2, ..attempt };
    executor.start(acts::task(again, &Act::Succeed { payload: "2".into() }, dir.path())).expect("it is taken");
    assert!(matches!(end(&events), Outcome::Success { .. }));
    executor.shutdown();
    assert!(drivers().iter().all(|pid| before.contains(pid)), "the driver ended with its engine");
}

/// Processes of this one that are drivers.
fn drivers() -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let parent = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent =
            parent.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1)).and_then(|pid| pid.parse().ok());
        let words = String::from_utf8_lossy(&command).into_owned();
        if parent == Some(std::process::id()) && words.contains("suanzi.spark.driver") {
            found.push(pid);
        }
    }
    found
}
