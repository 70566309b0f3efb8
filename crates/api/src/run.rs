//! Runs: what is sent to begin one, what is said of one.

use crate::problem::Fault;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// `POST /api/v1/runs`: a text, a saved DAG, or a text that becomes the newest version of a saved DAG.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitRequest {
    /// The DAG as YAML or JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dag_id: Option<String>,
    /// Of the DAG; the newest unless given. Not with `source`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// The run's options as they are stored with it. Paths in it are absolute: the server's working directory is not the caller's.
    #[serde(default)]
    #[schema(value_type = Option<RunOptions>)]
    pub options: serde_json::Value,
    /// Fingerprint of the caller's Python environment. Where the server's differs, the answer warns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

/// How a run is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RunOptions {
    pub seed: u64,
    pub cache: CacheMode,
    /// Moves the operators that can run there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executor: Option<String>,
    pub priority: i32,
    /// Operators of the run that go at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// These operators and all that depends on them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
    /// These operators and all that they depend on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// What failed or is missing in this run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_of: Option<String>,
    /// Absolute paths by dataset id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub datasets: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheMode {
    /// Take kept results and keep new ones.
    #[default]
    Use,
    /// Run everything; new results are kept.
    Bypass,
}

/// The run is durably submitted (201), or taken up again (200).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubmitAnswer {
    pub run_id: String,
    /// How many operators it has to settle.
    pub total: u32,
    /// The DAG it is a run of.
    #[serde(default)]
    pub dag_id: String,
    /// The version it runs: with `source` and `dag_id`, the one that the text became.
    #[serde(default)]
    pub version: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Fault>,
}

/// `GET /api/v1/runs/{run_id}`, and the answer to a cancel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunView {
    pub run_id: String,
    pub status: RunState,
    /// The DAG's title.
    pub dag: String,
    #[serde(default)]
    pub dag_id: String,
    #[serde(default)]
    pub version: u32,
    /// Operators it has to settle.
    pub total: u32,
    /// Settled, whatever the outcome.
    #[serde(default)]
    pub done: u32,
    #[serde(default)]
    pub failed: u32,
    #[serde(default)]
    pub cached: u32,
    pub cancel_requested: bool,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at_ms: Option<i64>,
    #[serde(default)]
    pub options: RunOptions,
    /// Where runs go to an MLflow server; only of a run that is asked for by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mlflow: Option<MlflowView>,
}

/// A run on its way to an MLflow server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MlflowView {
    pub state: MlflowState,
    pub attempts: u32,
    /// Why the last attempt failed; of a run that is there, what couldn't go with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// MLflow's id of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MlflowState {
    Waiting,
    Sent,
    GivenUp,
}

/// `GET /api/v1/runs`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RunsQuery {
    pub dag_id: Option<String>,
    #[param(inline)]
    pub status: Option<RunState>,
    /// Most items of the page; 100 unless given.
    #[param(minimum = 1, maximum = 1_000)]
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub before: Option<String>,
}

/// `GET /healthz`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    pub status: String,
    pub version: String,
    pub pid: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    Running,
    Success,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    Running,
    Retrying,
    Success,
    Cached,
    Failed,
    Skipped,
    Cancelled,
}

impl RunState {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Success => "success",
            RunState::Failed => "failed",
            RunState::Cancelled => "cancelled",
        }
    }
}

impl TaskState {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            TaskState::Running => "running",
            TaskState::Retrying => "retrying",
            TaskState::Success => "success",
            TaskState::Cached => "cached",
            TaskState::Failed => "failed",
            TaskState::Skipped => "skipped",
            TaskState::Cancelled => "cancelled",
        }
    }
}
