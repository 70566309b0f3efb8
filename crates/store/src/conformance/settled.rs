//! Tasks settled without an attempt of their own, and what is added to artifacts later.

use super::requirements;
use super::scene::*;
use crate::*;

requirements![
    a_cached_task_refers_to_earlier_artifacts,
    a_cached_task_needs_its_artifacts_present,
    settling_a_begun_task_keeps_its_attempts,
    descriptions_are_added_to_artifacts,
    durable_is_all_or_nothing,
];

fn a_cached_task_refers_to_earlier_artifacts(store: &dyn Store) {
    let (first, second) = (new_run(store, "first"), new_run(store, "second"));
    let two = TaskResult { outputs: vec![artifact("a", 0), artifact("b", 3)], keys: vec![key(1)], self_hash: None };
    write(store, first, vec![dispatched(first, 0, 1, 1), succeeded(first, 0, 1, two, 2)]);
    let outputs = vec![(0, id("a")), (3, id("b"))];
    write(store, second, vec![settled(second, 2, TaskState::Cached, outputs, 1)]);
    let cached = TaskRow { op: 2, state: TaskState::Cached, attempt_no: 0, failures: 0, seq: 1, changed_at: 3_000 };
    assert_eq!(store.tasks(second).unwrap(), [cached]);
    assert_eq!(output_ids(store, second), [(2, 0, "a".to_string()), (2, 3, "b".to_string())]);
    let made_by = store.outputs(second).unwrap().remove(0).artifact;
    assert_eq!((made_by.run, made_by.op), (first, 0), "the artifact stays its maker's");
    assert_eq!(store.lookup(&[key(1)]).unwrap()[0].as_ref().unwrap().run, first);
}

fn a_cached_task_needs_its_artifacts_present(store: &dyn Store) {
    let (first, second) = (new_run(store, "first"), new_run(store, "second"));
    write(
        store,
        first,
        vec![
            dispatched(first, 0, 1, 1),
            succeeded(first, 0, 1, result("gone", &[]), 2),
            dispatched(first, 1, 1, 3),
            succeeded(first, 1, 1, result("there", &[]), 4),
            run_ended(first, RunState::Success, 5),
        ],
    );
    assert_eq!(store.evict(&[id("gone")]).unwrap().len(), 1);
    for missing in ["gone", "unknown"] {
        let outputs = vec![(0, id("there")), (1, id(missing))];
        let outcome = outcome_of(store, second, vec![settled(second, 0, TaskState::Cached, outputs, 1)]);
        assert_eq!(outcome, stale(&[0]), "{missing}");
    }
    assert_eq!(store.tasks(second).unwrap(), []);
    assert_eq!(store.outputs(second).unwrap(), []);
}

fn settling_a_begun_task_keeps_its_attempts(store: &dyn Store) {
    let run = new_run(store, "r");
    write(
        store,
        run,
        vec![dispatched(run, 0, 1, 1), failed(run, 0, 1, TaskState::Retrying, 2), dispatched(run, 0, 2, 3)],
    );
    write(store, run, vec![settled(run, 0, TaskState::Cancelled, vec![], 4)]);
    let done = TaskRow { op: 0, state: TaskState::Cancelled, attempt_no: 2, failures: 1, seq: 4, changed_at: 3_000 };
    assert_eq!(store.tasks(run).unwrap(), [done]);
    assert_eq!(attempt_states(store, run, 0), [AttemptState::Failed, AttemptState::Lost]);
}

fn descriptions_are_added_to_artifacts(store: &dyn Store) {
    let run = new_run(store, "r");
    write(
        store,
        run,
        vec![dispatched(run, 0, 1, 1), succeeded(run, 0, 1, result("a", &[]), 2), run_ended(run, RunState::Success, 3)],
    );
    let describe = |name: &str| StoreRecord::Described {
        run,
        artifact: id(name),
        content_id: "content".into(),
        stats: r#"{"rows":1}"#.into(),
    };
    assert_eq!(outcome_of(store, run, vec![describe("a"), describe("b")]), stale(&[1]));
    let expected = ArtifactRow {
        id: id("a"),
        run,
        op: 0,
        port_type: "data".into(),
        path: "a.arrow".into(),
        inline: None,
        bytes: 1_000,
        rows: Some(10),
        manifest: "{}".into(),
        identity: None,
        content_id: Some("content".into()),
        stats: Some(r#"{"rows":1}"#.into()),
        durable: false,
        present: true,
        created_at: 2_000,
        last_used: 2_000,
    };
    assert_eq!(store.artifacts(&ArtifactFilter::default()).unwrap(), [expected], "also after the run's end");
}

fn durable_is_all_or_nothing(store: &dyn Store) {
    let run = new_run(store, "r");
    let record = |names: &[&str]| StoreRecord::Durable { run, artifacts: names.iter().map(|name| id(name)).collect() };
    let records = vec![
        dispatched(run, 0, 1, 1),
        succeeded(run, 0, 1, result("a", &[]), 2),
        dispatched(run, 1, 1, 3),
        succeeded(run, 1, 1, result("b", &[]), 4),
        record(&["b", "unknown"]),
        record(&[]),
    ];
    assert_eq!(outcome_of(store, run, records), stale(&[4]));
    let open = || {
        let filter = ArtifactFilter { not_durable: true, ..ArtifactFilter::default() };
        store.artifacts(&filter).unwrap().into_iter().map(|artifact| artifact.id.0).collect::<Vec<_>>()
    };
    assert_eq!(open(), ["a", "b"]);
    write(store, run, vec![record(&["b"])]);
    assert_eq!(open(), ["a"]);
    write(store, run, vec![record(&["a", "b", "a"])]);
    assert_eq!(open(), [""; 0]);
}
