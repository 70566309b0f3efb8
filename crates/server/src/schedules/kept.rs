//! What a schedule's row says, read and written.

use serde::{Deserialize, Serialize};
use suanzi_api::{DueOutcome, LastDue};
use suanzi_schedule::{Missed, Schedule};
use suanzi_store::{DagKey, DagVersionKey, EpochMillis, ScheduleRow};

/// Due times without a run that are kept for the history.
const KEPT_OUTCOMES: usize = 20;

/// A DAG that has a schedule, or had one.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// The DAG's identity.
    pub identity: String,
    pub dag: DagKey,
    /// The version that was saved last, which due times run.
    pub version: u32,
    pub version_key: DagVersionKey,
    pub schedule: Option<Schedule>,
    pub paused: bool,
    /// Every due time up to here is settled.
    pub handled_to: EpochMillis,
    /// What the row in the store says.
    pub stored_to: EpochMillis,
    /// The newest outcome, then earlier ones without a run.
    pub last: Vec<LastDue>,
}

/// The row's `spec`.
#[derive(Serialize, Deserialize)]
struct Spec {
    dag: u64,
    version: u32,
    version_key: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    schedule: Option<Written>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    cron: String,
    timezone: String,
    missed: Missed,
}

impl Kept {
    /// # Errors
    /// Why the row can't be read: a sentence.
    pub fn of_row(row: ScheduleRow) -> Result<Kept, String> {
        let bad = |what: &str, why: String| format!("the schedule of '{}' can't be read: {what}: {why}", row.dag);
        let spec: Spec = serde_json::from_str(&row.spec).map_err(|e| bad("spec", e.to_string()))?;
        let schedule = spec.schedule.map(|w| Schedule::new(&w.cron, Some(&w.timezone), w.missed)).transpose();
        let last = match row.last.as_str() {
            "" => Vec::new(),
            text => serde_json::from_str(text).map_err(|e| bad("last", e.to_string()))?,
        };
        Ok(Kept {
            dag: DagKey(spec.dag),
            version: spec.version,
            version_key: DagVersionKey(spec.version_key),
            schedule: schedule.map_err(|e| bad("spec", e.message))?,
            paused: row.paused,
            handled_to: row.handled_to,
            stored_to: row.handled_to,
            last,
            identity: row.dag,
        })
    }

    pub fn row(&self) -> ScheduleRow {
        let written = self.schedule.as_ref().map(|schedule| Written {
            cron: schedule.cron().into(),
            timezone: schedule.timezone().into(),
            missed: schedule.missed(),
        });
        let spec = Spec { dag: self.dag.0, version: self.version, version_key: self.version_key.0, schedule: written };
        ScheduleRow {
            dag: self.identity.clone(),
            spec: serde_json::to_string(&spec).unwrap_or_default(),
            handled_to: self.handled_to,
            paused: self.paused,
            last: serde_json::to_string(&self.last).unwrap_or_default(),
        }
    }

    pub fn note(&mut self, outcome: LastDue) {
        self.last.retain(|known| known.outcome != DueOutcome::Begun && known.logical_ms != outcome.logical_ms);
        self.last.insert(0, outcome);
        self.last.truncate(KEPT_OUTCOMES);
    }

    /// The next due time that isn't settled.
    pub fn next(&self, now: i64) -> Option<i64> {
        let schedule = self.schedule.as_ref().filter(|_| !self.paused)?;
        schedule.next_after(now.max(self.handled_to))
    }
}
