//! The second fence: an attempt's end counts only for the newest attempt, with its token, once.

use super::requirements;
use super::scene::*;
use crate::*;

requirements![
    an_attempt_is_dispatched_and_ends,
    dispatch_and_end_in_one_batch_give_the_same_rows,
    a_final_task_never_changes,
    an_end_with_a_wrong_token_is_stale,
    an_end_of_an_older_attempt_is_stale,
    a_second_end_is_stale,
    a_dispatch_not_newer_is_stale,
    a_newer_dispatch_gives_up_the_older_attempt,
    retries_keep_their_attempts_and_count_failures,
    contradictory_records_are_stale,
    a_stale_end_publishes_nothing,
    an_artifact_name_is_taken_once,
    records_apply_in_order_within_a_batch,
    past_usage_is_of_the_newest_successes,
];

fn an_attempt_is_dispatched_and_ends(store: &dyn Store) {
    let run = new_run(store, "r");
    write(store, run, vec![dispatched(run, 1, 1, 1)]);
    let running = TaskRow { op: 1, state: TaskState::Running, attempt_no: 1, failures: 0, seq: 1, changed_at: 1_000 };
    assert_eq!(store.tasks(run).unwrap(), [running]);
    let attempt = AttemptRow {
        op: 1,
        attempt_no: 1,
        token: token(1, 1),
        state: AttemptState::Running,
        dispatched_at: 1_000,
        ended: None,
    };
    assert_eq!(store.attempts(run, None).unwrap(), [attempt]);
    write(store, run, vec![succeeded(run, 1, 1, result("a", &[]), 2)]);
    check_success(store, run);
}

fn dispatch_and_end_in_one_batch_give_the_same_rows(store: &dyn Store) {
    let run = new_run(store, "r");
    write(store, run, vec![dispatched(run, 1, 1, 1), succeeded(run, 1, 1, result("a", &[]), 2)]);
    check_success(store, run);
}

fn check_success(store: &dyn Store, run: RunKey) {
    let done = TaskRow { op: 1, state: TaskState::Success, attempt_no: 1, failures: 0, seq: 2, changed_at: 2_000 };
    assert_eq!(store.tasks(run).unwrap(), [done]);
    let attempt = AttemptRow {
        op: 1,
        attempt_no: 1,
        token: token(1, 1),
        state: AttemptState::Success,
        dispatched_at: 1_000,
        ended: Some(ended_at(2_000)),
    };
    assert_eq!(store.attempts(run, Some(1)).unwrap(), [attempt]);
    assert_eq!(store.attempts(run, Some(0)).unwrap(), []);
    assert_eq!(output_ids(store, run), [(1, 0, "a".to_string())]);
    assert_eq!(store.run(run).unwrap().unwrap().seq, 2);
}

fn a_final_task_never_changes(store: &dyn Store) {
    let run = new_run(store, "r");
    write(
        store,
        run,
        vec![
            dispatched(run, 0, 1, 1),
            succeeded(run, 0, 1, result("a", &[]), 2),
            dispatched(run, 1, 1, 3),
            failed(run, 1, 1, TaskState::Failed, 4),
            settled(run, 2, TaskState::Skipped, vec![], 5),
            settled(run, 3, TaskState::Cancelled, vec![], 6),
            settled(run, 4, TaskState::Cached, vec![(0, id("a"))], 7),
        ],
    );
    let before = store.tasks(run).unwrap();
    for op in 0..5 {
        let late = vec![
            dispatched(run, op, 2, 20),
            succeeded(run, op, 2, result("late", &[]), 21),
            dispatched(run, op, 3, 22),
            failed(run, op, 1, TaskState::Retrying, 23),
            settled(run, op, TaskState::Cancelled, vec![], 24),
            settled(run, op, TaskState::Cached, vec![(5, id("a"))], 25),
        ];
        assert_eq!(outcome_of(store, run, late), stale(&[0, 1, 2, 3, 4, 5]), "op {op}");
    }
    assert_eq!(store.tasks(run).unwrap(), before);
    assert_eq!(output_ids(store, run), [(0, 0, "a".to_string()), (4, 0, "a".to_string())]);
    assert_eq!(store.attempts(run, None).unwrap().len(), 2);
}

fn an_end_with_a_wrong_token_is_stale(store: &dyn Store) {
    let run = new_run(store, "r");
    write(store, run, vec![dispatched(run, 0, 1, 1)]);
    let mut forged = succeeded(run, 0, 1, result("a", &[key(1)]), 2);
    let StoreRecord::Ended { token, .. } = &mut forged else { unreachable!("built above") };
    *token ^= 1;
    assert_eq!(outcome_of(store, run, vec![forged.clone()]), stale(&[0]));
    assert_eq!(attempt_states(store, run, 0), [AttemptState::Running]);
    assert_eq!(found(store, &[key(1)]), [None]);
    let StoreRecord::Ended { op, .. } = &mut forged else { unreachable!("built above") };
    *op = 1;
    let records = vec![dispatched(run, 1, 1, 3), forged];
    assert_eq!(outcome_of(store, run, records), stale(&[1]), "also with its dispatch in the same batch");
    assert_eq!(attempt_states(store, run, 1), [AttemptState::Running]);
}

fn an_end_of_an_older_attempt_is_stale(store: &dyn Store) {
    let run = new_run(store, "r");
    write(store, run, vec![dispatched(run, 0, 1, 1), dispatched(run, 0, 2, 2)]);
    assert_eq!(outcome_of(store, run, vec![succeeded(run, 0, 1, result("old", &[key(1)]), 3)]), stale(&[0]));
    assert_eq!(outcome_of(store, run, vec![succeeded(run, 0, 3, result("future", &[key(1)]), 3)]), stale(&[0]));
    assert_eq!(state_of(store, run, 0), Some(TaskState::Running));
    write(store, run, vec![succeeded(run, 0, 2, result("new", &[key(1)]), 4)]);
    assert_eq!(found(store, &[key(1)]), [Some(vec!["new".to_string()])]);
}

fn a_second_end_is_stale(store: &dyn Store) {
    let run = new_run(store, "r");
    let end = || succeeded(run, 0, 1, result("a", &[]), 2);
    let fail = || failed(run, 1, 1, TaskState::Retrying, 4);
    write(store, run, vec![dispatched(run, 0, 1, 1), end(), dispatched(run, 1, 1, 3), fail()]);
    assert_eq!(outcome_of(store, run, vec![end(), fail()]), stale(&[0, 1]));
    let both = vec![
        dispatched(run, 2, 1, 5),
        succeeded(run, 2, 1, result("b", &[]), 6),
        succeeded(run, 2, 1, result("c", &[]), 7),
    ];
    assert_eq!(outcome_of(store, run, both), stale(&[2]));
    assert_eq!(output_ids(store, run), [(0, 0, "a".to_string()), (2, 0, "b".to_string())]);
    let again = vec![dispatched(run, 0, 1, 1), end(), dispatched(run, 1, 1, 3), fail()];
    assert_eq!(outcome_of(store, run, again), stale(&[0, 1, 2, 3]), "a batch written twice changes nothing");
}

fn a_dispatch_not_newer_is_stale(store: &dyn Store) {
    let run = new_run(store, "r");
    write(store, run, vec![dispatched(run, 0, 3, 1)]);
    let older = vec![dispatched(run, 0, 3, 2), dispatched(run, 0, 2, 3), dispatched(run, 0, 1, 4)];
    assert_eq!(outcome_of(store, run, older), stale(&[0, 1, 2]));
    let in_one =
        vec![dispatched(run, 1, 2, 5), dispatched(run, 1, 1, 6), dispatched(run, 1, 2, 7), dispatched(run, 1, 3, 8)];
    assert_eq!(outcome_of(store, run, in_one), stale(&[1, 2]));
    assert_eq!((task(store, run, 0).unwrap().attempt_no, task(store, run, 1).unwrap().attempt_no), (3, 3));
    let end_after_stale = vec![dispatched(run, 0, 3, 9), succeeded(run, 0, 3, result("a", &[]), 10)];
    assert_eq!(outcome_of(store, run, end_after_stale), stale(&[0]), "the end is judged on its own");
    assert_eq!(state_of(store, run, 0), Some(TaskState::Success));
}

fn a_newer_dispatch_gives_up_the_older_attempt(store: &dyn Store) {
    let run = new_run(store, "r");
    write(store, run, vec![dispatched(run, 0, 1, 1)]);
    write(
        store,
        run,
        vec![dispatched(run, 0, 2, 2), failed(run, 0, 2, TaskState::Retrying, 3), dispatched(run, 0, 3, 4)],
    );
    let expected = [AttemptState::Lost, AttemptState::Failed, AttemptState::Running];
    assert_eq!(attempt_states(store, run, 0), expected);
    let lost = store.attempts(run, Some(0)).unwrap().remove(0);
    assert_eq!(lost.ended, Some(AttemptEnd { at: 1_000, ..AttemptEnd::default() }));
    write(store, run, vec![dispatched(run, 1, 1, 5)]);
    write(store, run, vec![dispatched(run, 1, 2, 6), succeeded(run, 1, 2, result("a", &[]), 7)]);
    assert_eq!(attempt_states(store, run, 1), [AttemptState::Lost, AttemptState::Success]);
}

fn retries_keep_their_attempts_and_count_failures(store: &dyn Store) {
    let run = new_run(store, "r");
    write(store, run, vec![dispatched(run, 0, 1, 1), failed(run, 0, 1, TaskState::Retrying, 2)]);
    let waiting = task(store, run, 0).unwrap();
    assert_eq!((waiting.state, waiting.attempt_no, waiting.failures), (TaskState::Retrying, 1, 1));
    write(store, run, vec![dispatched(run, 0, 2, 3)]);
    let running = task(store, run, 0).unwrap();
    assert_eq!((running.state, running.attempt_no, running.failures), (TaskState::Running, 2, 1));
    write(
        store,
        run,
        vec![
            failed(run, 0, 2, TaskState::Retrying, 4),
            dispatched(run, 0, 3, 5),
            failed(run, 0, 3, TaskState::Failed, 6),
        ],
    );
    let done = task(store, run, 0).unwrap();
    assert_eq!((done.state, done.attempt_no, done.failures, done.seq), (TaskState::Failed, 3, 3, 6));
    assert_eq!(attempt_states(store, run, 0), [AttemptState::Failed; 3]);
    let first = store.attempts(run, Some(0)).unwrap().remove(0);
    assert_eq!(first.ended.unwrap().failure, r#"{"message":"no"}"#);
}

fn contradictory_records_are_stale(store: &dyn Store) {
    let run = new_run(store, "r");
    write(store, run, vec![dispatched(run, 0, 1, 1)]);
    let end = |state, task, result: Option<TaskResult>| StoreRecord::Ended {
        run,
        op: 0,
        attempt_no: 1,
        token: token(0, 1),
        state,
        end: Box::new(ended_at(2_000)),
        task,
        failures: 0,
        result: result.map(Box::new),
        history_key: String::new(),
        seq: 2,
    };
    let two_on_one_port =
        TaskResult { outputs: vec![artifact("x", 1), artifact("y", 1)], keys: vec![], self_hash: None };
    let records = vec![
        end(AttemptState::Running, TaskState::Running, None),
        end(AttemptState::Failed, TaskState::Running, None),
        end(AttemptState::Failed, TaskState::Success, None),
        end(AttemptState::Success, TaskState::Failed, None),
        end(AttemptState::Failed, TaskState::Failed, Some(result("a", &[key(1)]))),
        end(AttemptState::Success, TaskState::Success, Some(two_on_one_port)),
        settled(run, 1, TaskState::Running, vec![], 3),
        settled(run, 1, TaskState::Retrying, vec![], 3),
        settled(run, 1, TaskState::Skipped, vec![(0, id("a"))], 3),
        dispatched(run, 1, 0, 3),
    ];
    assert_eq!(outcome_of(store, run, records), stale(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    assert_eq!(attempt_states(store, run, 0), [AttemptState::Running]);
    assert_eq!(store.tasks(run).unwrap().len(), 1);
}

fn a_stale_end_publishes_nothing(store: &dyn Store) {
    let run = new_run(store, "r");
    write(store, run, vec![dispatched(run, 0, 1, 1), dispatched(run, 0, 2, 2)]);
    let records = vec![
        succeeded(run, 0, 1, result("old", &[key(1)]), 3),
        StoreRecord::Keyed { run, op: 0, attempt_no: 1, keys: vec![key(2)] },
        StoreRecord::Described { run, artifact: id("old"), content_id: "c".into(), stats: "{}".into() },
        StoreRecord::Durable { run, artifacts: vec![id("old")] },
    ];
    assert_eq!(outcome_of(store, run, records), stale(&[0, 1, 2, 3]));
    assert_eq!(found(store, &[key(1), key(2)]), [None, None]);
    assert_eq!(store.has_self_hash(&[key(1)]).unwrap(), [false]);
    assert_eq!(store.artifacts(&ArtifactFilter::default()).unwrap(), []);
    assert_eq!(store.past_usage(&["history of 0".into()]).unwrap(), [None]);
}

fn an_artifact_name_is_taken_once(store: &dyn Store) {
    let run = new_run(store, "r");
    let twice =
        TaskResult { outputs: vec![artifact("fresh", 0), artifact("taken", 1)], keys: vec![key(2)], self_hash: None };
    let records = vec![
        dispatched(run, 0, 1, 1),
        succeeded(run, 0, 1, result("taken", &[key(1)]), 2),
        dispatched(run, 1, 1, 3),
        succeeded(run, 1, 1, twice, 4),
        dispatched(run, 2, 1, 5),
        succeeded(run, 2, 1, result("other", &[key(3)]), 6),
    ];
    assert_eq!(outcome_of(store, run, records), stale(&[3]));
    assert_eq!(state_of(store, run, 1), Some(TaskState::Running), "its dispatch stands");
    assert_eq!(found(store, &[key(1), key(2), key(3)]), [Some(vec!["taken".into()]), None, Some(vec!["other".into()])]);
    assert_eq!(store.artifacts(&ArtifactFilter::default()).unwrap().len(), 2);
    let clash = || succeeded(run, 3, 1, result("taken", &[key(4)]), 9);
    assert_eq!(outcome_of(store, run, vec![dispatched(run, 3, 1, 8), clash()]), stale(&[1]));
    assert_eq!(outcome_of(store, run, vec![clash()]), stale(&[0]));
    assert_eq!(store.run(run).unwrap().unwrap().seq, 8, "the dropped end left no trace");
    assert_eq!(attempt_states(store, run, 3), [AttemptState::Running]);
}

fn records_apply_in_order_within_a_batch(store: &dyn Store) {
    let run = new_run(store, "r");
    let too_early = settled(run, 1, TaskState::Cached, vec![(0, id("a"))], 3);
    let in_time = settled(run, 1, TaskState::Cached, vec![(0, id("a"))], 5);
    let records = vec![
        dispatched(run, 0, 1, 1),
        dispatched(run, 2, 1, 2),
        too_early,
        succeeded(run, 0, 1, result("a", &[]), 4),
        in_time,
        settled(run, 2, TaskState::Cancelled, vec![], 6),
        failed(run, 2, 1, TaskState::Failed, 7),
        run_ended(run, RunState::Success, 8),
    ];
    assert_eq!(outcome_of(store, run, records), stale(&[2, 6]));
    assert_eq!(state_of(store, run, 1), Some(TaskState::Cached));
    assert_eq!(state_of(store, run, 2), Some(TaskState::Cancelled));
    assert_eq!(attempt_states(store, run, 2), [AttemptState::Lost]);
    assert_eq!(store.run(run).unwrap().unwrap().seq, 8);
}

fn past_usage_is_of_the_newest_successes(store: &dyn Store) {
    let run = new_run(store, "r");
    // The older an attempt, the more it held: only the newest count.
    let end = |op: u32, at: i64, wall_us: u64, history_key: &str, state: AttemptState| StoreRecord::Ended {
        run,
        op,
        attempt_no: 1,
        token: token(op, 1),
        state,
        end: Box::new(AttemptEnd { wall_us, peak_rss_bytes: 1_000 - at as u64, ..ended_at(at) }),
        task: if state == AttemptState::Success { TaskState::Success } else { TaskState::Failed },
        failures: 0,
        result: None,
        history_key: history_key.into(),
        seq: 1,
    };
    let mut records: Vec<StoreRecord> = (0..12).map(|op| dispatched(run, op, 1, 1)).collect();
    let newest = PAST_USAGE_ATTEMPTS as u32;
    records.push(end(0, 10, 1_000_000, "k", AttemptState::Success));
    records.extend((1..=newest).map(|op| end(op, 20 + i64::from(op), u64::from(op) * 10, "k", AttemptState::Success)));
    records.push(end(9, 99, 5_000, "k", AttemptState::Failed));
    records.push(end(10, 99, u64::MAX, "big", AttemptState::Success));
    records.push(end(11, 99, 7, "", AttemptState::Success));
    write(store, run, records);
    let keys = ["k", "none", "big", "", "k"].map(String::from);
    let mean = (1..=u64::from(newest)).map(|n| n * 10).sum::<u64>() / u64::from(newest);
    let usage = |wall_us, peak_rss_bytes| Some(PastUsage { wall_us, peak_rss_bytes });
    let of_k = usage(mean, 1_000 - 21);
    assert_eq!(store.past_usage(&keys).unwrap(), [of_k, None, usage(u64::MAX, 901), None, of_k]);
    assert_eq!(store.past_usage(&[]).unwrap(), []);
}
