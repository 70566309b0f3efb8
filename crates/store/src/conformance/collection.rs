//! Eviction and its pins, artifact lists, registered models.

use super::requirements;
use super::scene::*;
use crate::*;

requirements![
    outputs_of_running_runs_are_pinned,
    artifacts_a_running_run_took_from_the_cache_are_pinned,
    registered_models_are_pinned,
    an_evicted_artifact_keeps_its_row_without_its_bytes,
    inline_artifacts_are_not_collectable,
    a_lost_file_opens_the_tasks_that_relied_on_it,
    a_lost_file_of_an_ended_run_is_only_gone,
    artifact_lists_are_filtered_and_limited,
    model_versions_count_within_a_name,
    a_task_registers_once,
    a_model_needs_its_run_and_artifact,
];

fn success(store: &dyn Store, run: RunKey, op: u32, result: TaskResult) {
    write(store, run, vec![dispatched(run, op, 1, 1), succeeded(run, op, 1, result, 2)]);
}

fn end_run(store: &dyn Store, run: RunKey) {
    write(store, run, vec![run_ended(run, RunState::Success, 99)]);
}

fn evicted(store: &dyn Store, names: &[&str]) -> Vec<String> {
    let ids: Vec<ArtifactId> = names.iter().map(|name| id(name)).collect();
    store.evict(&ids).unwrap().into_iter().map(|artifact| artifact.id.0).collect()
}

fn listed(store: &dyn Store, filter: ArtifactFilter) -> Vec<String> {
    store.artifacts(&filter).unwrap().into_iter().map(|artifact| artifact.id.0).collect()
}

fn collectable(store: &dyn Store) -> Vec<String> {
    listed(store, ArtifactFilter { collectable: true, ..ArtifactFilter::default() })
}

fn outputs_of_running_runs_are_pinned(store: &dyn Store) {
    let (open, ended) = (new_run(store, "open"), new_run(store, "ended"));
    success(store, open, 0, result("of open", &[]));
    success(store, ended, 0, result("of ended", &[]));
    end_run(store, ended);
    assert_eq!(collectable(store), ["of ended"]);
    assert_eq!(evicted(store, &["of open", "of ended", "of ended", "unknown"]), ["of ended"]);
    assert_eq!(evicted(store, &["of ended"]), [""; 0], "only what was there");
    end_run(store, open);
    assert_eq!(collectable(store), ["of open"]);
    assert_eq!(evicted(store, &["of open"]), ["of open"]);
}

fn artifacts_a_running_run_took_from_the_cache_are_pinned(store: &dyn Store) {
    let (maker, user) = (new_run(store, "maker"), new_run(store, "user"));
    success(store, maker, 0, result("a", &[]));
    end_run(store, maker);
    write(store, user, vec![settled(user, 0, TaskState::Cached, vec![(0, id("a"))], 1)]);
    assert_eq!(collectable(store), [""; 0]);
    assert_eq!(evicted(store, &["a"]), [""; 0]);
    end_run(store, user);
    assert_eq!(evicted(store, &["a"]), ["a"]);
}

fn model(run: RunKey, op: u32, name: &str, artifact: &str) -> NewModelVersion {
    NewModelVersion {
        name: name.into(),
        run,
        op,
        artifact: id(artifact),
        manifest: r#"{"auc":0.7}"#.into(),
        created_at: 50,
    }
}

fn registered_models_are_pinned(store: &dyn Store) {
    let run = new_run(store, "r");
    success(store, run, 0, result("model", &[]));
    success(store, run, 1, result("table", &[]));
    store.register_model(&model(run, 2, "信用", "model")).unwrap();
    end_run(store, run);
    assert_eq!(collectable(store), ["table"]);
    assert_eq!(evicted(store, &["model", "table"]), ["table"]);
    assert!(store.model_versions(None).unwrap()[0].artifact.present);
}

fn an_evicted_artifact_keeps_its_row_without_its_bytes(store: &dyn Store) {
    let run = new_run(store, "r");
    let inline = NewArtifact { inline: Some(vec![0, 255, 1]), path: String::new(), rows: None, ..artifact("a", 0) };
    success(store, run, 0, TaskResult { outputs: vec![inline], keys: vec![], self_hash: None });
    let describe = StoreRecord::Described { run, artifact: id("a"), content_id: "content".into(), stats: "{}".into() };
    write(store, run, vec![describe, run_ended(run, RunState::Success, 9)]);
    let before = store.outputs(run).unwrap().remove(0).artifact;
    assert_eq!(before.inline, Some(vec![0, 255, 1]));
    let marked = store.evict(&[id("a")]).unwrap();
    assert_eq!(marked, [ArtifactRow { present: false, inline: None, ..before }]);
    assert_eq!(store.outputs(run).unwrap()[0].artifact, marked[0]);
}

fn inline_artifacts_are_not_collectable(store: &dyn Store) {
    let run = new_run(store, "r");
    let inline = NewArtifact { inline: Some(vec![1]), path: String::new(), ..artifact("inline", 0) };
    let outputs = vec![inline, artifact("file", 1)];
    success(store, run, 0, TaskResult { outputs, keys: vec![], self_hash: None });
    end_run(store, run);
    assert_eq!(collectable(store), ["file"], "there is no file to gain from the other");
}

fn a_lost_file_opens_the_tasks_that_relied_on_it(store: &dyn Store) {
    let (maker, user) = (new_run(store, "maker"), new_run(store, "user"));
    success(store, maker, 0, result("a", &[key(1)]));
    success(store, maker, 1, result("b", &[key(2)]));
    write(store, user, vec![settled(user, 0, TaskState::Cached, vec![(0, id("a"))], 1)]);
    assert_eq!(store.settle_files(&[id("b"), id("unknown")], &[id("a"), id("a"), id("unknown")]).unwrap(), 2);
    for (run, attempt_no) in [(maker, 1), (user, 0)] {
        let task = &store.tasks(run).unwrap()[0];
        assert_eq!((task.state, task.attempt_no), (TaskState::Retrying, attempt_no));
        assert_eq!(task.seq, store.run(run).unwrap().unwrap().seq, "its change is the run's newest");
    }
    assert_eq!(store.attempts(maker, Some(0)).unwrap()[0].state, AttemptState::Lost);
    assert_eq!(store.tasks(maker).unwrap()[1].state, TaskState::Success);
    let outputs = store.outputs(maker).unwrap();
    assert_eq!(outputs.iter().map(|o| (o.op, o.artifact.durable)).collect::<Vec<_>>(), [(1, true)]);
    assert_eq!(store.lookup(&[key(1), key(2)]).unwrap().iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
    assert_eq!(store.settle_files(&[], &[id("a")]).unwrap(), 0, "it was lost already");
    // The next attempt publishes as any other.
    write(store, maker, vec![dispatched(maker, 0, 2, 50), succeeded(maker, 0, 2, result("a again", &[key(1)]), 51)]);
    assert_eq!(store.tasks(maker).unwrap()[0].state, TaskState::Success);
    assert!(store.lookup(&[key(1)]).unwrap()[0].is_some());
}

fn a_lost_file_of_an_ended_run_is_only_gone(store: &dyn Store) {
    let run = new_run(store, "r");
    success(store, run, 0, result("a", &[key(1)]));
    end_run(store, run);
    assert_eq!(store.settle_files(&[], &[id("a")]).unwrap(), 0);
    assert_eq!(store.tasks(run).unwrap()[0].state, TaskState::Success);
    assert!(!store.outputs(run).unwrap()[0].artifact.present);
    assert!(store.lookup(&[key(1)]).unwrap()[0].is_none());
}

fn artifact_lists_are_filtered_and_limited(store: &dyn Store) {
    let run = new_run(store, "r");
    for (op, name) in [(0, "c"), (1, "b"), (2, "a")] {
        success(store, run, op, result(name, &[]));
    }
    write(
        store,
        run,
        vec![StoreRecord::Durable { run, artifacts: vec![id("b")] }, run_ended(run, RunState::Success, 9)],
    );
    evicted(store, &["c"]);
    let all = ArtifactFilter::default;
    let check = |filter: ArtifactFilter, expected: &[&str]| {
        assert_eq!(listed(store, filter.clone()), expected, "{filter:?}");
    };
    check(all(), &["c", "b", "a"]);
    check(ArtifactFilter { limit: 2, ..all() }, &["c", "b"]);
    check(ArtifactFilter { present: true, ..all() }, &["b", "a"]);
    check(ArtifactFilter { not_durable: true, ..all() }, &["c", "a"]);
    check(ArtifactFilter { not_durable: true, present: true, ..all() }, &["a"]);
    check(ArtifactFilter { collectable: true, limit: 1, ..all() }, &["b"]);
    let ids = vec![id("a"), id("unknown"), id("c"), id("a")];
    check(ArtifactFilter { ids: ids.clone(), ..all() }, &["a", "c"]);
    check(ArtifactFilter { ids: ids.clone(), limit: 1, ..all() }, &["a"]);
    check(ArtifactFilter { ids, collectable: true, ..all() }, &["a"]);
}

fn model_versions_count_within_a_name(store: &dyn Store) {
    let run = new_run(store, "r");
    success(store, run, 0, result("m", &[]));
    let register = |op, name: &str| store.register_model(&model(run, op, name, "m")).unwrap();
    assert_eq!([register(1, "b"), register(2, "a"), register(3, "b")], [1, 1, 2]);
    let names = |name| {
        let rows = store.model_versions(name).unwrap();
        rows.into_iter().map(|row| (row.name, row.version, row.op)).collect::<Vec<_>>()
    };
    assert_eq!(names(None), [("a".to_string(), 1, 2), ("b".to_string(), 1, 1), ("b".to_string(), 2, 3)]);
    assert_eq!(names(Some("b")).len(), 2);
    assert_eq!(names(Some("c")), []);
    let row = store.model_versions(Some("a")).unwrap().remove(0);
    assert_eq!((row.run_id.as_str(), row.manifest.as_str(), row.created_at), ("r", r#"{"auc":0.7}"#, 50));
    assert_eq!(row.artifact.id, id("m"));
}

fn a_task_registers_once(store: &dyn Store) {
    let (run, other) = (new_run(store, "r"), new_run(store, "other"));
    success(store, run, 0, result("m", &[]));
    assert_eq!(store.register_model(&model(run, 5, "name", "m")).unwrap(), 1);
    assert_eq!(store.register_model(&model(other, 5, "name", "m")).unwrap(), 2);
    assert_eq!(store.register_model(&model(run, 5, "name", "m")).unwrap(), 1);
    assert_eq!(store.register_model(&model(run, 5, "another name", "m")).unwrap(), 1);
    assert_eq!(store.model_versions(None).unwrap().len(), 2);
}

fn a_model_needs_its_run_and_artifact(store: &dyn Store) {
    let run = new_run(store, "r");
    success(store, run, 0, result("m", &[]));
    let refused =
        |model: NewModelVersion| assert!(matches!(store.register_model(&model), Err(StoreError::Conflict(_))));
    refused(model(RunKey(99), 0, "name", "m"));
    refused(model(run, 0, "name", "unknown"));
    end_run(store, run);
    evicted(store, &["m"]);
    refused(model(run, 0, "name", "m"));
    assert_eq!(store.model_versions(None).unwrap(), []);
}
