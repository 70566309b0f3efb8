//! Whatever an operator's code does to its process is that attempt's failure only, told in words.

mod support;

use serde_json::json;
use suanzi_executor::*;
use support::*;

/// Runs `function`, expects this failure, and that the next attempt succeeds.
fn check(bench: &Bench, function: &str, params: serde_json::Value, kind: FailureKind, message: &str) {
    let found = failure(bench.run(function, params).0);
    assert_eq!(found.kind, kind, "{function}: {found:?}");
    assert!(found.message.contains(message), "{function}: {found:?}");
    let after = outputs(bench.run("noop", json!({"payload": function})).0);
    assert_eq!(inline(&after[0]), json!(function), "after {function}");
}

#[test]
fn each_way_to_fail_has_its_kind() {
    let bench = Bench::new(2);
    let none = || json!({});
    check(&bench, "fail", json!({"message": "no"}), FailureKind::Exception, "ZeroDivisionError: no");
    check(&bench, "refuse", json!({"message": "column 'X'"}), FailureKind::Refused, "column 'X'");
    check(&bench, "exit_zero", none(), FailureKind::ExitedWithoutResult, "status 0");
    check(&bench, "exit_by_exception", none(), FailureKind::ExitedWithoutResult, "SystemExit");
    check(&bench, "kill_self", none(), FailureKind::Killed, "SIGKILL");
    check(&bench, "segfault", none(), FailureKind::Killed, "SIGSEGV");
    check(&bench, "close_all", none(), FailureKind::Protocol, "control socket");
    check(&bench, "close_all", json!({"seconds": 600}), FailureKind::Protocol, "control socket");
    check(&bench, "garbage_on_control", none(), FailureKind::Protocol, "broke the protocol");
    check(&bench, "absent", none(), FailureKind::Import, "no operator named absent");
    check(&bench, "bad_type", none(), FailureKind::BadOutput, "out");

    let closed = bench.run("close_output", none()).0;
    assert!(matches!(closed, Outcome::Success { .. }), "{closed:?}");
    let (_, usage) = bench.run("print_bytes", json!({"text": "back", "times": 1, "then_seconds": 0}));
    assert_eq!(usage.log.end - usage.log.start, 4, "output is back on its feet");
}

#[test]
fn a_traceback_shows_the_users_frames_only() {
    let bench = Bench::new(1);
    let found = failure(bench.run("fail", json!({"message": "no"})).0);
    let traceback = found.traceback.expect("a traceback");
    assert!(traceback.contains("acts.py") && traceback.contains("ZeroDivisionError"), "{traceback}");
    assert!(!traceback.contains("suanzi/worker"), "{traceback}");
}

#[test]
fn import_errors_name_the_module_and_the_cause() {
    let bench = Bench::new(1);
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("broken_code.py"), "import no_such_library\n").expect("written");
    std::fs::write(dir.path().join("bad_syntax.py"), "def f(:\n").expect("written");
    let cases = [("broken_code", "no_such_library"), ("bad_syntax", "SyntaxError"), ("not_there", "not_there")];
    for (module, part) in cases {
        let mut task = bench.task("run", json!({}));
        task.code = CodeRef { module: module.into(), dir: Some(dir.path().into()), ..task.code };
        let attempt = bench.start(task);
        let found = failure(bench.events.finished(attempt).0);
        assert_eq!(found.kind, FailureKind::Import, "{found:?}");
        assert!(found.message.contains(part), "{found:?}");
    }
}

#[test]
fn memory_and_log_limits_end_the_attempt() {
    const MIB: u64 = 1 << 20;
    let bench = Bench::new(2);
    let limited = |function: &str, params, bytes| {
        let mut task = bench.task(function, params);
        task.limits.memory_bytes = Some(bytes);
        let attempt = bench.start(task);
        bench.events.finished(attempt)
    };
    let (outcome, usage) = limited("hold_memory", json!({"mib": 2000}), 400 * MIB);
    assert_eq!(failure(outcome).kind, FailureKind::OutOfMemory);
    assert!(usage.peak_rss_bytes > 300 * MIB, "{usage:?}");
    let (outcome, _) = limited("one_huge_block", json!({"mib": 20_000}), 400 * MIB);
    assert_eq!(failure(outcome).kind, FailureKind::OutOfMemory);
    let (outcome, usage) = limited("one_huge_block", json!({"mib": 100}), 600 * MIB);
    assert!(matches!(outcome, Outcome::Success { .. }), "{outcome:?}");
    assert!(usage.peak_rss_bytes > 100 * MIB, "{usage:?}");

    let found = failure(bench.run("flood", json!({"mib": 70})).0);
    assert_eq!(found.kind, FailureKind::Storage, "{found:?}");
    check(&bench, "fail", json!({"message": "no"}), FailureKind::Exception, "no");
}

#[test]
fn a_dead_zygote_is_replaced_and_its_attempts_are_lost() {
    let bench = Bench::new(2);
    let bystander = bench.start(bench.task("sleep", json!({"seconds": 600})));
    bench.events.started(bystander);
    assert_eq!(bench.run("kill_zygote", json!({})).0, Outcome::Lost);
    assert_eq!(bench.events.finished(bystander).0, Outcome::Lost);
    assert!(matches!(bench.run("noop", json!({})).0, Outcome::Success { .. }));
}

#[test]
fn a_missing_or_broken_interpreter_is_named() {
    for (python, part) in [("/nowhere/python", "/nowhere/python"), ("false", "exit status: 1")] {
        let bench = Bench::with(2, |options| options.python = python.into());
        for _ in 0..2 {
            let found = failure(bench.run("noop", json!({})).0);
            assert!(found.message.contains("Python can't start") && found.message.contains(part), "{found:?}");
            assert!(found.hint.is_some_and(|hint| hint.contains("suanzi doctor")));
        }
    }
}

#[test]
fn outputs_that_are_not_the_attempts_own_are_refused() {
    let bench = Bench::new(1);
    let mut task = bench.task("two_outputs", json!({}));
    task.outputs.push(OutputPort { name: "second".into(), port_type: "data".into() });
    let attempt = bench.start(task);
    let found = failure(bench.events.finished(attempt).0);
    assert_eq!((found.kind, found.message.contains("second")), (FailureKind::BadOutput, true), "{found:?}");
}

/// Each worker ends as soon as it is forked, as when the code changed under the process that forks them.
const STILLBORN: &str = "import os\nos.register_at_fork(after_in_child=lambda: os._exit(7))\n";

#[test]
fn workers_that_never_become_ready_end_what_waits_for_them() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("sitecustomize.py"), STILLBORN).expect("written");
    let bench = Bench::with(2, |options| {
        options.python_path.insert(0, dir.path().into());
        options.log_dir = dir.path().join("logs");
    });
    let found = failure(bench.run("noop", json!({"payload": 1})).0);
    assert_eq!(found.kind, FailureKind::Import, "{found:?}");
    assert!(found.message.contains("Python can't start"), "{found:?}");
    let logs = std::fs::read_dir(dir.path().join("logs")).expect("logs").count();
    assert!(logs < 30, "{logs} log files of workers that came and went");
}
