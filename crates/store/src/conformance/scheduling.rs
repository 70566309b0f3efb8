//! Schedules, the runs they begin, and messages about runs' ends.

use super::requirements;
use super::scene::*;
use crate::*;

requirements![
    a_logical_time_of_a_dag_begins_one_run,
    nothing_is_left_of_a_refused_scheduled_run,
    schedules_are_replaced_and_listed,
    a_message_is_kept_once_per_run_and_address,
    waiting_messages_come_in_their_order,
    a_settled_message_stays_settled,
    settled_messages_are_pruned_and_waiting_ones_stay,
];

fn new(dag_version: DagVersionKey, run_id: &str) -> NewRun {
    NewRun { run_id: run_id.into(), dag_version, config: "{}".into(), total: 1, token_seed: 1, created_at: 5 }
}

fn a_logical_time_of_a_dag_begins_one_run(store: &dyn Store) {
    let first = store.put_dag_version(&version_of("a", "one")).unwrap();
    let second = store.put_dag_version(&version_of("a", "two")).unwrap();
    let other = store.put_dag_version(&version_of("b", "one")).unwrap();
    let run = store.create_scheduled_run(&new(first, "r-1"), OWNER, 100).unwrap();
    for version in [first, second] {
        let refused = store.create_scheduled_run(&new(version, "r-2"), "another", 100);
        assert!(matches!(refused, Err(StoreError::LogicalTimeTaken { run_id }) if run_id == "r-1"));
    }
    let later = store.create_scheduled_run(&new(second, "r-3"), OWNER, 160).unwrap();
    store.create_scheduled_run(&new(other, "r-4"), OWNER, 100).unwrap();
    let row = |logical_at, run, run_id: &str| ScheduledRun { logical_at, run, run_id: run_id.into() };
    assert_eq!(store.scheduled_runs("a", 10).unwrap(), [row(160, later, "r-3"), row(100, run, "r-1")]);
    assert_eq!(store.scheduled_runs("a", 1).unwrap().len(), 1);
    assert_eq!(store.scheduled_runs("c", 10).unwrap(), []);
    assert_eq!(store.run_by_id("r-3").unwrap().unwrap().state, RunState::Running);
}

fn nothing_is_left_of_a_refused_scheduled_run(store: &dyn Store) {
    let version = store.put_dag_version(&version_of("a", "one")).unwrap();
    store.create_scheduled_run(&new(version, "same"), OWNER, 100).unwrap();
    assert!(matches!(store.create_scheduled_run(&new(version, "same"), OWNER, 200), Err(StoreError::Conflict(_))));
    assert!(matches!(
        store.create_scheduled_run(&new(DagVersionKey(99), "r"), OWNER, 300),
        Err(StoreError::Conflict(_))
    ));
    assert_eq!(store.scheduled_runs("a", 10).unwrap().len(), 1);
    store.create_scheduled_run(&new(version, "r-2"), OWNER, 200).unwrap();
}

fn schedules_are_replaced_and_listed(store: &dyn Store) {
    let row = |dag: &str, handled_to, paused| ScheduleRow {
        dag: dag.into(),
        spec: r#"{"cron":"0 * * * *"}"#.into(),
        handled_to,
        paused,
        last: "时".into(),
    };
    assert!(matches!(store.put_schedule(&row("流程", 1, false)), Err(StoreError::Conflict(_))));
    for dag in ["流程", "a"] {
        store.put_dag_version(&version_of(dag, "one")).unwrap();
        store.put_schedule(&row(dag, 1, false)).unwrap();
    }
    store.put_schedule(&row("流程", i64::MAX, true)).unwrap();
    assert_eq!(store.schedules().unwrap(), [row("a", 1, false), row("流程", i64::MAX, true)]);
}

fn message(run_id: &str, url: &str, created_at: EpochMillis) -> NewNotification {
    NewNotification { run_id: run_id.into(), url: url.into(), body: "{}".into(), created_at }
}

fn a_message_is_kept_once_per_run_and_address(store: &dyn Store) {
    assert!(store.put_notification(&message("r-1", "http://a/", 7)).unwrap());
    assert!(!store.put_notification(&message("r-1", "http://a/", 8)).unwrap());
    assert!(store.put_notification(&message("r-1", "http://b/", 7)).unwrap());
    let waiting = store.waiting_notifications(10).unwrap();
    let expected = NotificationRow {
        key: waiting[0].key,
        run_id: "r-1".into(),
        url: "http://a/".into(),
        body: "{}".into(),
        state: NotificationState::Waiting,
        attempts: 0,
        next_at: 7,
        reason: String::new(),
        created_at: 7,
    };
    assert_eq!((waiting.len(), &waiting[0]), (2, &expected));
    store.settle_notification(&NotificationRow { state: NotificationState::Delivered, ..expected }).unwrap();
    assert!(!store.put_notification(&message("r-1", "http://a/", 9)).unwrap(), "delivered once is delivered");
}

fn waiting_messages_come_in_their_order(store: &dyn Store) {
    for (run, at) in [("late", 9), ("early", 1), ("also early", 1)] {
        store.put_notification(&message(run, "http://a/", at)).unwrap();
    }
    let ids = |limit| -> Vec<String> {
        store.waiting_notifications(limit).unwrap().into_iter().map(|row| row.run_id).collect()
    };
    assert_eq!(ids(10), ["early", "also early", "late"]);
    assert_eq!(ids(1), ["early"]);
    let first = store.waiting_notifications(1).unwrap().remove(0);
    store.settle_notification(&NotificationRow { attempts: 1, next_at: 50, reason: "no".into(), ..first }).unwrap();
    assert_eq!(ids(10), ["also early", "late", "early"]);
    let last = store.waiting_notifications(10).unwrap().pop().unwrap();
    assert_eq!((last.attempts, last.reason.as_str()), (1, "no"));
}

fn a_settled_message_stays_settled(store: &dyn Store) {
    store.put_notification(&message("r", "http://a/", 1)).unwrap();
    let row = store.waiting_notifications(1).unwrap().remove(0);
    store.settle_notification(&NotificationRow { state: NotificationState::GivenUp, ..row.clone() }).unwrap();
    store.settle_notification(&row).unwrap();
    assert_eq!(store.waiting_notifications(10).unwrap(), []);
}

fn settled_messages_are_pruned_and_waiting_ones_stay(store: &dyn Store) {
    for (run, at) in [("old", 1), ("waiting", 1), ("new", 100)] {
        store.put_notification(&message(run, "http://a/", at)).unwrap();
    }
    for row in store.waiting_notifications(10).unwrap().into_iter().filter(|row| row.run_id != "waiting") {
        store.settle_notification(&NotificationRow { state: NotificationState::Delivered, ..row }).unwrap();
    }
    assert_eq!(store.prune_notifications(50).unwrap(), 1);
    assert_eq!(store.waiting_notifications(10).unwrap().len(), 1);
    assert!(!store.put_notification(&message("new", "http://a/", 100)).unwrap());
}
