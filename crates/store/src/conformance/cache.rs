//! The cache: keys lead to the newest result whose artifacts are all there.

use super::requirements;
use super::scene::*;
use crate::*;

requirements![
    a_result_is_found_under_each_of_its_keys,
    a_result_without_outputs_is_found,
    the_newest_result_of_a_key_wins,
    late_keys_never_replace_a_newer_result,
    late_keys_replace_an_evicted_newer_result,
    keys_need_a_published_whole_result,
    a_lookup_gives_whole_results_only,
    self_hashes_outlive_eviction_and_forgetting,
    forgotten_keys_are_gone_and_counted,
    a_lookup_makes_artifacts_younger,
];

fn success(store: &dyn Store, run: RunKey, op: u32, result: TaskResult) {
    write(store, run, vec![dispatched(run, op, 1, 1), succeeded(run, op, 1, result, 2)]);
}

fn end_run(store: &dyn Store, run: RunKey) {
    write(store, run, vec![run_ended(run, RunState::Success, 99)]);
}

fn a_result_is_found_under_each_of_its_keys(store: &dyn Store) {
    let run = new_run(store, "maker");
    success(store, run, 1, result("a", &[key(1), key(2)]));
    let answers = store.lookup(&[key(2), key(9), key(1), key(2)]).unwrap();
    assert_eq!(answers.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true, true]);
    let hit = answers[0].as_ref().unwrap();
    assert_eq!((hit.run_id.as_str(), hit.run, hit.op, hit.wall_us), ("maker", run, 1, 500));
    let ports: Vec<_> = hit.outputs.iter().map(|(port, artifact)| (*port, artifact.id.0.as_str())).collect();
    assert_eq!(ports, [(0, "a")]);
    assert_eq!(store.lookup(&[]).unwrap(), []);
}

fn a_result_without_outputs_is_found(store: &dyn Store) {
    let run = new_run(store, "r");
    success(store, run, 0, TaskResult { outputs: vec![], keys: vec![key(1)], self_hash: None });
    assert_eq!(found(store, &[key(1)]), [Some(vec![])]);
}

fn the_newest_result_of_a_key_wins(store: &dyn Store) {
    let (older, newer) = (new_run(store, "older"), new_run(store, "newer"));
    success(store, newer, 0, result("first", &[key(1)]));
    success(store, older, 0, result("second", &[key(1)]));
    assert_eq!(found(store, &[key(1)]), [Some(vec!["second".to_string()])], "newest by commit, not by run");
}

fn late_keys_never_replace_a_newer_result(store: &dyn Store) {
    let run = new_run(store, "r");
    success(store, run, 0, result("old", &[key(1)]));
    success(store, run, 1, result("new", &[key(2)]));
    write(store, run, vec![StoreRecord::Keyed { run, op: 0, attempt_no: 1, keys: vec![key(2), key(3)] }]);
    let old = || Some(vec!["old".to_string()]);
    assert_eq!(found(store, &[key(2), key(3)]), [Some(vec!["new".to_string()]), old()]);
    write(store, run, vec![StoreRecord::Keyed { run, op: 1, attempt_no: 1, keys: vec![key(1)] }]);
    assert_eq!(found(store, &[key(1)]), [Some(vec!["new".to_string()])]);
}

fn late_keys_replace_an_evicted_newer_result(store: &dyn Store) {
    let (run, ended) = (new_run(store, "r"), new_run(store, "ended"));
    success(store, run, 0, result("old", &[]));
    success(store, ended, 0, result("new", &[key(1)]));
    end_run(store, ended);
    assert_eq!(store.evict(&[id("new")]).unwrap().len(), 1);
    assert_eq!(found(store, &[key(1)]), [None]);
    write(store, run, vec![StoreRecord::Keyed { run, op: 0, attempt_no: 1, keys: vec![key(1)] }]);
    assert_eq!(found(store, &[key(1)]), [Some(vec!["old".to_string()])]);
}

fn keys_need_a_published_whole_result(store: &dyn Store) {
    let (run, ended) = (new_run(store, "r"), new_run(store, "ended"));
    let keyed = |run, op, attempt_no| StoreRecord::Keyed { run, op, attempt_no, keys: vec![key(1)] };
    write(
        store,
        run,
        vec![dispatched(run, 0, 1, 1), failed(run, 0, 1, TaskState::Failed, 2), dispatched(run, 1, 1, 3)],
    );
    success(store, run, 2, result("a", &[]));
    assert_eq!(
        outcome_of(store, run, vec![keyed(run, 0, 1), keyed(run, 1, 1), keyed(run, 2, 2), keyed(run, 3, 1)]),
        stale(&[0, 1, 2, 3])
    );
    let two = TaskResult { outputs: vec![artifact("b", 0), artifact("c", 1)], keys: vec![], self_hash: None };
    success(store, ended, 0, two);
    end_run(store, ended);
    store.evict(&[id("b")]).unwrap();
    assert_eq!(outcome_of(store, ended, vec![keyed(ended, 0, 1)]), stale(&[0]), "not by an evicted one");
    assert_eq!(found(store, &[key(1)]), [None]);
    write(store, run, vec![keyed(run, 2, 1)]);
    assert_eq!(found(store, &[key(1)]), [Some(vec!["a".to_string()])]);
}

fn a_lookup_gives_whole_results_only(store: &dyn Store) {
    let run = new_run(store, "r");
    let two = TaskResult { outputs: vec![artifact("a", 0), artifact("b", 1)], keys: vec![key(1)], self_hash: None };
    success(store, run, 0, two);
    success(store, run, 1, result("c", &[key(2)]));
    end_run(store, run);
    store.evict(&[id("b")]).unwrap();
    assert_eq!(found(store, &[key(1), key(2)]), [None, Some(vec!["c".to_string()])]);
    let present: Vec<bool> = store.outputs(run).unwrap().iter().map(|output| output.artifact.present).collect();
    assert_eq!(present, [true, false, true], "rows stay when files go");
}

fn self_hashes_outlive_eviction_and_forgetting(store: &dyn Store) {
    let run = new_run(store, "r");
    success(store, run, 0, TaskResult { outputs: vec![artifact("a", 0)], keys: vec![key(1)], self_hash: Some(key(7)) });
    end_run(store, run);
    store.evict(&[id("a")]).unwrap();
    store.forget(&[key(1)]).unwrap();
    assert_eq!(store.has_self_hash(&[key(1), key(7), key(8)]).unwrap(), [false, true, false]);
}

fn forgotten_keys_are_gone_and_counted(store: &dyn Store) {
    let run = new_run(store, "r");
    success(store, run, 0, result("a", &[key(1), key(2)]));
    assert_eq!(store.forget(&[key(1), key(1), key(9)]).unwrap(), 1);
    assert_eq!(found(store, &[key(1), key(2)]), [None, Some(vec!["a".to_string()])]);
    assert!(store.artifacts(&ArtifactFilter::default()).unwrap()[0].present);
    assert_eq!(store.forget(&[key(1)]).unwrap(), 0);
}

fn a_lookup_makes_artifacts_younger(store: &dyn Store) {
    let run = new_run(store, "r");
    for (op, name) in [(0, "a"), (1, "b"), (2, "c")] {
        success(store, run, op, result(name, &[key(op as u8)]));
    }
    end_run(store, run);
    let collectable = || {
        let filter = ArtifactFilter { collectable: true, ..ArtifactFilter::default() };
        store.artifacts(&filter).unwrap().into_iter().map(|artifact| artifact.id.0).collect::<Vec<_>>()
    };
    assert_eq!(collectable(), ["a", "b", "c"], "same age: in the order they were made");
    store.lookup(&[key(0)]).unwrap();
    assert_eq!(collectable(), ["b", "c", "a"]);
    let other = new_run(store, "other");
    store.lookup(&[key(1)]).unwrap();
    write(store, other, vec![dispatched(other, 0, 1, 1)]);
    let used = store.artifacts(&ArtifactFilter { ids: vec![id("b"), id("c")], ..ArtifactFilter::default() }).unwrap();
    assert!(used[0].last_used > 2_000, "written at the latest with the next batch");
    assert_eq!(used[1].last_used, 2_000);
}
