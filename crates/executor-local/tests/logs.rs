//! Each attempt's output is its own.

mod support;

use serde_json::json;
use suanzi_executor::*;
use support::*;

const ATTEMPTS: usize = 1_000;

#[test]
fn a_thousand_attempts_each_find_their_nonces_and_nothing_else() {
    let bench = Bench::new(4);
    let started: Vec<_> = (0..ATTEMPTS)
        .map(|number| {
            let nonce = format!("n{:016x}.", (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            (bench.start(bench.task("nonce", json!({ "nonce": nonce }))), nonce)
        })
        .collect();
    for (attempt, nonce) in started {
        let (outcome, usage) = bench.events.finished(attempt);
        assert!(matches!(outcome, Outcome::Success { .. }), "{outcome:?}");
        let log = bench.log(attempt);
        // Python's print, a plain write and C's printf, none of them with a line end.
        assert_eq!(log, nonce.repeat(3));
        assert_eq!(usage.log.end - usage.log.start, log.len() as u64);
    }
}

#[test]
fn the_range_that_is_reported_can_be_read_from_the_file() {
    let bench = Bench::new(1);
    bench.run("print_bytes", json!({"text": "first", "times": 3, "then_seconds": 0}));
    let (_, usage) = bench.run("print_bytes", json!({"text": "二", "times": 2, "then_seconds": 0}));
    let file = std::fs::read(bench.dir.path().join("logs").join(format!("{}.log", usage.log.file))).expect("the file");
    assert_eq!(&file[usage.log.start as usize..usage.log.end as usize], "二二".as_bytes());
}

#[test]
fn a_crash_keeps_what_was_written() {
    let bench = Bench::new(1);
    let attempt = bench.start(bench.task("leave_children", json!({"mark": "none", "seconds": 0, "exit": true})));
    assert_eq!(failure(bench.events.finished(attempt).0).kind, FailureKind::ExitedWithoutResult);
    assert_eq!(bench.log(attempt), "left\n");
}
