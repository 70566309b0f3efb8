//! Decides which artifacts go when they take more room than allowed. Pure: it removes nothing.

/// An artifact that takes room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub id: String,
    pub bytes: u64,
    /// When it was last made or read, in milliseconds since 1970.
    pub last_used_ms: i64,
    /// A run in progress or a registered model needs it: it stays.
    pub pinned: bool,
}

/// What to remove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CollectPlan {
    /// Ids, least recently used first.
    pub evict: Vec<String>,
    /// Bytes that removing them frees.
    pub freed_bytes: u64,
    /// Bytes that stay.
    pub kept_bytes: u64,
    /// Bytes over the limit even so, because what is left is pinned.
    pub over_limit_bytes: u64,
}

/// Chooses what to remove so that the rest fits the limit: the least recently used first, the larger first among
/// equals, nothing that is pinned, and no more than needed.
pub fn plan_collection(candidates: &[Candidate], limit_bytes: u64) -> CollectPlan {
    let all_bytes = candidates.iter().fold(0, |sum: u64, candidate| sum.saturating_add(candidate.bytes));
    let mut plan = CollectPlan { kept_bytes: all_bytes, ..CollectPlan::default() };
    let mut order: Vec<&Candidate> = candidates.iter().filter(|candidate| !candidate.pinned).collect();
    order.sort_by(|a, b| (a.last_used_ms, b.bytes, &a.id).cmp(&(b.last_used_ms, a.bytes, &b.id)));
    for candidate in order {
        if plan.kept_bytes <= limit_bytes {
            break;
        }
        // Removing an empty artifact loses it and frees nothing.
        if candidate.bytes == 0 {
            continue;
        }
        plan.evict.push(candidate.id.clone());
        plan.freed_bytes = plan.freed_bytes.saturating_add(candidate.bytes);
        plan.kept_bytes = plan.kept_bytes.saturating_sub(candidate.bytes);
    }
    plan.over_limit_bytes = plan.kept_bytes.saturating_sub(limit_bytes);
    plan
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Artifacts as `(bytes, last used, pinned)`, named by their place.
    fn candidates(list: &[(u64, i64, bool)]) -> Vec<Candidate> {
        let named = list.iter().enumerate();
        named
            .map(|(i, &(bytes, last_used_ms, pinned))| Candidate { id: i.to_string(), bytes, last_used_ms, pinned })
            .collect()
    }

    #[test]
    fn the_least_recently_used_go_first() {
        let check = |list: &[(u64, i64, bool)], limit, evict: &[&str], over: u64| {
            let plan = plan_collection(&candidates(list), limit);
            assert_eq!((plan.evict, plan.over_limit_bytes), (evict.iter().map(|id| id.to_string()).collect(), over));
        };
        check(&[], 0, &[], 0);
        check(&[(10, 1, false), (10, 2, false)], 20, &[], 0);
        check(&[(10, 2, false), (10, 1, false)], 19, &["1"], 0);
        check(&[(10, 2, false), (10, 1, true)], 10, &["0"], 0);
        check(&[(10, 2, true), (10, 1, true)], 10, &[], 10);
        check(&[(5, 1, false), (50, 1, false)], 10, &["1"], 0);
        check(&[(0, 1, false), (5, 2, false)], 0, &["1"], 0);
        check(&[(5, 1, false), (5, 2, false), (5, 3, false)], 0, &["0", "1", "2"], 0);
    }

    proptest! {
        #[test]
        fn a_plan_is_enough_minimal_and_spares_the_pinned(
            list in prop::collection::vec((0_u64..100, 0_i64..10, any::<bool>()), 0..40), limit in 0_u64..2_000,
        ) {
            let all = candidates(&list);
            let plan = plan_collection(&all, limit);
            let find = |id: &String| all.iter().find(|candidate| candidate.id == *id).unwrap();
            let evicted: Vec<&Candidate> = plan.evict.iter().map(find).collect();
            prop_assert!(evicted.iter().all(|candidate| !candidate.pinned));
            let total: u64 = all.iter().map(|candidate| candidate.bytes).sum();
            prop_assert_eq!(plan.freed_bytes, evicted.iter().map(|candidate| candidate.bytes).sum::<u64>());
            prop_assert_eq!(plan.kept_bytes + plan.freed_bytes, total);
            // Without the last one it would not have been enough.
            if let Some(last) = evicted.last() {
                prop_assert!(plan.kept_bytes + last.bytes > limit);
            }
            // Over the limit only if nothing but pinned artifacts takes room.
            let pinned: u64 = all.iter().filter(|candidate| candidate.pinned).map(|candidate| candidate.bytes).sum();
            prop_assert!(plan.over_limit_bytes == 0 || plan.kept_bytes == pinned);
        }
    }
}
