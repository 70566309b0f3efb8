//! Which DAGs are due by the clock it is given, which begin a run, and up to when that is settled. Begins nothing itself.

use super::kept::Kept;
use crate::clock::Clock;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use suanzi_api::{DueOutcome, LastDue};
use suanzi_schedule::{Schedule, settle};
use suanzi_store::{DagKey, DagRow, DagVersionKey, DagVersionRow, Store, StoreError};

/// Runs of one DAG that its schedule may have going at once; further due times wait for their end.
pub(crate) const MAX_GOING: usize = 16;
/// When what had to wait is tried again, unless a run ends before.
const AGAIN_MS: i64 = 5_000;

/// Begins the run of a DAG's due time.
pub(crate) trait Begin: Send + Sync {
    fn begin(&self, version: &DagVersionRow, logical_at: i64) -> Begun;
}

/// What became of a due time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Begun {
    Run(String),
    /// It has its run already.
    Taken(String),
    /// It can't have one: the reason.
    Refused(String),
    /// Not now, perhaps in a moment.
    Later,
}

/// A DAG that has a schedule.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub dag: DagRow,
    /// The version that due times run.
    pub version: u32,
    pub schedule: Schedule,
    pub paused: bool,
    pub next: Option<i64>,
    pub last: Option<LastDue>,
}

/// A version of a DAG that somebody saved.
pub(crate) struct Saved {
    pub dag: DagKey,
    pub identity: String,
    pub version: u32,
    pub version_key: DagVersionKey,
    pub schedule: Option<Schedule>,
}

pub(crate) struct Keeper {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Held while due times are settled: a look, a saved version and a pause come one after the other.
    settling: Mutex<()>,
    /// By the DAG's identity. `None` until they are read.
    kept: Mutex<Option<BTreeMap<String, Kept>>>,
    /// Runs that schedules began and that haven't ended, each with its DAG.
    going: Mutex<HashMap<String, DagKey>>,
}

impl Keeper {
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Keeper {
        Keeper { store, clock, settling: Mutex::default(), kept: Mutex::default(), going: Mutex::default() }
    }

    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Settles what is due. Gives the moment of the next look, if there is one.
    pub fn look(&self, begin: &dyn Begin) -> Result<Option<i64>, StoreError> {
        let _alone = lock(&self.settling);
        let now = self.clock.now();
        let mut next: Option<i64> = None;
        let mut failed = None;
        for mut kept in self.all()? {
            match self.settle(&mut kept, now, begin) {
                Ok(moment) => next = next.into_iter().chain(moment).min(),
                // One DAG's trouble is no other's.
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(next), Err)
    }

    /// A version was saved: its schedule counts from now on, the one before it until now.
    pub fn saved(&self, saved: Saved, begin: &dyn Begin) -> Result<(), StoreError> {
        let _alone = lock(&self.settling);
        let now = self.clock.now();
        let before = self.all()?.into_iter().find(|kept| kept.identity == saved.identity);
        let Saved { dag, identity, version, version_key, schedule } = saved;
        let mut kept = match before {
            None if schedule.is_none() => return Ok(()),
            None => Kept {
                identity,
                dag,
                version,
                version_key,
                schedule: None,
                paused: false,
                handled_to: now,
                stored_to: now,
                last: Vec::new(),
            },
            // Somebody saved a newer one meanwhile.
            Some(kept) if kept.version >= version => return Ok(()),
            Some(kept) => kept,
        };
        if kept.schedule != schedule {
            self.settle(&mut kept, now, begin)?;
            kept.handled_to = now;
            kept.schedule = schedule;
        }
        (kept.version, kept.version_key) = (version, version_key);
        self.put(kept)?;
        self.clock.wake();
        Ok(())
    }

    /// All DAGs with a schedule.
    pub fn planned(&self) -> Result<Vec<Planned>, StoreError> {
        let now = self.clock.now();
        let mut planned = Vec::new();
        for kept in self.all()? {
            planned.extend(self.shown(&kept, now)?);
        }
        Ok(planned)
    }

    /// `None` where the DAG has no schedule.
    pub fn planned_of(&self, dag: DagKey) -> Result<Option<Planned>, StoreError> {
        match self.all()?.into_iter().find(|kept| kept.dag == dag) {
            Some(kept) => self.shown(&kept, self.clock.now()),
            None => Ok(None),
        }
    }

    /// What became of the due times that began no run, the newest first.
    pub fn without_run(&self, dag: DagKey) -> Result<Vec<LastDue>, StoreError> {
        let kept = self.all()?.into_iter().find(|kept| kept.dag == dag);
        let mut last = kept.map(|kept| kept.last).unwrap_or_default();
        last.retain(|outcome| outcome.outcome != DueOutcome::Begun);
        Ok(last)
    }

    /// Pauses or goes on; false where the DAG has no schedule. What is due while it is paused is due for nobody.
    pub fn set_paused(&self, dag: DagKey, paused: bool, begin: &dyn Begin) -> Result<bool, StoreError> {
        let _alone = lock(&self.settling);
        let now = self.clock.now();
        let found = self.all()?.into_iter().find(|kept| kept.dag == dag && kept.schedule.is_some());
        let Some(mut kept) = found else { return Ok(false) };
        if kept.paused != paused {
            // What is due before the pause has its run.
            self.settle(&mut kept, now, begin)?;
            kept.paused = paused;
            kept.handled_to = now;
            self.put(kept)?;
            self.clock.wake();
        }
        Ok(true)
    }

    /// Before the run is watched, so that its end can't come first.
    pub fn begun(&self, run_id: &str, dag: DagKey) {
        lock(&self.going).insert(run_id.to_string(), dag);
    }

    pub fn ended(&self, run_id: &str) {
        if lock(&self.going).remove(run_id).is_some() {
            self.clock.wake();
        }
    }

    /// Gives the moment of this DAG's next look.
    fn settle(&self, kept: &mut Kept, now: i64, begin: &dyn Begin) -> Result<Option<i64>, StoreError> {
        let Some(schedule) = kept.schedule.clone().filter(|_| !kept.paused) else { return Ok(None) };
        if self.store.dag(kept.dag)?.is_none_or(|dag| dag.hidden) {
            return Ok(None);
        }
        let before = kept.last.first().cloned();
        let settled = settle(&schedule, kept.handled_to, now);
        if let Some(at) = settled.skipped {
            self.note_skipped(kept, at)?;
        }
        kept.handled_to = settled.handled_to;
        let mut waits = false;
        let version = match settled.begin.is_empty() {
            true => None,
            false => self.store.dag_version(kept.version_key)?,
        };
        for at in settled.begin {
            let begun = match &version {
                None => Begun::Refused("the DAG's version can't be read".into()),
                Some(_) if self.going_of(kept.dag) >= MAX_GOING => Begun::Later,
                Some(version) => begin.begin(version, at),
            };
            kept.note(match begun {
                Begun::Run(run_id) | Begun::Taken(run_id) => outcome(at, DueOutcome::Begun, Some(run_id), None),
                Begun::Refused(reason) => outcome(at, DueOutcome::Refused, None, Some(reason)),
                Begun::Later => {
                    kept.handled_to = at - 1;
                    waits = true;
                    break;
                }
            });
        }
        // What moves with each look and settled nothing isn't worth a write.
        if kept.last.first() != before.as_ref() || kept.handled_to < kept.stored_to {
            self.put(kept.clone())?;
            kept.stored_to = kept.handled_to;
        } else if let Some(all) = lock(&self.kept).as_mut() {
            all.insert(kept.identity.clone(), kept.clone());
        }
        if waits {
            return Ok(Some(now + AGAIN_MS));
        }
        Ok(schedule.next_after(kept.handled_to))
    }

    /// A due time that was passed over, unless it began its run before a crash or a jump of the clock.
    fn note_skipped(&self, kept: &mut Kept, at: i64) -> Result<(), StoreError> {
        if kept.last.first().is_some_and(|last| last.logical_ms == at) {
            return Ok(());
        }
        let newest = self.store.scheduled_runs(&kept.identity, 1)?;
        kept.note(match newest.into_iter().find(|run| run.logical_at == at) {
            Some(run) => outcome(at, DueOutcome::Begun, Some(run.run_id), None),
            None => outcome(at, DueOutcome::Skipped, None, None),
        });
        Ok(())
    }

    fn going_of(&self, dag: DagKey) -> usize {
        lock(&self.going).values().filter(|of| **of == dag).count()
    }

    fn shown(&self, kept: &Kept, now: i64) -> Result<Option<Planned>, StoreError> {
        let Some(schedule) = kept.schedule.clone() else { return Ok(None) };
        let Some(dag) = self.store.dag(kept.dag)?.filter(|dag| !dag.hidden) else { return Ok(None) };
        let next = kept.next(now);
        let last = kept.last.first().cloned();
        Ok(Some(Planned { dag, version: kept.version, schedule, paused: kept.paused, next, last }))
    }

    /// Durable when it returns.
    fn put(&self, mut kept: Kept) -> Result<(), StoreError> {
        self.store.put_schedule(&kept.row())?;
        kept.stored_to = kept.handled_to;
        lock(&self.kept).get_or_insert_default().insert(kept.identity.clone(), kept);
        Ok(())
    }

    fn all(&self) -> Result<Vec<Kept>, StoreError> {
        let mut all = lock(&self.kept);
        if all.is_none() {
            let read = |row| Kept::of_row(row).inspect_err(|why| eprintln!("warning: {why}")).ok();
            let rows = self.store.schedules()?.into_iter().filter_map(read);
            *all = Some(rows.map(|kept| (kept.identity.clone(), kept)).collect());
        }
        Ok(all.iter().flat_map(|all| all.values().cloned()).collect())
    }
}

fn outcome(at: i64, outcome: DueOutcome, run_id: Option<String>, reason: Option<String>) -> LastDue {
    LastDue { logical_ms: at, run_id, outcome, reason }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
