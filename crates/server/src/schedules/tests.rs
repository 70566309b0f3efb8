//! The keeper and its driver under clocks of all kinds, over a store in memory whose rows let no due time begin twice.

use super::keeper::{Begin, Begun, Keeper, MAX_GOING, Saved};
use super::{Driver, kept::Kept};
use crate::clock::Clock;
use std::sync::{Arc, Condvar, Mutex};
use suanzi_api::DueOutcome;
use suanzi_dag::Limits;
use suanzi_store::{DagKey, DagVersionRow, MemoryStore, NewDagVersion, NewRun, ScheduleRow, Store, StoreError};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Saturday 2026-03-28 00:00 UTC; Berlin's clocks change in the following night.
const SPRING: i64 = 1_774_656_000_000;
/// Saturday 2026-10-24 00:00 UTC: and back.
const AUTUMN: i64 = 1_792_800_000_000;

/// Stands where it is put. Who waits is woken by every change, as the kernel wakes who waits for a clock that is set.
#[derive(Default)]
struct HandClock {
    hands: Mutex<Hands>,
    moved: Condvar,
}

#[derive(Default)]
struct Hands {
    now: i64,
    woken: bool,
    /// What the driver waits for.
    waits_for: Option<Option<i64>>,
}

impl HandClock {
    fn set(&self, now: i64) {
        let mut hands = self.hands.lock().expect("a lock");
        (hands.now, hands.woken, hands.waits_for) = (now, true, None);
        self.moved.notify_all();
    }

    /// The moment that the driver waits for, once it has looked.
    fn waited_for(&self) -> Option<i64> {
        let mut hands = self.hands.lock().expect("a lock");
        loop {
            if let (Some(moment), false) = (hands.waits_for, hands.woken) {
                return moment;
            }
            hands = self.moved.wait(hands).expect("a lock");
        }
    }
}

impl Clock for HandClock {
    fn now(&self) -> i64 {
        self.hands.lock().expect("a lock").now
    }

    fn wait_until(&self, moment: Option<i64>) {
        let mut hands = self.hands.lock().expect("a lock");
        while !hands.woken && moment.is_none_or(|moment| moment > hands.now) {
            hands.waits_for = Some(moment);
            self.moved.notify_all();
            hands = self.moved.wait(hands).expect("a lock");
        }
        (hands.woken, hands.waits_for) = (false, None);
    }

    fn wake(&self) {
        self.hands.lock().expect("a lock").woken = true;
        self.moved.notify_all();
    }
}

/// Creates run rows as the engine would.
struct Runs {
    store: Arc<dyn Store>,
    asked: Mutex<Vec<(u32, i64)>>,
    answer: Mutex<Option<Begun>>,
}

impl Begin for Runs {
    fn begin(&self, version: &DagVersionRow, logical_at: i64) -> Begun {
        if let Some(answer) = self.answer.lock().expect("a lock").clone() {
            return answer;
        }
        let run_id = format!("run-{}", self.asked.lock().expect("a lock").len());
        self.asked.lock().expect("a lock").push((version.version, logical_at));
        let new = NewRun {
            run_id: run_id.clone(),
            dag_version: version.key,
            config: "{}".into(),
            total: 1,
            token_seed: 1,
            created_at: logical_at,
        };
        match self.store.create_scheduled_run(&new, "test", logical_at) {
            Ok(_) => Begun::Run(run_id),
            Err(StoreError::LogicalTimeTaken { run_id }) => Begun::Taken(run_id),
            Err(error) => Begun::Refused(error.to_string()),
        }
    }
}

struct Scene {
    store: Arc<dyn Store>,
    clock: Arc<HandClock>,
    runs: Arc<Runs>,
    keeper: Arc<Keeper>,
    dag: DagKey,
    start: i64,
    versions: u32,
}

impl Scene {
    fn new(start: i64, schedule: &str) -> Scene {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let runs = Arc::new(Runs { store: store.clone(), asked: Mutex::default(), answer: Mutex::default() });
        let clock = Arc::new(HandClock::default());
        clock.set(start);
        let dag = store.create_dag("scheduled", "").expect("a DAG");
        let keeper = Arc::new(Keeper::new(store.clone(), clock.clone()));
        let mut scene = Scene { store, clock, runs, keeper, dag, start, versions: 0 };
        scene.save(schedule);
        scene
    }

    /// A version with this schedule, saved now.
    fn save(&mut self, schedule: &str) {
        let source = format!(
            "dag:\n schedule: {schedule}\n description: \"{}\"\n operator_list: [a]\n operator_details: {{a: {{algo_name: noop}}}}\n",
            self.versions
        );
        let document = suanzi_dag::read(source.as_bytes(), &Limits::file()).expect("a DAG");
        let version = NewDagVersion {
            identity: "scheduled".into(),
            source_hash: format!("{source:?}"),
            source,
            operators: Vec::new(),
            relations: Vec::new(),
            created_at: self.clock.now(),
        };
        self.store.save_dag(self.dag, self.versions, &version, None).expect("the store works");
        self.versions += 1;
        let version_key = self.store.dag_version_key(self.dag, self.versions).expect("the store works");
        let saved = Saved {
            dag: self.dag,
            identity: "scheduled".into(),
            version: self.versions,
            version_key: version_key.expect("a version"),
            schedule: suanzi_operator::scheduling::schedule(&document.dag).expect("a schedule"),
        };
        self.keeper.saved(saved, self.runs.as_ref()).expect("the store works");
    }

    /// One look, and further ones as long as there is something to do at once.
    fn look(&self) {
        while self
            .keeper
            .look(self.runs.as_ref())
            .expect("the store works")
            .is_some_and(|next| next <= self.clock.now())
        {}
    }

    /// The clock passes: it is looked at when the keeper says so, never else.
    fn pass(&self, time: i64) {
        let end = self.clock.now() + time;
        loop {
            let next = self.keeper.look(self.runs.as_ref()).expect("the store works");
            match next.filter(|next| *next <= end) {
                Some(next) => self.clock.set(next.max(self.clock.now())),
                None => break self.clock.set(end),
            }
        }
        self.look();
    }

    fn set(&self, now: i64) {
        self.clock.set(now);
        self.look();
    }

    /// Logical times that have a run, as hours after the start.
    fn begun(&self) -> Vec<f64> {
        let mut runs = self.store.scheduled_runs("scheduled", 100_000).expect("the store works");
        runs.reverse();
        runs.iter().map(|run| (run.logical_at - self.start) as f64 / HOUR as f64).collect()
    }

    fn restart(&mut self) {
        self.keeper = Arc::new(Keeper::new(self.store.clone(), self.clock.clone()));
    }

    fn last(&self) -> suanzi_api::LastDue {
        self.keeper.planned().expect("the store works")[0].last.clone().expect("a last one")
    }

    fn answer(&self, answer: Option<Begun>) {
        *self.runs.answer.lock().expect("a lock") = answer;
    }
}

fn hours(range: std::ops::RangeInclusive<i32>) -> Vec<f64> {
    range.map(f64::from).collect()
}

#[test]
fn each_hour_begins_one_run() {
    let scene = Scene::new(SPRING, "\"0 * * * *\"");
    scene.pass(5 * HOUR);
    assert_eq!((scene.begun(), scene.runs.asked.lock().expect("a lock").len()), (hours(1..=5), 5));
    let planned = scene.keeper.planned().expect("the store works");
    assert_eq!(planned[0].next, Some(SPRING + 6 * HOUR));
    let last = scene.last();
    assert_eq!(
        (last.logical_ms, last.outcome, last.run_id.as_deref()),
        (SPRING + 5 * HOUR, DueOutcome::Begun, Some("run-4"))
    );
}

#[test]
fn a_clock_that_jumps_a_day_each_way_doubles_nothing_and_loses_nothing() {
    for start in [SPRING, AUTUMN] {
        for missed in ["skip", "once", "all"] {
            for restarts in [false, true] {
                let schedule = format!("{{cron: \"0 * * * *\", timezone: Europe/Berlin, missed: {missed}}}");
                let mut scene = Scene::new(start, &schedule);
                scene.pass(3 * HOUR);
                scene.set(start + 3 * HOUR + DAY);
                scene.pass(2 * HOUR);
                if restarts {
                    scene.restart();
                }
                scene.set(start + HOUR);
                if restarts {
                    scene.restart();
                }
                scene.pass(2 * DAY);
                assert_eq!(scene.begun(), hours(1..=49), "{missed}");
                let runs = scene.store.scheduled_runs("scheduled", 1_000).expect("the store works");
                let ids: std::collections::BTreeSet<_> = runs.iter().map(|run| &run.run_id).collect();
                assert_eq!(ids.len(), runs.len());
            }
        }
    }
}

#[test]
fn summer_time_leaves_no_daily_run_out_and_doubles_none() {
    for (start, expected) in [
        // 01:30, then the first moment after the gap (03:00 = 01:00 UTC), then 00:30 UTC.
        (SPRING, [1.5, 25.0, 48.5]),
        // 00:30 UTC, then the first of the two 02:30, then 01:30 UTC.
        (AUTUMN, [0.5, 24.5, 49.5]),
    ] {
        let scene = Scene::new(start, "{cron: \"30 2 * * *\", timezone: Europe/Berlin}");
        scene.pass(3 * DAY);
        assert_eq!(scene.begun(), expected);
    }
}

#[test]
fn a_server_that_was_down_does_as_the_policy_says() {
    for (missed, expected) in [("skip", vec![1.0]), ("once", vec![1.0, 11.0]), ("all", hours(1..=11))] {
        let mut scene = Scene::new(SPRING, &format!("{{cron: \"0 * * * *\", missed: {missed}}}"));
        scene.pass(HOUR + HOUR / 2);
        scene.restart();
        scene.set(SPRING + 11 * HOUR + HOUR / 2);
        scene.look();
        assert_eq!(scene.begun(), expected, "{missed}");
        let outcome = if missed == "skip" { DueOutcome::Skipped } else { DueOutcome::Begun };
        assert_eq!((scene.last().logical_ms, scene.last().outcome), (SPRING + 11 * HOUR, outcome), "{missed}");
    }
}

#[test]
fn a_crash_between_a_run_and_its_note_begins_it_once() {
    for missed in ["skip", "once", "all"] {
        let mut scene = Scene::new(SPRING, &format!("{{cron: \"0 * * * *\", missed: {missed}}}"));
        scene.clock.set(SPRING + HOUR);
        let row = scene.store.schedules().expect("the store works").remove(0);
        scene.look();
        // As the row was before the run began; the server comes back within the minute, or an hour later.
        scene.store.put_schedule(&row).expect("the store works");
        scene.restart();
        scene.look();
        assert_eq!(scene.begun(), [1.0], "{missed}");
        scene.store.put_schedule(&row).expect("the store works");
        scene.restart();
        scene.set(SPRING + HOUR + HOUR / 2);
        assert_eq!(scene.begun(), [1.0], "{missed}");
        let last = scene.last();
        assert_eq!((last.outcome, last.run_id.as_deref()), (DueOutcome::Begun, Some("run-0")), "{missed}");
    }
}

#[test]
fn an_edited_schedule_counts_from_its_saving_and_the_old_one_until_then() {
    let mut scene = Scene::new(SPRING, "\"0 * * * *\"");
    scene.pass(HOUR);
    // Due at 2:00 under the old one; saved a second later, before anybody looked.
    scene.clock.set(SPRING + 2 * HOUR + 1_000);
    scene.save("\"*/10 * * * *\"");
    scene.pass(HOUR / 2);
    assert_eq!(scene.begun().iter().map(|h| (h * 60.0).round() as i64).collect::<Vec<_>>(), [60, 120, 130, 140, 150]);
    let versions: Vec<u32> = scene.runs.asked.lock().expect("a lock").iter().map(|(version, _)| *version).collect();
    assert_eq!(versions, [1, 1, 2, 2, 2], "what was due before the change runs the version before it");
    scene.save("null");
    scene.pass(DAY);
    assert_eq!(scene.begun().len(), 5);
    assert!(scene.keeper.planned().expect("the store works").is_empty());
    scene.save("{cron: \"0 * * * *\", missed: all}");
    scene.pass(2 * HOUR);
    assert_eq!(scene.begun().len(), 7, "the time without a schedule isn't made up for");
    // Another text under the same schedule: nothing begins anew.
    scene.save("{cron: \"0 * * * *\", missed: all}");
    scene.pass(HOUR);
    assert_eq!(scene.begun().len(), 8);
    assert_eq!(scene.keeper.planned().expect("the store works")[0].version, 5);
}

#[test]
fn a_pause_is_no_downtime() {
    let mut scene = Scene::new(SPRING, "{cron: \"0 * * * *\", missed: all}");
    scene.pass(HOUR);
    let pause = |scene: &Scene, dag, paused| {
        scene.keeper.set_paused(dag, paused, scene.runs.as_ref()).expect("the store works")
    };
    assert!(pause(&scene, scene.dag, true));
    scene.pass(5 * HOUR);
    scene.restart();
    scene.look();
    let planned = scene.keeper.planned().expect("the store works").remove(0);
    assert_eq!((planned.paused, planned.next), (true, None));
    assert!(pause(&scene, scene.dag, false));
    scene.pass(HOUR);
    assert_eq!(scene.begun(), [1.0, 7.0]);
    assert!(!pause(&scene, DagKey(99), true));
}

#[test]
fn hidden_dags_are_due_for_nobody() {
    let scene = Scene::new(SPRING, "\"0 * * * *\"");
    scene.pass(HOUR);
    assert!(scene.store.hide_dag(scene.dag).expect("the store works"));
    scene.pass(DAY);
    assert_eq!(scene.begun(), [1.0]);
    assert!(scene.keeper.planned().expect("the store works").is_empty());
}

#[test]
fn what_must_wait_is_begun_later_and_a_refusal_is_said() {
    let scene = Scene::new(SPRING, "{cron: \"0 * * * *\", missed: all}");
    scene.answer(Some(Begun::Later));
    scene.pass(3 * HOUR);
    assert!(scene.begun().is_empty());
    scene.answer(None);
    scene.look();
    assert_eq!(scene.begun(), [1.0, 2.0, 3.0]);
    scene.answer(Some(Begun::Refused("no such file".into())));
    scene.pass(HOUR);
    assert_eq!((scene.last().outcome, scene.last().reason.as_deref()), (DueOutcome::Refused, Some("no such file")));
    scene.answer(None);
    scene.pass(HOUR);
    assert_eq!(scene.begun(), [1.0, 2.0, 3.0, 5.0], "a refused time isn't tried again");
    let without = scene.keeper.without_run(scene.dag).expect("the store works");
    assert_eq!(without.iter().map(|w| w.logical_ms).collect::<Vec<_>>(), [SPRING + 4 * HOUR]);
}

#[test]
fn a_dag_has_no_more_runs_going_than_the_bound() {
    let scene = Scene::new(SPRING, "{cron: \"* * * * *\", missed: all}");
    for run in 0..MAX_GOING {
        scene.keeper.begun(&format!("going-{run}"), scene.dag);
    }
    scene.pass(5 * 60_000);
    assert!(scene.begun().is_empty());
    scene.keeper.ended("going-3");
    scene.look();
    assert_eq!(scene.begun().len(), 5, "none is lost, all begin once there is room");
}

#[test]
fn the_driver_waits_for_the_next_moment_and_sees_a_clock_that_is_set() {
    let mut scene = Scene::new(SPRING, "{cron: \"0 * * * *\", missed: all}");
    let driver = Driver::start(scene.keeper.clone(), scene.clock.clone(), scene.runs.clone()).expect("a thread");
    assert_eq!(scene.clock.waited_for(), Some(SPRING + HOUR));
    scene.clock.set(SPRING + HOUR);
    assert_eq!(scene.clock.waited_for(), Some(SPRING + 2 * HOUR));
    assert_eq!(scene.begun(), [1.0]);
    scene.clock.set(SPRING + HOUR + DAY);
    assert_eq!(scene.clock.waited_for(), Some(SPRING + 2 * HOUR + DAY));
    assert_eq!(scene.begun(), hours(1..=25));
    scene.clock.set(SPRING + HOUR / 2);
    assert_eq!(scene.clock.waited_for(), Some(SPRING + HOUR));
    // A change wakes it.
    scene.save("\"15 * * * *\"");
    while scene.clock.waited_for() != Some(SPRING + HOUR + HOUR / 4) {}
    assert_eq!(scene.begun(), hours(1..=25));
    drop(driver);
}

#[test]
fn what_is_kept_reads_back_and_what_is_damaged_says_so() {
    let scene = Scene::new(SPRING, "{cron: \"*/5 * * * *\", timezone: Asia/Shanghai, missed: once}");
    scene.pass(HOUR);
    let row = scene.store.schedules().expect("the store works").remove(0);
    assert_eq!(Kept::of_row(row.clone()).expect("it reads").row(), row);
    for (spec, last) in [
        ("", ""),
        ("{}", ""),
        (&*row.spec, "x"),
        (
            r#"{"dag":1,"version":1,"version_key":1,"schedule":{"cron":"61 * * * *","timezone":"UTC","missed":"skip"}}"#,
            "",
        ),
    ] {
        let damaged = ScheduleRow { spec: spec.into(), last: last.into(), ..row.clone() };
        let why = Kept::of_row(damaged).expect_err("damaged");
        assert!(why.starts_with("the schedule of 'scheduled' can't be read: "), "{why}");
    }
}
