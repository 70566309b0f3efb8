//! Runs: their rows, their end, lists and pages.

use super::requirements;
use super::scene::*;
use crate::*;

requirements![
    a_new_run_is_read_back_whole,
    run_ids_are_unique,
    a_run_needs_its_dag_version,
    a_run_ends_once_and_only_from_running,
    nothing_of_a_task_changes_after_its_run_ended,
    the_run_carries_the_highest_sequence_written,
    runs_are_paged_newest_first,
    runs_are_filtered_by_dag_and_state,
    cancel_is_asked_of_running_runs_only,
];

fn a_new_run_is_read_back_whole(store: &dyn Store) {
    let dag_version = store.put_dag_version(&version_of("流程", "one")).unwrap();
    let run = NewRun {
        run_id: "r-1".into(),
        dag_version,
        config: "{}".into(),
        total: u32::MAX,
        token_seed: u64::MAX,
        created_at: 123,
    };
    let key = store.create_run(&run, OWNER).unwrap();
    let expected = RunRow {
        key,
        run_id: "r-1".into(),
        dag_version,
        dag: store.dag_version(dag_version).unwrap().unwrap().dag,
        version: 1,
        dag_identity: "流程".into(),
        state: RunState::Running,
        config: "{}".into(),
        total: u32::MAX,
        token_seed: u64::MAX,
        owner: OWNER.into(),
        owner_epoch: 1,
        cancel_requested: false,
        seq: 0,
        created_at: 123,
        ended_at: None,
    };
    assert_eq!(store.run(key).unwrap(), Some(expected.clone()));
    assert_eq!(store.run_by_id("r-1").unwrap(), Some(expected.clone()));
    assert_eq!(store.runs(&RunFilter::default()).unwrap(), [expected]);
    assert_eq!(store.run_by_id("r-2").unwrap(), None);
    for absent in [0, 99, u64::MAX] {
        assert_eq!(store.run(RunKey(absent)).unwrap(), None);
        assert_eq!(store.tasks(RunKey(absent)).unwrap(), []);
    }
    assert_eq!(store.tasks(key).unwrap(), [], "a task that never changed has no row");
}

fn run_ids_are_unique(store: &dyn Store) {
    let run = new_run(store, "same");
    let again = NewRun {
        run_id: "same".into(),
        dag_version: store.run(run).unwrap().unwrap().dag_version,
        config: "{}".into(),
        total: 1,
        token_seed: 1,
        created_at: 1,
    };
    assert!(matches!(store.create_run(&again, "other"), Err(StoreError::Conflict(_))));
    assert_eq!(store.run_by_id("same").unwrap().unwrap().owner, OWNER);
    assert_eq!(store.runs(&RunFilter::default()).unwrap().len(), 1);
}

fn a_run_needs_its_dag_version(store: &dyn Store) {
    let run = NewRun {
        run_id: "r".into(),
        dag_version: DagVersionKey(5),
        config: "{}".into(),
        total: 1,
        token_seed: 1,
        created_at: 1,
    };
    assert!(matches!(store.create_run(&run, OWNER), Err(StoreError::Conflict(_))));
}

fn a_run_ends_once_and_only_from_running(store: &dyn Store) {
    let run = new_run(store, "r");
    assert_eq!(outcome_of(store, run, vec![run_ended(run, RunState::Running, 1)]), stale(&[0]));
    write(store, run, vec![run_ended(run, RunState::Failed, 2)]);
    let ended = store.run(run).unwrap().unwrap();
    assert_eq!((ended.state, ended.ended_at, ended.seq), (RunState::Failed, Some(9_000), 2));
    for state in [RunState::Success, RunState::Failed, RunState::Cancelled] {
        assert_eq!(outcome_of(store, run, vec![run_ended(run, state, 3)]), stale(&[0]));
    }
    assert_eq!(store.run(run).unwrap().unwrap(), ended);
}

fn nothing_of_a_task_changes_after_its_run_ended(store: &dyn Store) {
    let run = new_run(store, "r");
    let records = vec![
        dispatched(run, 0, 1, 1),
        run_ended(run, RunState::Cancelled, 2),
        succeeded(run, 0, 1, result("a", &[key(1)]), 3),
        dispatched(run, 1, 1, 4),
        settled(run, 2, TaskState::Skipped, vec![], 5),
    ];
    assert_eq!(outcome_of(store, run, records), stale(&[2, 3, 4]));
    let late = vec![dispatched(run, 0, 2, 6), succeeded(run, 0, 2, result("b", &[key(1)]), 7)];
    assert_eq!(outcome_of(store, run, late), stale(&[0, 1]));
    assert_eq!(state_of(store, run, 0), Some(TaskState::Running));
    assert_eq!(store.tasks(run).unwrap().len(), 1);
    assert_eq!(found(store, &[key(1)]), [None]);
    assert_eq!(store.run(run).unwrap().unwrap().seq, 2);
}

fn the_run_carries_the_highest_sequence_written(store: &dyn Store) {
    let run = new_run(store, "r");
    write(store, run, vec![dispatched(run, 0, 1, 7), dispatched(run, 1, 1, 5)]);
    assert_eq!(store.run(run).unwrap().unwrap().seq, 7);
    assert_eq!(outcome_of(store, run, vec![dispatched(run, 0, 1, 50)]), stale(&[0]));
    assert_eq!(store.run(run).unwrap().unwrap().seq, 7, "a stale record's number doesn't count");
    assert_eq!(task(store, run, 1).unwrap().seq, 5);
}

fn runs_are_paged_newest_first(store: &dyn Store) {
    let keys: Vec<RunKey> = (0..1_005).map(|n| new_run(store, &format!("r{n}"))).collect();
    let page = |before, limit| {
        let rows = store.runs(&RunFilter { before, limit, ..RunFilter::default() }).unwrap();
        rows.into_iter().map(|row| row.key).collect::<Vec<_>>()
    };
    let newest_first: Vec<RunKey> = keys.iter().rev().copied().collect();
    assert_eq!(page(None, 0), newest_first[..1_000]);
    assert_eq!(page(None, 5_000).len(), 1_000);
    assert_eq!(page(Some(newest_first[999]), 0), newest_first[1_000..]);
    assert_eq!(page(Some(newest_first[2]), 2), newest_first[3..5]);
    assert_eq!(page(Some(RunKey(u64::MAX)), 1), newest_first[..1]);
    assert_eq!(page(Some(keys[0]), 0), []);
}

fn runs_are_filtered_by_dag_and_state(store: &dyn Store) {
    let a = new_run_of(store, "a", "dag a", OWNER);
    let b = new_run_of(store, "b", "dag b", OWNER);
    let b_ended = new_run_of(store, "b ended", "dag b", OWNER);
    write(store, b_ended, vec![run_ended(b_ended, RunState::Success, 1)]);
    let check = |identity: Option<&str>, states: &[RunState], expected: &[RunKey]| {
        let filter =
            RunFilter { dag_identity: identity.map(String::from), states: states.to_vec(), ..RunFilter::default() };
        let found: Vec<RunKey> = store.runs(&filter).unwrap().into_iter().map(|row| row.key).collect();
        assert_eq!(found, expected, "{identity:?} {states:?}");
    };
    check(None, &[], &[b_ended, b, a]);
    check(Some("dag b"), &[], &[b_ended, b]);
    check(Some("dag b"), &[RunState::Running], &[b]);
    check(None, &[RunState::Success, RunState::Failed], &[b_ended]);
    check(None, &[RunState::Running, RunState::Running, RunState::Success], &[b_ended, b, a]);
    check(Some("unknown"), &[], &[]);
}

fn cancel_is_asked_of_running_runs_only(store: &dyn Store) {
    let (run, ended) = (new_run(store, "r"), new_run(store, "ended"));
    write(store, ended, vec![run_ended(ended, RunState::Success, 1)]);
    store.request_cancel(run).unwrap();
    store.request_cancel(run).unwrap();
    store.request_cancel(ended).unwrap();
    assert!(store.run(run).unwrap().unwrap().cancel_requested);
    assert!(!store.run(ended).unwrap().unwrap().cancel_requested);
    assert!(matches!(store.request_cancel(RunKey(99)), Err(StoreError::Conflict(_))));
}
