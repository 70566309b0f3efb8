//! A pool of workers per environment: the suite of executors passes in one, pools end when they are idle, and what waits for an environment can be stopped.

mod support;

use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use suanzi_environments::{Base, Environments, Making};
use suanzi_executor::conformance::{Act, Harness, python as script, run_all};
use suanzi_executor::*;
use suanzi_executor_local::{LocalPools, PoolLimits};
use support::*;

const WORKERS: u32 = 3;
/// Installed beside Suanzi: making an environment with it needs no network.
const REQUIREMENT: &str = "numpy";

/// The base that tests run on. Asking Python once is enough.
fn base() -> Base {
    let question = "import json,sysconfig,sys; print(json.dumps([sysconfig.get_path('purelib'), '.'.join(map(str, sys.version_info[:3]))]))";
    let out = std::process::Command::new(python()).args(["-I", "-c", question]).output().expect("Python answers");
    let answer: Vec<String> = serde_json::from_slice(&out.stdout).expect("two texts");
    Base {
        python: python(),
        version: answer[1].clone(),
        site_packages: vec![PathBuf::from(&answer[0])],
        python_path: None,
        distributions: Vec::new(),
    }
}

fn made(root: &Path) -> Environments {
    let environments = Environments::new(root.join("environments"), base());
    let making = Making { going: &|| true, line: &mut |_| {} };
    environments.take(&[REQUIREMENT.to_owned()], making).expect("an environment");
    environments
}

/// Pools with their events.
struct Pools {
    dir: tempfile::TempDir,
    executor: LocalPools,
    events: Arc<Events>,
}

impl Pools {
    fn new(environments: impl FnOnce(&Path) -> Environments, limits: PoolLimits, memory_bytes: Option<u64>) -> Pools {
        let dir = tempfile::tempdir().expect("a folder");
        let mut options = options(dir.path(), WORKERS);
        options.memory_bytes = memory_bytes.unwrap_or(options.memory_bytes);
        let executor = LocalPools::new(options, environments(dir.path()), limits).expect("an executor");
        let events = Arc::new(Events::default());
        executor.attach(events.clone());
        Pools { dir, executor, events }
    }

    fn start(&self, op: u32, function: &str, params: serde_json::Value, requirements: &[&str]) -> AttemptId {
        let attempt = AttemptId { run: 1, op, no: 1, token: u64::from(op) };
        let mut task = task(self.dir.path(), attempt, function, params);
        task.requirements = requirements.iter().map(|r| (*r).to_owned()).collect();
        self.executor.start(task).expect("taken");
        attempt
    }
}

struct InPool {
    dir: tempfile::TempDir,
    environments: Environments,
}

impl Harness for InPool {
    fn make(&self) -> Arc<dyn Executor> {
        let options = options(self.dir.path(), WORKERS);
        Arc::new(LocalPools::new(options, self.environments.clone(), PoolLimits::default()).expect("an executor"))
    }

    fn task(&self, attempt: AttemptId, act: &Act) -> Option<Box<TaskRequest>> {
        let mut task = script::task(attempt, act, self.dir.path());
        task.requirements = vec![REQUIREMENT.into()];
        Some(task)
    }
}

#[test]
fn a_pool_of_an_environment_passes_the_suite() {
    let dir = tempfile::tempdir().expect("a folder");
    let environments = made(dir.path());
    run_all(&InPool { dir, environments }).assert(&[]);
}

#[test]
fn a_warm_pool_is_as_quick_as_the_usual_one() {
    const TASKS: u32 = 60;
    let pools = Pools::new(made, PoolLimits::default(), None);
    let kinds = [(1_000, &[][..]), (2_000, &[REQUIREMENT][..])];
    for (first, requirements) in kinds {
        let warm = pools.start(first, "noop", json!({}), requirements);
        pools.events.finished(warm);
    }
    // In turns, so that both see the same of whatever else the machine does.
    let mut took = [Vec::new(), Vec::new()];
    for op in 1..=TASKS {
        for ((first, requirements), took) in kinds.iter().zip(&mut took) {
            let began = Instant::now();
            let attempt = pools.start(first + op, "noop", json!({}), requirements);
            pools.events.finished(attempt);
            took.push(began.elapsed());
        }
    }
    let [usual, own] = took.map(|mut took| {
        took.sort();
        took[took.len() / 2]
    });
    println!("per task: usual pool {usual:?}, pool of an environment {own:?}");
    assert!(own < usual * 3 + Duration::from_millis(5), "{usual:?} {own:?}");
}

#[test]
fn an_idle_pool_ends_and_its_logs_stay() {
    let pools = Pools::new(made, PoolLimits { most: 4, idle: Duration::from_millis(100) }, None);
    let first = pools.start(1, "whoami", json!({}), &[REQUIREMENT]);
    let zygote = inline(&outputs(pools.events.finished(first).0)[0])["zygote"].clone();
    let printed = pools.start(2, "print_bytes", json!({"text": "kept", "times": 1, "then_seconds": 0}), &[REQUIREMENT]);
    pools.events.finished(printed);
    let gone = || !Path::new(&format!("/proc/{zygote}")).exists();
    let began = Instant::now();
    while !gone() {
        assert!(began.elapsed() < WAIT, "the pool's zygote {zygote} stays");
        std::thread::sleep(Duration::from_millis(20));
    }
    let log = pools.executor.logs(&printed, 0, MAX_LOG_READ_BYTES).expect("a log");
    assert_eq!(String::from_utf8_lossy(&log), "kept");
    assert_eq!(pools.executor.status(&printed), AttemptStatus::Finished);
    let again = pools.start(3, "whoami", json!({}), &[REQUIREMENT]);
    assert_ne!(inline(&outputs(pools.events.finished(again).0)[0])["zygote"], zygote);
}

/// Who follows the log from the beginning reads what was said while the environment was made, then what was printed, each byte once.
#[test]
fn a_log_begins_with_the_making_of_its_environment() {
    let unmade = |root: &Path| Environments::new(root.join("environments"), base());
    let pools = Pools::new(unmade, PoolLimits::default(), None);
    let attempt =
        pools.start(1, "print_bytes", json!({"text": "own words", "times": 1, "then_seconds": 0.5}), &[REQUIREMENT]);
    let mut followed = Vec::new();
    let mut follow = || {
        let more = pools.executor.logs(&attempt, followed.len() as u64, MAX_LOG_READ_BYTES).expect("a log");
        followed.extend_from_slice(&more);
        more.len()
    };
    let ended = || pools.events.all().iter().any(|event| matches!(event, Event::Finished { .. }));
    let began = Instant::now();
    while !ended() {
        assert!(began.elapsed() < WAIT * 4, "it never ends");
        follow();
        std::thread::sleep(Duration::from_millis(5));
    }
    while follow() > 0 {}
    let followed = String::from_utf8_lossy(&followed).into_owned();
    assert!(
        followed.starts_with("making an environment with numpy\n") && followed.ends_with("own words"),
        "{followed}"
    );
    let range = pools.events.finished(attempt).1.log;
    let file = std::fs::read(pools.dir.path().join(format!("logs/{}.log", range.file))).expect("its log");
    assert_eq!(String::from_utf8_lossy(&file[range.start as usize..range.end as usize]), followed);
    let next = pools.start(2, "print_bytes", json!({"text": "mine", "times": 1, "then_seconds": 0}), &[REQUIREMENT]);
    pools.events.finished(next);
    assert_eq!(pools.executor.logs(&next, 0, MAX_LOG_READ_BYTES).expect("a log"), b"mine", "others waited for nothing");
}

/// A Python that writes down its process and sleeps, as one that takes long to make an environment.
fn sleeper(root: &Path) -> Environments {
    let path = root.join("sleeper");
    let text = format!("#!/bin/sh\necho $$ > {}\nexec sleep 600\n", root.join("pid").display());
    std::fs::write(&path, text).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("runnable");
    Environments::new(root.join("environments"), Base { python: path, ..base() })
}

#[test]
fn what_waits_for_an_environment_can_be_stopped() {
    let pools = Pools::new(sleeper, PoolLimits::default(), None);
    let (a, b) = (pools.start(1, "noop", json!({}), &["x"]), pools.start(2, "noop", json!({}), &["x"]));
    let usual = pools.start(3, "noop", json!({}), &[]);
    assert!(matches!(pools.events.finished(usual).0, Outcome::Success { .. }), "others go on");
    let file = pools.dir.path().join("pid");
    let began = Instant::now();
    let pid = loop {
        match std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse::<u32>().ok()) {
            Some(pid) => break pid,
            None => assert!(began.elapsed() < WAIT, "it never began"),
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(pools.executor.status(&a), AttemptStatus::Queued);
    let log = pools.executor.logs(&a, 0, MAX_LOG_READ_BYTES).expect("a log");
    assert!(String::from_utf8_lossy(&log).contains("making an environment with x"));
    pools.executor.stop(&a, Duration::ZERO);
    assert_eq!(pools.events.finished(a).0, Outcome::Stopped);
    assert!(Path::new(&format!("/proc/{pid}")).exists(), "another still waits for it");
    pools.executor.stop(&b, Duration::ZERO);
    assert_eq!(pools.events.finished(b).0, Outcome::Stopped);
    let began = Instant::now();
    while Path::new(&format!("/proc/{pid}")).exists() {
        assert!(began.elapsed() < WAIT, "nobody waits, and it is made all the same");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_shutdown_loses_what_waits_and_leaves_nothing() {
    let pools = Pools::new(sleeper, PoolLimits::default(), None);
    let waiting = pools.start(1, "noop", json!({}), &["x"]);
    pools.executor.shutdown();
    assert_eq!(pools.events.finished(waiting).0, Outcome::Lost);
    let mut late = task(pools.dir.path(), AttemptId { run: 1, op: 2, no: 1, token: 2 }, "noop", json!({}));
    late.requirements = vec!["x".into()];
    assert!(matches!(pools.executor.start(late), Err(StartError::ShutDown)));
}

#[test]
fn one_that_takes_too_long_is_given_up() {
    let limited = |root: &Path| sleeper(root).with_limit(Duration::from_millis(300));
    let pools = Pools::new(limited, PoolLimits::default(), None);
    let attempt = pools.start(1, "noop", json!({}), &["x"]);
    let failure = failure(pools.events.finished(attempt).0);
    assert_eq!(failure.kind, FailureKind::Environment);
    assert!(failure.message.contains("took too long"), "{}", failure.message);
}

#[test]
fn all_pools_share_one_bound_for_memory() {
    const MIB: u64 = 1 << 20;
    let pools = Pools::new(made, PoolLimits::default(), Some(300 * MIB));
    let hold = |op, requirements: &[&str]| pools.start(op, "hold_memory", json!({"mib": 200}), requirements);
    // Both pools are warm, so that the two run at the same time.
    for (op, requirements) in [(11, &[][..]), (12, &[REQUIREMENT][..])] {
        let warm = pools.start(op, "noop", json!({}), requirements);
        pools.events.finished(warm);
    }
    let first = hold(1, &[]);
    let second = hold(2, &[REQUIREMENT]);
    let ends = [pools.events.finished(first).0, pools.events.finished(second).0];
    let evicted = ends.iter().filter(|end| matches!(end, Outcome::Evicted { .. })).count();
    let done = ends.iter().filter(|end| matches!(end, Outcome::Success { .. })).count();
    assert_eq!((evicted, done), (1, 1), "together they hold more than there is, each alone does not: {ends:?}");
}
