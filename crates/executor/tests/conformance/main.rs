//! The suite passes the null executor, and finds each of a dozen and more deliberately broken ones.

mod broken;

use broken::{Broken, FAULTS, Fault};
use suanzi_executor::conformance::NullHarness;
use suanzi_executor::conformance::{Report, cases, run_all};

#[test]
fn the_null_executor_passes() {
    let report = run_all(&NullHarness::sound());
    report.assert(&[]);
    assert_eq!(report.passed.len(), cases().len() + 1);
}

#[test]
fn every_broken_executor_is_found() {
    // Side by side: they mostly wait for what never comes.
    let missed: Vec<_> = std::thread::scope(|scope| {
        let judge = |fault: Fault| run_all(&NullHarness::with(move |inner| Broken::new(inner, fault)));
        let judged: Vec<_> = FAULTS.iter().map(|fault| (fault, scope.spawn(move || judge(*fault)))).collect();
        let found =
            |thread: std::thread::ScopedJoinHandle<'_, Report>| !thread.join().expect("a report").failed.is_empty();
        judged.into_iter().filter_map(|(fault, thread)| (!found(thread)).then_some(fault)).collect()
    });
    assert!(missed.is_empty(), "not found: {missed:?}");
}
