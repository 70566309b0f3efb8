//! Schedules of DAGs. The schedule itself is the DAG's `schedule` key.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::RunState;

/// Most due times, or entries of a history, that one answer gives.
pub const MAX_DUE_TIMES: u32 = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleView {
    pub dag_id: String,
    pub title: String,
    /// The version that due times run: the one that was saved last.
    pub version: u32,
    pub cron: String,
    pub timezone: String,
    pub missed: MissedPolicy,
    pub paused: bool,
    /// The next due time, milliseconds since 1970; none while it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_ms: Option<i64>,
    /// The newest due time that was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<LastDue>,
}

/// What becomes of due times that were missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissedPolicy {
    Skip,
    Once,
    All,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LastDue {
    pub logical_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    pub outcome: DueOutcome,
    /// Why no run began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueOutcome {
    /// Its run began.
    Begun,
    /// It was missed, and the policy passes over it.
    Skipped,
    /// No run could begin.
    Refused,
}

/// `PUT /api/v1/schedules/{dag_id}/paused`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Paused {
    pub paused: bool,
}

/// `POST /api/v1/schedules/preview`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchedulePreview {
    pub cron: String,
    /// UTC unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// How many due times; 5 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    pub count: Option<u32>,
}

/// `GET /api/v1/schedules/{dag_id}/due`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DueQuery {
    /// How many due times; 5 unless given.
    #[param(minimum = 1, maximum = 100)]
    pub count: Option<u32>,
}

/// `GET /api/v1/schedules/{dag_id}/history`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct HistoryQuery {
    /// How many entries; 50 unless given.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
}

/// What became of a due time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PastDue {
    pub logical_ms: i64,
    pub outcome: DueOutcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// How its run stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<RunState>,
    /// Why no run began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DueTimes {
    /// In order, milliseconds since 1970.
    pub next: Vec<i64>,
}
