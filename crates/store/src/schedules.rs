//! Rows of schedules and of messages about runs' ends.

use crate::{EpochMillis, RunKey};

/// What is kept of a DAG's schedule beside its text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScheduleRow {
    /// The DAG's identity.
    pub dag: String,
    /// The version that due times run and its schedule, if it has one, as JSON.
    pub spec: String,
    /// Every due time up to here is settled.
    pub handled_to: EpochMillis,
    pub paused: bool,
    /// JSON: the newest logical time and what became of it, then some that began no run; empty before the first.
    pub last: String,
}

/// A run that a schedule began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledRun {
    pub logical_at: EpochMillis,
    pub run: RunKey,
    pub run_id: String,
}

/// A message to be sent about a run's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotification {
    pub run_id: String,
    pub url: String,
    /// JSON.
    pub body: String,
    pub created_at: EpochMillis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationState {
    Waiting,
    Delivered,
    GivenUp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationRow {
    pub key: u64,
    pub run_id: String,
    pub url: String,
    pub body: String,
    pub state: NotificationState,
    pub attempts: u32,
    /// Not before.
    pub next_at: EpochMillis,
    /// Why the last attempt failed.
    pub reason: String,
    pub created_at: EpochMillis,
}
