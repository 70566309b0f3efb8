//! Which due times begin a run now.

use crate::schedule::{Missed, Schedule};

/// A due time that is at most this late isn't missed: the moment between two looks at the clock.
pub const LATE_MS: i64 = 60_000;
/// Most runs that one look begins where all missed times count; the rest follows with the next look.
pub const MAX_CATCH_UP: usize = 100;

/// Missed times older than this are passed over where all count: a clock that was years behind begins no million runs.
pub const MAX_REACH_MS: i64 = 31 * 24 * 3_600_000;

/// What a look at the clock finds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    /// Due times that begin a run, the oldest first.
    pub begin: Vec<i64>,
    /// The newest of those that are passed over.
    pub skipped: Option<i64>,
    /// Up to here everything is settled once they have begun.
    pub handled_to: i64,
}

/// Due times after `handled_to` and up to `now`, by the schedule's policy.
///
/// A clock that was set back makes its due times come again: those that began a run are known by the store, which lets none begin twice, and those that were passed over get their run.
pub fn settle(schedule: &Schedule, handled_to: i64, now: i64) -> Settled {
    if now <= handled_to {
        return Settled { handled_to: now, ..Settled::default() };
    }
    let due = |from: i64| schedule.upcoming(from).take_while(move |at| *at <= now);
    match schedule.missed() {
        Missed::All => {
            let reach = handled_to.max(now.saturating_sub(MAX_REACH_MS));
            let begin: Vec<i64> = due(reach).take(MAX_CATCH_UP).collect();
            let full = begin.len() == MAX_CATCH_UP;
            let previous = handled_to;
            let handled_to = begin.last().copied().filter(|_| full).unwrap_or(now);
            Settled { begin, skipped: newest(schedule, previous, reach), handled_to }
        }
        policy => {
            let in_time = handled_to.max(now.saturating_sub(LATE_MS + 1));
            let mut begin: Vec<i64> = due(in_time).collect();
            let mut skipped = newest(schedule, handled_to, in_time);
            if policy == Missed::Once && begin.is_empty() {
                begin.extend(skipped.take());
            }
            Settled { begin, skipped, handled_to: now }
        }
    }
}

/// The newest due time after `from` and up to `to`: looked for from the end, so that years don't take long.
fn newest(schedule: &Schedule, from: i64, to: i64) -> Option<i64> {
    const HOUR_MS: i64 = 3_600_000;
    if to <= from {
        return None;
    }
    for hours in [1, 24, 24 * 32, 24 * 366, i64::MAX / HOUR_MS] {
        let start = from.max(to.saturating_sub(hours * HOUR_MS));
        let found = schedule.upcoming(start).take_while(|at| *at <= to).last();
        if found.is_some() || start == from {
            return found;
        }
    }
    None
}
