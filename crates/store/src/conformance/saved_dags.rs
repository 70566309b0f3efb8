//! DAGs as they are kept: titles, versions on a condition, drafts, lists.

use super::scene::{OWNER, dispatched, failed, new_run, settled, version_of, write};
use crate::*;

super::requirements!(
    a_dag_is_made_once_and_found,
    every_version_of_a_run_is_a_dags,
    saving_needs_the_newest_version,
    a_draft_needs_its_newest_revision,
    a_revision_never_comes_twice,
    dags_are_listed_newest_first_without_hidden_ones,
    versions_are_listed_newest_first,
    a_request_begins_one_run,
    tasks_are_counted,
);

fn made(store: &dyn Store, identity: &str) -> DagKey {
    store.create_dag(identity, "").unwrap()
}

fn a_dag_is_made_once_and_found(store: &dyn Store) {
    let key = store.create_dag("a", "标题").unwrap();
    assert!(matches!(store.create_dag("a", "other"), Err(StoreError::Conflict(_))));
    let row = store.dag(key).unwrap().unwrap();
    assert_eq!((row.identity.as_str(), row.title.as_str(), row.version, row.has_draft), ("a", "标题", 0, false));
    assert_eq!(store.dag(DagKey(99)).unwrap(), None);
    assert_eq!(store.dag(DagKey(u64::MAX)).unwrap(), None);
}

fn every_version_of_a_run_is_a_dags(store: &dyn Store) {
    let version = store.put_dag_version(&version_of("a", "one")).unwrap();
    let row = store.dags(&DagFilter::default()).unwrap().remove(0);
    assert_eq!((row.identity.as_str(), row.version, row.version_key), ("a", 1, Some(version)));
    assert_eq!(row.operators, version_of("a", "one").operators.len() as u64);
    assert_eq!(store.dag_version_key(row.key, 1).unwrap(), Some(version));
    assert_eq!(store.dag_version_key(row.key, 2).unwrap(), None);
    assert_eq!(store.dag_version_key(row.key, 0).unwrap(), None);
}

fn saving_needs_the_newest_version(store: &dyn Store) {
    let key = made(store, "a");
    store.put_draft(key, 0, "draft", 7).unwrap();
    assert_eq!(store.save_dag(key, 0, &version_of("x", "one"), Some("T")).unwrap(), Guarded::Done(1));
    let row = store.dag(key).unwrap().unwrap();
    assert_eq!((row.identity.as_str(), row.title.as_str(), row.has_draft), ("a", "T", false));
    assert_eq!(store.save_dag(key, 0, &version_of("a", "two"), None).unwrap(), Guarded::Moved(1));
    assert_eq!(store.save_dag(key, 1, &version_of("a", "one"), None).unwrap(), Guarded::Done(1), "the same text");
    assert_eq!(store.save_dag(key, 1, &version_of("a", "two"), None).unwrap(), Guarded::Done(2));
    assert_eq!(store.dag(key).unwrap().unwrap().title, "T");
    assert!(store.save_dag(DagKey(99), 0, &version_of("a", "x"), None).is_err());
}

fn a_draft_needs_its_newest_revision(store: &dyn Store) {
    let key = made(store, "a");
    assert_eq!(store.draft(key).unwrap(), None);
    assert_eq!(store.put_draft(key, 0, "一", 5).unwrap(), Guarded::Done(1));
    assert_eq!(store.put_draft(key, 0, "two", 6).unwrap(), Guarded::Moved(1));
    assert_eq!(store.put_draft(key, 1, "two", 6).unwrap(), Guarded::Done(2));
    assert_eq!(store.draft(key).unwrap(), Some(DraftRow { source: "two".into(), revision: 2, at: 6 }));
    assert!(store.put_draft(DagKey(99), 0, "x", 1).is_err());
}

fn a_revision_never_comes_twice(store: &dyn Store) {
    let key = made(store, "a");
    store.put_draft(key, 0, "one", 5).unwrap();
    assert!(store.drop_draft(key).unwrap());
    assert!(!store.drop_draft(key).unwrap());
    assert_eq!(store.put_draft(key, 1, "late", 6).unwrap(), Guarded::Moved(0));
    assert_eq!(store.put_draft(key, 0, "two", 6).unwrap(), Guarded::Done(2));
}

fn dags_are_listed_newest_first_without_hidden_ones(store: &dyn Store) {
    let (a, b) = (made(store, "alpha"), store.create_dag("b", "Beta_%").unwrap());
    let c = made(store, "gamma");
    assert!(store.hide_dag(c).unwrap());
    assert!(!store.hide_dag(c).unwrap());
    let keys = |filter: DagFilter| store.dags(&filter).unwrap().into_iter().map(|row| row.key).collect::<Vec<_>>();
    assert_eq!(keys(DagFilter::default()), [b, a]);
    assert_eq!(keys(DagFilter { limit: 1, ..DagFilter::default() }), [b]);
    assert_eq!(keys(DagFilter { before: Some(b), ..DagFilter::default() }), [a]);
    for (text, expected) in [("ALP", vec![a]), ("a_%", vec![b]), ("_", vec![b]), ("zeta", vec![])] {
        assert_eq!(keys(DagFilter { text: text.into(), ..DagFilter::default() }), expected, "{text}");
    }
    assert!(store.dag(c).unwrap().unwrap().hidden, "its runs still lead to it");
}

fn versions_are_listed_newest_first(store: &dyn Store) {
    let key = made(store, "a");
    for (no, text) in ["one", "two", "three"].iter().enumerate() {
        store.save_dag(key, no as u32, &version_of("a", text), None).unwrap();
    }
    let numbers = |before, limit| {
        store.dag_versions(key, before, limit).unwrap().into_iter().map(|line| line.version).collect::<Vec<_>>()
    };
    assert_eq!(numbers(None, 10), [3, 2, 1]);
    assert_eq!(numbers(Some(3), 1), [2]);
    assert_eq!(store.dag_versions(key, None, 1).unwrap()[0].source_hash, version_of("a", "three").source_hash);
}

fn a_request_begins_one_run(store: &dyn Store) {
    let dag_version = store.put_dag_version(&version_of("a", "text")).unwrap();
    let ask = |key: &str, run_id: &str, created_at, forget_before| {
        let config = "{}".to_string();
        let run = NewRun { run_id: run_id.into(), dag_version, config, total: 1, token_seed: 1, created_at };
        let request = RequestKey { key: key.into(), request_hash: "h".into() };
        store.create_asked_run(&run, OWNER, &request, forget_before)
    };
    let begun = |run_id: &str| store.run_by_id(run_id).unwrap().map(|row| row.key);
    assert_eq!(store.asked("k").unwrap(), None);
    let one = ask("k", "one", 10, 0).unwrap();
    assert_eq!(begun("one"), Some(one));
    assert!(matches!(ask("k", "two", 11, 0), Err(StoreError::AskedBefore { run_id }) if run_id == "one"));
    assert_eq!(begun("two"), None, "a refused request leaves no run");
    assert!(matches!(ask("other", "one", 12, 0), Err(StoreError::Conflict(_))));
    assert_eq!(store.asked("other").unwrap(), None, "a run that isn't created leaves no request");
    let request = RequestKey { key: "k".into(), request_hash: "h".into() };
    assert_eq!(store.asked("k").unwrap(), Some(AskedOnce { request, run_id: "one".into(), created_at: 10 }));
    ask("other", "three", 30, 20).unwrap();
    assert_eq!(store.asked("k").unwrap(), None, "old ones are forgotten");
    assert!(begun("one").is_some(), "their runs are not");
}

fn tasks_are_counted(store: &dyn Store) {
    let run = new_run(store, "r");
    let records = vec![
        dispatched(run, 0, 1, 1),
        failed(run, 0, 1, TaskState::Failed, 2),
        settled(run, 1, TaskState::Skipped, Vec::new(), 3),
        settled(run, 2, TaskState::Cached, Vec::new(), 4),
        dispatched(run, 3, 1, 5),
    ];
    write(store, run, records);
    let expected = TaskCounts { done: 3, failed: 1, cached: 1 };
    assert_eq!(store.task_counts(&[run, RunKey(99)]).unwrap(), [expected, TaskCounts::default()]);
}
