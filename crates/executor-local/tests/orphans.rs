//! Nothing outlives its attempt, and nothing the engine.

mod support;

use serde_json::json;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use suanzi_executor::*;
use support::*;

const ENGINE: &str = "SUANZI_TEST_ENGINE_DIR";
const GONE_WITHIN: Duration = Duration::from_secs(2);

/// Pids whose environment or command line holds `mark`.
fn marked(mark: &str) -> Vec<u32> {
    let holds = |pid: u32, file: &str| {
        std::fs::read(format!("/proc/{pid}/{file}"))
            .is_ok_and(|bytes| bytes.windows(mark.len()).any(|part| part == mark.as_bytes()))
    };
    let pids = std::fs::read_dir("/proc").expect("/proc");
    pids.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != std::process::id() && (holds(*pid, "environ") || holds(*pid, "cmdline")))
        .collect()
}

fn wait_until_gone(mark: &str) {
    let deadline = Instant::now() + GONE_WITHIN;
    while !marked(mark).is_empty() {
        assert!(Instant::now() < deadline, "still there: {:?}", marked(mark));
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn wait_for_log(bench: &Bench, attempt: AttemptId, text: &str) {
    let deadline = Instant::now() + WAIT;
    while !bench.log(attempt).contains(text) {
        assert!(Instant::now() < deadline, "no `{text}` in the log");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn children_end_with_their_attempt_however_it_ends() {
    let bench = Bench::new(2);
    let ways = [
        ("returns", json!({"mark": "SUANZI_T_returns", "seconds": 0.2})),
        ("exits", json!({"mark": "SUANZI_T_exits", "seconds": 0.2, "exit": true})),
        ("stopped", json!({"mark": "SUANZI_T_stopped", "seconds": 600})),
    ];
    for (way, params) in ways {
        let mark = params["mark"].as_str().expect("text").to_owned();
        let attempt = bench.start(bench.task("leave_children", params));
        wait_for_log(&bench, attempt, "left");
        if way == "stopped" {
            assert!(marked(&mark).len() >= 2, "the children live while it runs");
            bench.executor.stop(&attempt, Duration::from_secs(5));
        }
        bench.events.finished(attempt);
        wait_until_gone(&mark);
    }
}

#[test]
fn a_fork_bomb_is_its_attempts_end_only() {
    let bench = Bench::new(2);
    let bystander = bench.start(bench.task("sleep", json!({"seconds": 1.5})));
    let bomb = bench.start(bench.task("fork_bomb", json!({})));
    bench.events.started(bomb);
    let (outcome, _) = bench.events.finished(bomb);
    assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
    assert!(matches!(bench.events.finished(bystander).0, Outcome::Success { .. }));
    assert!(matches!(bench.run("noop", json!({})).0, Outcome::Success { .. }));
}

/// Run by the test below in a process of its own, which is then killed.
#[test]
fn engine_process() {
    let Some(dir) = std::env::var_os(ENGINE) else { return };
    let dir = Path::new(&dir);
    let bench = Bench::with(2, |options| {
        options.log_dir = dir.join("logs");
        options.pass_env = vec![ENGINE.into()];
    });
    let mark = dir.file_name().and_then(|name| name.to_str()).expect("a name");
    let attempt = bench.start(bench.task("leave_children", json!({"mark": mark, "seconds": 600})));
    bench.start(bench.task("sleep", json!({"seconds": 600})));
    wait_for_log(&bench, attempt, "left");
    std::fs::write(dir.join("ready"), "").expect("written");
    std::thread::sleep(Duration::from_secs(600));
}

#[test]
fn nothing_outlives_a_killed_engine() {
    let dir = tempfile::Builder::new().prefix("suanzi-orphans-").tempdir().expect("a folder");
    let mark = dir.path().file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let mut engine = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "engine_process", "--nocapture"])
        .env(ENGINE, dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("an engine");
    let deadline = Instant::now() + WAIT;
    while !dir.path().join("ready").exists() {
        assert!(Instant::now() < deadline, "the engine never got ready");
        std::thread::sleep(Duration::from_millis(10));
    }
    // Zygote, two workers and the children they left.
    assert!(marked(&mark).len() >= 5, "{:?}", marked(&mark));
    engine.kill().expect("killed");
    engine.wait().expect("reaped");
    wait_until_gone(&mark);
}

#[test]
fn shutdown_leaves_nothing() {
    let dir = tempfile::Builder::new().prefix("suanzi-shutdown-").tempdir().expect("a folder");
    let mark = dir.path().file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let bench = Bench::new(2);
    let attempt = bench.start(bench.task("leave_children", json!({"mark": mark, "seconds": 600})));
    wait_for_log(&bench, attempt, "left");
    bench.executor.shutdown();
    assert_eq!(bench.events.finished(attempt).0, Outcome::Lost);
    assert_eq!(marked(&mark), Vec::<u32>::new());
}
