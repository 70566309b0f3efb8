//! The suite finds planted defects: a suite that passes proves something only if it would have failed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Home;
use crate::conformance::cases;
use crate::{Defect, OpenMode, SqliteStore};

/// Names of the requirements a store with this defect doesn't meet.
fn broken_by(defect: Defect) -> Vec<&'static str> {
    let breaks = |check: fn(&dyn crate::Store)| {
        let home = Home::new();
        // Not synced either: it is faster, and the suite can't see it.
        let store = home.owner().with_defect(Defect::SynchronousOff).expect("the defect is planted");
        let store = store.with_defect(defect).expect("the defect is planted");
        catch_unwind(AssertUnwindSafe(|| check(&store))).is_err()
    };
    cases().into_iter().filter(|case| breaks(case.check)).map(|case| case.name).collect()
}

#[test]
fn a_missing_epoch_fence_is_found() {
    let broken = broken_by(Defect::MissingEpochFence);
    for expected in ["a_claim_raises_the_epoch_and_refuses_the_old_one", "a_refused_run_does_not_hold_up_the_others"] {
        assert!(broken.contains(&expected), "{broken:?}");
    }
    assert!(!broken.contains(&"an_end_with_a_wrong_token_is_stale"), "the other fence stands: {broken:?}");
}

#[test]
fn a_missing_attempt_fence_is_found() {
    let broken = broken_by(Defect::MissingAttemptFence);
    for expected in ["an_end_with_a_wrong_token_is_stale", "an_end_of_an_older_attempt_is_stale"] {
        assert!(broken.contains(&expected), "{broken:?}");
    }
    assert!(!broken.contains(&"a_claim_raises_the_epoch_and_refuses_the_old_one"), "{broken:?}");
}

#[test]
fn only_a_planted_defect_turns_syncing_off() {
    let check = |store: &SqliteStore, expected: i64| {
        let found = store.write(|c| Ok(c.pragma_query_value(None, "synchronous", |row| row.get(0))?));
        assert_eq!(found.ok(), Some(expected));
    };
    let home = Home::new();
    check(&SqliteStore::open(&home.path(), OpenMode::Owner).unwrap(), 2);
    check(&home.owner().with_defect(Defect::SynchronousOff).unwrap(), 0);
}
