//! The order in which ready tasks start.

use crate::RunKey;
use std::cmp::Reverse;

/// Smaller starts first: the run's priority, the operator's, the longer critical path; then the older run, then the lower operator index (as `rank`, which repeats the order within the run).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub run_priority: Reverse<i32>,
    pub priority: Reverse<i32>,
    pub path_ms: Reverse<u64>,
    pub run: RunKey,
    pub rank: u32,
    /// Where the task is; never decides, since no two tasks of a run share a rank.
    pub lane: u32,
}
