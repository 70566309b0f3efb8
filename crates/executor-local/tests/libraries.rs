//! Scikit-learn is imported once somebody needs it, and then by the zygote, for all.

mod support;

use serde_json::{Value, json};
use suanzi_executor::{Executor, TaskRequest};
use support::*;

/// An attempt of code that is known not to import scikit-learn, or may.
fn task(bench: &Bench, sklearn: bool, params: Value) -> Box<TaskRequest> {
    let mut task = bench.task("libraries", params);
    task.code.sklearn = sklearn;
    task
}

fn told(bench: &Bench, task: Box<TaskRequest>) -> Value {
    let attempt = bench.start(task);
    inline(&outputs(bench.events.finished(attempt).0)[0])
}

#[test]
fn it_is_not_imported_before_it_is_needed() {
    let bench = Bench::new(2);
    let light = told(&bench, task(&bench, false, json!({})));
    assert_eq!(light["sklearn"], false);
    let needs = told(&bench, task(&bench, true, json!({})));
    assert_eq!(needs["sklearn"], true, "{needs}");
    assert_eq!(needs["zygote"], light["zygote"], "the same zygote has imported it");
    assert_ne!(needs["pid"], light["pid"]);
    // Whoever is near the tables has it from now on.
    for _ in 0..3 {
        let next = told(&bench, task(&bench, false, json!({})));
        assert_eq!((&next["sklearn"], &next["pid"]), (&json!(true), &needs["pid"]));
    }
}

#[test]
fn it_is_imported_while_another_attempt_runs() {
    let bench = Bench::new(2);
    assert_eq!(told(&bench, task(&bench, false, json!({})))["sklearn"], false);
    let mut sleeps = bench.task("sleep", json!({"seconds": 30}));
    sleeps.code.sklearn = false;
    let sleeps = bench.start(sleeps);
    bench.events.started(sleeps);
    bench.executor.foresee(&task(&bench, true, json!({})).code);
    // Nobody asks for a worker: the one that has it comes by itself, and beside the sleeping one.
    assert_eq!(told(&bench, task(&bench, true, json!({})))["sklearn"], true);
    bench.executor.stop(&sleeps, std::time::Duration::ZERO);
    bench.events.finished(sleeps);
}

#[test]
fn code_that_imports_it_though_its_source_did_not_show_that_does_so_once() {
    let bench = Bench::new(1);
    let first = told(&bench, task(&bench, false, json!({"import": true})));
    assert_eq!(first["sklearn"], false);
    let second = told(&bench, task(&bench, false, json!({"import": true})));
    assert_eq!(second["sklearn"], true, "the zygote has it now");
    assert_ne!(second["pid"], first["pid"]);
    let third = told(&bench, task(&bench, false, json!({"import": true})));
    assert_eq!(third["pid"], second["pid"]);
}
