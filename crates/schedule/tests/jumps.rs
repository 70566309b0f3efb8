//! Clocks that jump by a day, forwards and back, around changes to summer time: nothing is begun twice, nothing is lost.

use proptest::prelude::*;
use std::collections::BTreeSet;
use suanzi_schedule::{LATE_MS, MAX_CATCH_UP, MAX_REACH_MS, Missed, Schedule, settle};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// How often the clock is looked at.
const LOOK: i64 = 30_000;
/// Saturday before Berlin's spring change, and before its autumn change.
const SPRING: i64 = 1_774_656_000_000;
const AUTUMN: i64 = 1_792_800_000_000;

/// What a store does: each time of the DAG begins one run.
#[derive(Default)]
struct Kept {
    begun: BTreeSet<i64>,
    handled_to: i64,
    doubled: u32,
    asked: u32,
}

impl Kept {
    fn look(&mut self, schedule: &Schedule, now: i64) {
        let settled = settle(schedule, self.handled_to, now);
        for at in &settled.begin {
            assert!(*at <= now && settled.begin.len() <= MAX_CATCH_UP.max(2));
            self.asked += 1;
            self.doubled += u32::from(!self.begun.insert(*at));
        }
        self.handled_to = settled.handled_to;
    }
}

fn due(schedule: &Schedule, from: i64, to: i64) -> BTreeSet<i64> {
    schedule.upcoming(from).take_while(|at| *at <= to).collect()
}

fn schedule(cron: &str, missed: Missed) -> Schedule {
    Schedule::new(cron, Some("Europe/Berlin"), missed).expect("a schedule")
}

const CRONS: &[&str] = &["0 * * * *", "*/15 * * * *", "30 2 * * *", "15 2,3 * * *", "0 0 * * SUN", "*/7 1-3 * * *"];

#[test]
fn a_clock_that_only_passes_begins_each_due_time_once_under_every_policy() {
    for cron in CRONS {
        for missed in Missed::ALL {
            for start in [SPRING, AUTUMN] {
                let schedule = schedule(cron, missed);
                let mut kept = Kept { handled_to: start, ..Kept::default() };
                let mut now = start;
                while now < start + 2 * DAY {
                    now += LOOK;
                    kept.look(&schedule, now);
                }
                assert_eq!(kept.begun, due(&schedule, start, now), "{cron} {missed}");
                assert_eq!(kept.doubled, 0, "{cron} {missed}");
            }
        }
    }
}

#[test]
fn a_server_that_was_down_follows_the_policy() {
    let down = (SPRING + HOUR + 60_000, SPRING + 40 * HOUR + 60_000 + 2 * LATE_MS);
    for (missed, expected) in [(Missed::Skip, 0), (Missed::Once, 1), (Missed::All, 39)] {
        let schedule = schedule("0 * * * *", missed);
        let mut kept = Kept { handled_to: down.0, ..Kept::default() };
        kept.look(&schedule, down.1);
        assert_eq!(kept.begun.len(), expected, "{missed}");
        if missed == Missed::Once {
            assert_eq!(kept.begun.last(), due(&schedule, down.0, down.1).last());
        }
        kept.look(&schedule, down.1 + LOOK);
        assert_eq!(kept.begun.len(), expected, "{missed}: nothing more comes of it");
    }
    // A second that lies between two looks is no downtime.
    let schedule = schedule("0 * * * *", Missed::Skip);
    let settled = settle(&schedule, SPRING + HOUR - 1, SPRING + HOUR + LATE_MS);
    assert_eq!(settled.begin, [SPRING + HOUR]);
    assert_eq!(settle(&schedule, SPRING, SPRING + 5 * HOUR + 2 * LATE_MS).skipped, Some(SPRING + 5 * HOUR));
}

#[test]
fn catching_up_goes_in_steps_and_ends() {
    let schedule = schedule("* * * * *", Missed::All);
    let mut kept = Kept { handled_to: SPRING, ..Kept::default() };
    let now = SPRING + 10 * HOUR;
    for _ in 0..600_usize.div_ceil(MAX_CATCH_UP) + 1 {
        kept.look(&schedule, now);
    }
    assert_eq!((kept.begun.len(), kept.doubled, kept.handled_to), (600, 0, now));
}

#[test]
fn all_reaches_back_a_month_and_no_further() {
    let schedule = schedule("0 * * * *", Missed::All);
    let settled = settle(&schedule, SPRING - 400 * DAY, SPRING);
    let oldest = SPRING - MAX_REACH_MS + HOUR;
    assert_eq!((settled.begin.first(), settled.begin.len()), (Some(&oldest), MAX_CATCH_UP));
    assert_eq!(settled.skipped, Some(oldest - HOUR), "the newest of those that are passed over is said");
    let next = settle(&schedule, settled.handled_to, SPRING + HOUR);
    assert_eq!((next.begin.first(), next.skipped), (Some(&(settled.handled_to + HOUR)), None));
}

#[test]
fn years_of_missed_minutes_take_no_time() {
    for missed in [Missed::Skip, Missed::Once] {
        let schedule = schedule("30 2 1 1 *", missed);
        let settled = settle(&schedule, 0, SPRING);
        assert_eq!(settled.begin.len(), usize::from(missed == Missed::Once));
        settle(&Schedule::new("* * * * *", None, missed).expect("a schedule"), 0, SPRING);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// Jumps of up to a day each way; in the end the clock runs two days past everything.
    #[test]
    fn jumps_double_nothing_and_lose_nothing(
        cron in prop::sample::select(CRONS),
        missed in prop::sample::select(&Missed::ALL[..]),
        start in prop::sample::select(vec![SPRING, AUTUMN]),
        jumps in prop::collection::vec((-DAY..=DAY, 0_i64..200), 1..8),
    ) {
        let schedule = schedule(cron, missed);
        let mut kept = Kept { handled_to: start, ..Kept::default() };
        let (mut now, mut passed, mut highest, mut lowest) = (start, BTreeSet::new(), start, start);
        // The whole way back first, then slowly over all of it: nothing that was passed over stays lost.
        let mut jumps = jumps;
        jumps.push((-8 * DAY, 0));
        for (jump, looks) in jumps {
            now += jump;
            lowest = lowest.min(now);
            kept.look(&schedule, now);
            for _ in 0..looks {
                passed.extend(due(&schedule, now, now + LOOK));
                now += LOOK;
                kept.look(&schedule, now);
            }
            highest = highest.max(now);
        }
        // What the clock passed slowly has its run, whatever jumps came before or after.
        prop_assert!(passed.is_subset(&kept.begun), "lost {:?}", passed.difference(&kept.begun));
        let (from, end) = (now, highest);
        let mut looks = 0;
        while now < end && looks < 40_000 {
            now += LOOK;
            looks += 1;
            kept.look(&schedule, now);
        }
        prop_assert!(due(&schedule, from, now).is_subset(&kept.begun));
        if missed == Missed::All {
            // Those that a jump forward passed over too.
            for _ in 0..100 {
                kept.look(&schedule, now);
            }
            prop_assert!(due(&schedule, start, highest).is_subset(&kept.begun));
        }
        // Nothing is begun that isn't due: what is asked for again is refused by the store, which counts it here.
        prop_assert!(kept.begun.is_subset(&due(&schedule, lowest.min(start) - 1, highest)));
        prop_assert_eq!(kept.begun.len() as u32 + kept.doubled, kept.asked);
    }
}
