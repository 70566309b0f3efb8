//! How much memory an operator is expected to hold, and which attempts were ended for it.

use crate::words::Words;
use suanzi_executor::{Failure, FailureKind};
use suanzi_store::{AttemptRow, AttemptState, PastUsage};

const MIB: u64 = 1 << 20;

/// What a worker shows that has nothing to do: libraries, nearly all of them shared with every other worker.
const IDLE_WORKER_BYTES: u64 = 128 * MIB;

/// Kept free beyond what was measured, as a part of it: no two runs hold quite the same.
const SPARE_PART: u64 = 16;

/// Rounded up, as what is held is counted.
pub(crate) fn mib(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(MIB)).unwrap_or(u32::MAX)
}

/// Rounded down, as what there is is counted.
pub(crate) fn whole_mib(bytes: u64) -> u32 {
    u32::try_from(bytes / MIB).unwrap_or(u32::MAX)
}

/// What to keep free for an operator: what its author says, else a little more than it held in earlier runs; 0 where it never ran.
pub(crate) fn expected_mib(said_bytes: Option<u64>, past: Option<PastUsage>) -> u32 {
    match (said_bytes, past) {
        (Some(bytes), _) => mib(bytes),
        (None, Some(past)) => {
            let held = past.peak_rss_bytes.saturating_sub(IDLE_WORKER_BYTES);
            mib(held.saturating_add(held / SPARE_PART))
        }
        (None, None) => 0,
    }
}

/// An attempt that was ended to make room: its operator, and the mebibytes that its worker held.
pub(crate) fn evicted(attempt: &AttemptRow) -> Option<(u32, u32)> {
    let end = attempt.ended.as_ref().filter(|_| attempt.state == AttemptState::Lost)?;
    let failure: Failure = serde_json::from_str(&end.failure).ok()?;
    (failure.kind == FailureKind::OutOfMemory).then(|| (attempt.op, mib(end.peak_rss_bytes)))
}

/// What a task waits for that would find too little memory.
pub(crate) fn waits(needed_mib: u32, free_mib: u32, budget_mib: u32) -> Words {
    let (needed, free, budget) = (size(needed_mib), size(free_mib), size(budget_mib));
    Words::new(
        format!("memory: needs {needed}, {free} of {budget} free"),
        format!("内存：需要 {needed}，{budget} 中有 {free} 空闲"),
    )
}

fn size(mib: u32) -> String {
    if mib < 1024 { format!("{mib} MiB") } else { format!("{:.1} GiB", f64::from(mib) / 1024.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_says_for_how_much() {
        let words = waits(1_024, 300, 2_048);
        assert_eq!(words.en, "memory: needs 1.0 GiB, 300 MiB of 2.0 GiB free");
        assert_eq!(words.zh, "内存：需要 1.0 GiB，2.0 GiB 中有 300 MiB 空闲");
    }

    #[test]
    fn what_was_said_comes_before_what_was_measured() {
        let past = |mib: u64| Some(PastUsage { wall_us: 1, peak_rss_bytes: mib * MIB });
        let check = |said: Option<u64>, past, expected| assert_eq!(expected_mib(said, past), expected);
        check(None, None, 0);
        check(Some(3 * MIB + 1), past(900), 4);
        check(None, past(100), 0);
        check(None, past(128 + 1_600), 1_700);
        check(None, Some(PastUsage { wall_us: 1, peak_rss_bytes: u64::MAX }), u32::MAX);
    }
}
