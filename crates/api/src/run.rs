//! Runs: what is sent to begin one, what is said of one.

use crate::problem::Fault;
use serde::{Deserialize, Serialize};

/// `POST /api/v1/runs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitRequest {
    /// The DAG as YAML or JSON.
    pub source: String,
    /// The run's options as they are stored with it. Paths in it are absolute: the server's working directory is not the caller's.
    #[serde(default)]
    pub options: serde_json::Value,
    /// Fingerprint of the caller's Python environment. Where the server's differs, the answer warns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

/// The run is durably submitted (201), or taken up again (200).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitAnswer {
    pub run_id: String,
    /// How many operators it has to settle.
    pub total: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Fault>,
}

/// `GET /api/v1/runs/{run_id}`, and the answer to a cancel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    pub run_id: String,
    pub status: RunState,
    pub dag: String,
    pub total: u32,
    pub cancel_requested: bool,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at_ms: Option<i64>,
}

/// `GET /healthz`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub status: String,
    pub version: String,
    pub pid: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    Running,
    Success,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
