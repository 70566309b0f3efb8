//! What can be put into a DAG, and on what it runs.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// An operator as its package declares it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OperatorKind {
    pub algo_name: String,
    pub name_en: String,
    pub name_zh: String,
    /// `source`, `preprocess`, `feature`, `train`, `predict`, `evaluate`, `deploy`, `other`.
    pub category: String,
    pub doc_en: String,
    pub doc_zh: String,
    /// The distribution it comes with.
    pub package: String,
    pub inputs: Vec<InputPort>,
    pub outputs: Vec<OutputPort>,
    pub params: Vec<ParamKind>,
    /// JSON Schema (2020-12) of its parameters.
    pub schema: Value,
    /// Same inputs, same bytes; otherwise never cached unless asked.
    pub deterministic: bool,
    /// Uses the run's seed where its random state is null.
    pub random: bool,
    pub side_effects: bool,
    /// `refuse` or `ignore`: what is done with a parameter that isn't declared.
    pub unknown_params: String,
    pub executors: Vec<String>,
    /// The packages it needs are installed.
    pub available: bool,
    /// What to install for it where it isn't available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub install: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InputPort {
    pub name: String,
    /// `data`, `model`, `transform`, `estimator`, `metrics`, `report`, `file`, `model_ref`, `endpoint`, `any`.
    #[serde(rename = "type")]
    pub port_type: String,
    pub required: bool,
    /// Takes any number of edges, under its own index and those after it.
    pub variadic: bool,
    /// A model arriving here stands for the table it was trained on.
    pub model_stands_for_table: bool,
    pub doc_en: String,
    pub doc_zh: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutputPort {
    pub name: String,
    #[serde(rename = "type")]
    pub port_type: String,
    pub doc_en: String,
    pub doc_zh: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ParamKind {
    pub name: String,
    /// `integer`, `number`, `boolean`, `string`, `column`, `columns`, `choice`, `list`, `map`, `any`, `code`, `dataset`, `path`.
    pub kind: String,
    pub required: bool,
    pub nullable: bool,
    pub default: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive_minimum: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive_maximum: Option<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_items: Option<u32>,
    /// Kind of a list's items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<String>,
    /// Folded away under "advanced".
    pub advanced: bool,
    /// Of older versions: accepted, not offered.
    pub legacy: bool,
    pub label_en: String,
    pub label_zh: String,
    pub help_en: String,
    pub help_zh: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExecutorView {
    pub name: String,
    /// Cpu slots it has in all.
    pub slots: u32,
    /// `plain`: any user, one trust domain.
    pub isolation: String,
    /// Takes what names no executor.
    pub default: bool,
    pub state: ExecutorState,
    /// Why work waits, in words; only while it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Whether work is sent to an executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExecutorState {
    Ready,
    /// Several calls in a row failed: runs wait until it answers again.
    Waiting,
}

/// `GET /api/v1/settings`: what the server runs with. Nothing here is secret, and nothing can be changed over the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SettingsView {
    pub version: String,
    pub isolation: String,
    pub python: PythonView,
    /// The directory of all state.
    pub home: String,
    pub executors: Vec<ExecutorView>,
    pub limits: LimitsView,
    /// Directories from which DAGs may read files.
    pub data_roots: Vec<String>,
    /// Hosts that webhooks may be sent to.
    pub webhook_hosts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PythonView {
    pub version: String,
    pub path: String,
    /// Why this interpreter.
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LimitsView {
    pub body_bytes: u64,
    pub page_items: u32,
    pub rows: u32,
    pub log_bytes: u32,
    pub runs: u32,
    pub sessions: u32,
}
