//! Tasks of a run, their attempts, logs and outputs.

use crate::document::Words;
use crate::event::TaskError;
use crate::run::TaskState;
use crate::stats::TableStats;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskView {
    pub operator: String,
    pub algo_name: String,
    pub status: TaskStatus,
    /// Of the newest attempt; 0 without one.
    pub attempt: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_rss_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_from: Option<CachedFrom>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<TaskError>,
    pub outputs: Vec<OutputView>,
    /// Of a task that hasn't ended: why it doesn't run yet, where its executor takes no work now or has too little memory left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
}

/// As [`TaskState`], and `waiting` before anything was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    Waiting,
    Running,
    Retrying,
    Success,
    Cached,
    Failed,
    Skipped,
    Cancelled,
}

impl From<TaskState> for TaskStatus {
    fn from(state: TaskState) -> TaskStatus {
        match state {
            TaskState::Running => TaskStatus::Running,
            TaskState::Retrying => TaskStatus::Retrying,
            TaskState::Success => TaskStatus::Success,
            TaskState::Cached => TaskStatus::Cached,
            TaskState::Failed => TaskStatus::Failed,
            TaskState::Skipped => TaskStatus::Skipped,
            TaskState::Cancelled => TaskStatus::Cancelled,
        }
    }
}

/// Where a cached result was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CachedFrom {
    pub run_id: String,
    pub operator: String,
}

/// `GET /api/v1/runs/{run_id}/tasks/{operator}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskDetail {
    #[serde(flatten)]
    pub task: TaskView,
    pub attempts: Vec<AttemptView>,
    /// Why it did what it did, line by line. Only while the run is in this server's memory.
    pub story: Vec<StoryLine>,
}

/// One thing that happened to a task, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StoryLine {
    pub at_ms: i64,
    pub text: Words,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttemptView {
    pub attempt: u32,
    pub status: AttemptStatus,
    pub started_at_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_rss_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<TaskError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttemptStatus {
    Running,
    Success,
    Failed,
    TimedOut,
    Cancelled,
    Lost,
}

/// A part of an attempt's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogView {
    pub attempt: u32,
    /// In bytes, of `text`'s first.
    pub offset: u64,
    /// Where to read on.
    pub next: u64,
    /// Nothing comes after `next`.
    pub ended: bool,
    /// Bytes that are no UTF-8 are replaced.
    pub text: String,
}

/// `chunk` in a log's stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogChunk {
    pub offset: u64,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LogQuery {
    /// The newest unless given.
    pub attempt: Option<u32>,
    /// In bytes.
    pub offset: Option<u64>,
    /// In bytes; 65,536 unless given.
    #[param(minimum = 1, maximum = 1_048_576)]
    pub limit: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LogStreamQuery {
    /// The newest unless given.
    pub attempt: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutputView {
    pub port: u16,
    /// `data`, `model`, `transform`, `metrics`, …
    #[serde(rename = "type")]
    pub port_type: String,
    /// Of a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    pub bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_id: Option<String>,
    /// Its bytes are still there.
    pub present: bool,
    /// Its statistics are there.
    pub described: bool,
}

/// `GET …/outputs/{port}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutputDetail {
    #[serde(flatten)]
    pub output: OutputView,
    /// Of a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<ColumnView>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<TableStats>,
    /// What the operator's worker wrote down beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ColumnView {
    pub name: String,
    #[serde(rename = "type")]
    pub type_name: String,
}

/// Rows of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    pub columns: Vec<ColumnView>,
    /// Rows of the whole table.
    pub total_rows: u64,
    /// Row number of the first row here.
    pub offset: u64,
    /// Cells in the order of the columns. Integers beyond 2^53, NaN, infinities and decimals are text; times ISO 8601; binary hex; long values are cut
    /// and end in `…`.
    pub rows: Vec<Vec<Value>>,
    /// The table was collected: these are rows that were kept of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub evicted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RowsQuery {
    pub offset: Option<u64>,
    /// 100 unless given.
    #[param(minimum = 1, maximum = 1_000)]
    pub limit: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DownloadQuery {
    /// Of tables `csv`, `parquet`, `jsonl` or `arrow` (unless given); `json` of metrics and reports; none of models and files.
    pub format: Option<String>,
}
