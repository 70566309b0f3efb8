//! The first fence: only the owner writes a run, and only under its newest epoch.

use super::requirements;
use super::scene::*;
use crate::*;

requirements![
    a_claim_raises_the_epoch_and_refuses_the_old_one,
    a_claim_of_one_run_leaves_the_others,
    claims_leave_ended_runs_and_ones_own,
    a_refused_run_does_not_hold_up_the_others,
    a_run_not_listed_in_the_batch_is_refused,
    a_run_that_does_not_exist_is_refused,
    a_cancel_request_survives_a_claim,
];

fn a_claim_raises_the_epoch_and_refuses_the_old_one(store: &dyn Store) {
    let run = new_run(store, "r");
    write(store, run, vec![dispatched(run, 0, 1, 1)]);
    let claimed = store.claim_runs("owner-2", None).unwrap();
    assert_eq!(claimed, [store.run(run).unwrap().unwrap()]);
    assert_eq!((claimed[0].owner.as_str(), claimed[0].owner_epoch, claimed[0].seq), ("owner-2", 2, 1));
    let refused = BatchOutcome { refused: vec![run], stale: vec![] };
    let end = || vec![succeeded(run, 0, 1, result("a", &[key(1)]), 2), run_ended(run, RunState::Success, 3)];
    for (owner, epoch) in [(OWNER, 1), (OWNER, 2), ("owner-2", 1), ("owner-2", 3), ("owner-3", 2)] {
        let outcome = store.apply(&batch(owner, &[(run, epoch)], end())).unwrap();
        assert_eq!(outcome, refused, "{owner} {epoch}");
    }
    assert_eq!(state_of(store, run, 0), Some(TaskState::Running));
    assert_eq!(found(store, &[key(1)]), [None]);
    let outcome = store.apply(&batch("owner-2", &[(run, 2)], end())).unwrap();
    assert_eq!(outcome, BatchOutcome::default(), "an attempt outlives a change of owner: its own fence is separate");
    assert_eq!(state_of(store, run, 0), Some(TaskState::Success));
}

fn a_claim_of_one_run_leaves_the_others(store: &dyn Store) {
    let (a, b) = (new_run(store, "a"), new_run(store, "b"));
    let claimed = store.claim_runs("owner-2", Some(b)).unwrap();
    assert_eq!(claimed.iter().map(|run| run.key).collect::<Vec<_>>(), [b]);
    assert_eq!(store.run(a).unwrap().unwrap().owner_epoch, 1);
    assert_eq!(store.claim_runs("owner-2", Some(RunKey(99))).unwrap(), []);
    let rest = store.claim_runs("owner-3", None).unwrap();
    assert_eq!(rest.iter().map(|run| (run.key, run.owner_epoch)).collect::<Vec<_>>(), [(a, 2), (b, 3)]);
}

fn claims_leave_ended_runs_and_ones_own(store: &dyn Store) {
    let (own, ended) = (new_run(store, "own"), new_run(store, "ended"));
    write(store, ended, vec![run_ended(ended, RunState::Success, 1)]);
    assert_eq!(store.claim_runs(OWNER, None).unwrap(), []);
    assert_eq!(store.claim_runs("owner-2", Some(ended)).unwrap(), []);
    assert_eq!(store.run(own).unwrap().unwrap().owner_epoch, 1);
    assert_eq!(store.run(ended).unwrap().unwrap().owner, OWNER);
}

fn a_refused_run_does_not_hold_up_the_others(store: &dyn Store) {
    let (lost, kept) = (new_run(store, "lost"), new_run(store, "kept"));
    store.claim_runs("owner-2", Some(lost)).unwrap();
    let records = vec![
        dispatched(lost, 0, 1, 1),
        dispatched(kept, 0, 1, 1),
        succeeded(lost, 0, 1, result("x", &[key(1)]), 2),
        succeeded(kept, 0, 1, result("y", &[key(2)]), 2),
        run_ended(lost, RunState::Success, 3),
        run_ended(kept, RunState::Success, 3),
    ];
    let outcome = store.apply(&batch(OWNER, &[(lost, 1), (kept, 1)], records)).unwrap();
    assert_eq!(outcome, BatchOutcome { refused: vec![lost], stale: vec![] });
    assert_eq!(store.tasks(lost).unwrap(), []);
    let lost = store.run(lost).unwrap().unwrap();
    assert_eq!((lost.state, lost.seq), (RunState::Running, 0));
    assert_eq!(store.run(kept).unwrap().unwrap().state, RunState::Success);
    assert_eq!(found(store, &[key(1), key(2)]), [None, Some(vec!["y".to_string()])]);
}

fn a_run_not_listed_in_the_batch_is_refused(store: &dyn Store) {
    let (listed, unlisted) = (new_run(store, "listed"), new_run(store, "unlisted"));
    let records = vec![dispatched(unlisted, 0, 1, 1), dispatched(listed, 0, 1, 1)];
    let outcome = store.apply(&batch(OWNER, &[(listed, 1)], records)).unwrap();
    assert_eq!(outcome, BatchOutcome { refused: vec![unlisted], stale: vec![] });
    assert_eq!(store.tasks(unlisted).unwrap(), []);
    let outcome = store.apply(&batch(OWNER, &[(listed, 1), (listed, 2)], vec![dispatched(listed, 1, 1, 2)])).unwrap();
    assert_eq!(outcome, BatchOutcome { refused: vec![listed], stale: vec![] }, "two epochs can't both be right");
}

fn a_run_that_does_not_exist_is_refused(store: &dyn Store) {
    let outcome = store.apply(&batch(OWNER, &[(RunKey(9), 1)], vec![])).unwrap();
    assert_eq!(outcome, BatchOutcome { refused: vec![RunKey(9)], stale: vec![] });
    assert_eq!(store.apply(&Batch::default()).unwrap(), BatchOutcome::default());
}

fn a_cancel_request_survives_a_claim(store: &dyn Store) {
    let run = new_run(store, "r");
    store.request_cancel(run).unwrap();
    assert!(store.claim_runs("owner-2", None).unwrap()[0].cancel_requested);
    assert!(store.run(run).unwrap().unwrap().cancel_requested);
}
