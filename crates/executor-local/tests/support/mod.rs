//! Makes executors and tasks for the tests, and collects their events.
#![allow(dead_code)] // each test file uses its own part

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use suanzi_executor::*;
use suanzi_executor_local::{DEFAULT_UIDS, Isolation, LocalExecutor, LocalOptions, Profile};

pub const WAIT: Duration = Duration::from_secs(30);

/// The interpreter: `SUANZI_PYTHON`, else the checkout's `.venv`.
pub fn python() -> PathBuf {
    std::env::var_os("SUANZI_PYTHON").map_or_else(|| root().join(".venv/bin/python"), PathBuf::from)
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout")
}

pub fn operators() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/operators")
}

pub fn options(dir: &Path, workers: u32) -> LocalOptions {
    let mut options = LocalOptions::new(python(), dir.join("logs"));
    options.workers = workers;
    options.python_path = vec![root().join("python")];
    options
}

/// Of a home in `dir`.
pub fn isolation(dir: &Path, profile: Profile) -> Isolation {
    let home = dir.join("home");
    Isolation {
        profile,
        artifacts: home.join("artifacts"),
        work: home.join("work"),
        hidden: vec![home],
        trees: Vec::new(),
        data: Vec::new(),
        uids: DEFAULT_UIDS,
    }
}

/// Says aloud what did not run; where nothing may be skipped, it fails, unless the kernel gives nobody here namespaces.
pub fn skipped(why: &str) {
    let may = |user: &[&str]| {
        let made =
            std::process::Command::new("unshare").args(user).args(["--mount", "--pid", "--fork", "true"]).output();
        made.is_ok_and(|done| done.status.success())
    };
    if !may(&[]) && !may(&["--user", "--map-root-user"]) {
        eprintln!("NOTE: this host's kernel gives no namespaces: {why}");
        return;
    }
    eprintln!("SKIPPED: {why}");
    assert!(std::env::var_os("SUANZI_NO_SKIP").is_none(), "skipped where nothing may be: {why}");
}

/// Collects events; waits for them.
#[derive(Default)]
pub struct Events {
    all: Mutex<Vec<Event>>,
    changed: Condvar,
}

impl EventSink for Events {
    fn event(&self, event: Event) {
        self.all.lock().unwrap().push(event);
        self.changed.notify_all();
    }
}

impl Events {
    pub fn wait<T>(&self, what: &str, mut found: impl FnMut(&[Event]) -> Option<T>) -> T {
        let deadline = Instant::now() + WAIT;
        let mut all = self.all.lock().unwrap();
        loop {
            if let Some(value) = found(&all) {
                return value;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no {what} in {WAIT:?}; events: {all:#?}");
            all = self.changed.wait_timeout(all, left).unwrap().0;
        }
    }

    pub fn started(&self, attempt: AttemptId) -> String {
        self.wait("start", |all| {
            all.iter().find_map(|event| match event {
                Event::Started { attempt: id, worker } if *id == attempt => Some(worker.clone()),
                _ => None,
            })
        })
    }

    pub fn finished(&self, attempt: AttemptId) -> (Outcome, Usage) {
        self.wait("end", |all| {
            all.iter().find_map(|event| match event {
                Event::Finished { attempt: id, outcome, usage } if *id == attempt => Some((outcome.clone(), *usage)),
                _ => None,
            })
        })
    }

    pub fn all(&self) -> Vec<Event> {
        self.all.lock().unwrap().clone()
    }
}

/// An executor with its events and a folder for outputs; shut down and checked for leftovers at the end.
pub struct Bench {
    pub dir: tempfile::TempDir,
    pub executor: LocalExecutor,
    pub events: Arc<Events>,
    next: Mutex<u32>,
    code_hashes: Mutex<HashMap<PathBuf, String>>,
}

impl Bench {
    pub fn new(workers: u32) -> Bench {
        Bench::with(workers, |_| {})
    }

    pub fn with(workers: u32, change: impl FnOnce(&mut LocalOptions)) -> Bench {
        let dir = tempfile::tempdir().expect("a folder");
        let mut options = options(dir.path(), workers);
        change(&mut options);
        let executor = LocalExecutor::new(options).expect("an executor");
        let events = Arc::new(Events::default());
        executor.attach(events.clone());
        Bench { dir, executor, events, next: Mutex::new(0), code_hashes: Mutex::default() }
    }

    /// A task of `acts.py`.
    pub fn task(&self, function: &str, params: serde_json::Value) -> Box<TaskRequest> {
        let mut next = self.next.lock().unwrap();
        *next += 1;
        task(self.dir.path(), AttemptId { run: 1, op: *next, no: 1, token: u64::from(*next) }, function, params)
    }

    pub fn start(&self, task: Box<TaskRequest>) -> AttemptId {
        let attempt = task.attempt;
        self.executor.start(task).expect("taken");
        attempt
    }

    pub fn run(&self, function: &str, params: serde_json::Value) -> (Outcome, Usage) {
        let attempt = self.start(self.task(function, params));
        self.events.finished(attempt)
    }

    pub fn log(&self, attempt: AttemptId) -> String {
        let bytes = self.executor.logs(&attempt, 0, MAX_LOG_READ_BYTES).expect("a log");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

pub fn task(dir: &Path, attempt: AttemptId, function: &str, params: serde_json::Value) -> Box<TaskRequest> {
    Box::new(TaskRequest {
        attempt,
        run_id: "test/1".into(),
        operator_id: format!("{function}_1"),
        algo_name: function.into(),
        code: CodeRef {
            module: "acts".into(),
            function: function.into(),
            dir: Some(operators()),
            code_hash: "1".into(),
            sklearn: false,
        },
        params: params.to_string(),
        seed: 0,
        inputs: Vec::new(),
        outputs: vec![OutputPort { name: "out".into(), port_type: "any".into() }],
        files: Vec::new(),
        out_dir: dir.to_owned(),
        out_prefix: format!("{}-{}-", attempt.run, attempt.op),
        requirements: Vec::new(),
        objects: None,
        resources: Vec::new(),
        limits: Limits { cpu_slots: 1, memory_bytes: None, reserved_bytes: 0, timeout: None },
    })
}

pub fn failure(outcome: Outcome) -> Failure {
    match outcome {
        Outcome::Failed(failure) => failure,
        other => panic!("not a failure: {other:?}"),
    }
}

pub fn outputs(outcome: Outcome) -> Vec<OutputValue> {
    match outcome {
        Outcome::Success { outputs } => outputs,
        other => panic!("not a success: {other:?}"),
    }
}

pub fn inline(value: &OutputValue) -> serde_json::Value {
    match &value.at {
        Location::Inline(bytes) => serde_json::from_slice(bytes).expect("JSON"),
        Location::Path(path) => panic!("not inline: {}", path.display()),
    }
}
