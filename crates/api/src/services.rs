//! Models served under a name.

use crate::VersionName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most requests of one service that may be under way at one time.
pub const MAX_SERVICE_CONCURRENCY: u32 = 10_000;
/// Most rows of one request.
pub const MAX_INVOCATION_ROWS: usize = 10_000;
/// Largest body of a request to a model, in bytes.
pub const MAX_INVOCATION_BYTES: usize = 8 << 20;

/// `PUT /api/v1/services/{name}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeployRequest {
    /// A registered model's name, or `NAME@VERSION` with a number or an alias.
    pub model: String,
    /// A number or an alias; the newest one unless given. What the alias stands for now is served until the next deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<VersionName>,
    /// Requests that may be under way at one time, more are refused by 429. What it was, or 256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10000)]
    pub concurrency: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelVersionRef {
    pub model: String,
    pub version: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// Its process loads the model; requests wait.
    Starting,
    Ready,
    /// Its process ended or doesn't start; it is tried again.
    Down,
    /// This process serves no models: it isn't `suanzi serve`.
    Stopped,
}

/// What computes the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceRuntime {
    /// ONNX Runtime, in the server itself.
    Onnx,
    /// The model itself, in a process of its own.
    Python,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceView {
    pub name: String,
    /// What answers now.
    pub served: ModelVersionRef,
    /// Where a roll-back goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<ModelVersionRef>,
    pub state: ServiceState,
    /// Why it is down, or why the last deployment by a run replaced nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What computes the answers; none until the model was loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<ServiceRuntime>,
    /// What was compared with the model's own answers, or why it isn't run by ONNX Runtime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_note: Option<String>,
    /// The process that holds the model, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// Requests that may be under way at one time.
    pub concurrency: u32,
    /// Requests under way.
    pub in_flight: u32,
    /// What a row must have; empty until the model was loaded.
    pub columns: Vec<ServiceColumn>,
    pub traffic: Traffic,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it was deployed or rolled back last.
    pub changed_at_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceColumn {
    pub name: String,
    /// As in the table the model was trained on (`int64`, `float64`, `str`, …); none where any value is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}

/// Requests since the server's start.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Traffic {
    /// Those that were answered, well or not.
    pub requests: u64,
    /// Rows that were scored.
    pub rows: u64,
    /// Requests whose input was refused.
    pub bad_inputs: u64,
    /// Requests refused because too many were under way.
    pub refused: u64,
    /// Requests that found no process to answer them.
    pub failed: u64,
    /// Requests a second over the last minute.
    pub per_second: f64,
    /// In microseconds, of the answers that were given; none before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_us: Option<u64>,
    /// How long answers took, the shortest first.
    pub latencies: Vec<LatencyBucket>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LatencyBucket {
    /// At most this many microseconds, and more than the bucket before.
    pub up_to_us: u64,
    pub count: u64,
}
