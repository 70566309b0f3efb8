//! A schedule as it is written: cron expression, time zone, what to do about missed times.

use crate::cron::Due;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest cron expression that is read.
pub const MAX_CRON_BYTES: usize = 200;
/// Where none is given: the same on every host.
pub const DEFAULT_TIME_ZONE: &str = "UTC";

/// What becomes of due times at which nobody was there to begin a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// Nothing.
    #[default]
    Skip,
    /// One run for the newest of them.
    Once,
    /// A run for each of the last 31 days, the oldest first.
    All,
}

/// A valid schedule. Its text form (`Serialize`) is stable: two schedules are the same if their texts are.
#[derive(Debug, Clone, Serialize)]
pub struct Schedule {
    cron: String,
    timezone: String,
    missed: Missed,
    #[serde(skip)]
    due: Due,
}

/// What is wrong with a schedule, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScheduleError {
    /// The fault's code.
    pub code: &'static str,
    pub message: String,
    pub hint: String,
}

impl Schedule {
    /// # Errors
    /// `bad_schedule` for a cron expression that isn't one or is never due, `unknown_time_zone` for a zone that doesn't exist.
    pub fn new(cron: &str, timezone: Option<&str>, missed: Missed) -> Result<Schedule, ScheduleError> {
        let timezone = timezone.unwrap_or(DEFAULT_TIME_ZONE);
        let due = Due::parse(cron, timezone)?;
        Ok(Schedule { cron: cron.trim().to_string(), timezone: timezone.to_string(), missed, due })
    }

    pub fn cron(&self) -> &str {
        &self.cron
    }

    pub fn timezone(&self) -> &str {
        &self.timezone
    }

    pub fn missed(&self) -> Missed {
        self.missed
    }

    /// The first due time after `after_ms` (milliseconds since 1970), or `None` where it lies beyond what is searched (years).
    pub fn next_after(&self, after_ms: i64) -> Option<i64> {
        self.due.next_after(after_ms)
    }

    /// The due times after `after_ms`, in order.
    pub fn upcoming(&self, after_ms: i64) -> impl Iterator<Item = i64> + '_ {
        std::iter::successors(self.next_after(after_ms), |at| self.next_after(*at))
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Schedule) -> bool {
        (&self.cron, &self.timezone, self.missed) == (&other.cron, &other.timezone, other.missed)
    }
}

impl Missed {
    pub const ALL: [Missed; 3] = [Missed::Skip, Missed::Once, Missed::All];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Missed::Skip => "skip",
            Missed::Once => "once",
            Missed::All => "all",
        }
    }
}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
