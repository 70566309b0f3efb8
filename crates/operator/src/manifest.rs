//! The manifest: what an operator package declares of its operators, written by Python (`python -m suanzi.sdk.manifest`), read here.
//!
//! The Python side of the same contract is `python/suanzi/sdk/manifest.py`.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub const MANIFEST_VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub manifest_version: u32,
    /// Hash of the package's sources (hex): every `.py` file below the package, by relative path and bytes. See [`crate::source::hash_sources`].
    pub source_hash: String,
    pub operators: Vec<OperatorSpec>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperatorSpec {
    pub algo_name: String,
    pub name_en: String,
    pub name_zh: String,
    /// `source`, `preprocess`, `feature`, `train`, `predict`, `evaluate`, `deploy`, `other`.
    pub category: String,
    #[serde(default)]
    pub doc_en: String,
    #[serde(default)]
    pub doc_zh: String,
    pub module: String,
    pub function: String,
    pub inputs: Vec<InputSpec>,
    pub outputs: Vec<OutputSpec>,
    pub params: Vec<ParamSpec>,
    /// Same inputs, same bytes (or, for models, the same model). `false`: never cached unless asked.
    #[serde(default = "yes")]
    pub deterministic: bool,
    /// Uses the run's seed where its random state is null.
    #[serde(default)]
    pub random: bool,
    #[serde(default)]
    pub side_effects: bool,
    /// `refuse`, `ignore` (with a note in the log): what to do with a parameter the kind doesn't declare.
    #[serde(default = "refuse")]
    pub unknown_params: String,
    /// Executors it can run on.
    #[serde(default = "local")]
    pub executors: Vec<String>,
    /// What the linter must know of it and can't tell from its ports: see `docs/reference/roles.md`. One that this version doesn't know has no effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// It may be given a table in pieces. How that is done is the worker's concern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<Partition>,
    /// Python modules it can't do without that not every installation has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
    /// Distributions (PEP 508) of an environment of its own; none: it runs in Suanzi's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
    /// Whether its code may import scikit-learn, or what needs it; `false` only where its sources show that it doesn't.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub sklearn: bool,
}

/// How an operator may work on a large table: piece by piece, each some rows of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// `map`: what it gives for the pieces is put below each other; `combine`: a function of its own makes one result of it.
    pub how: String,
    /// The input whose table is cut.
    pub input: String,
    /// Rows that a piece has at most, where the operator says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// A Python module, and the command that installs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    pub module: String,
    pub install: String,
}

fn yes() -> bool {
    true
}
fn is_yes(value: &bool) -> bool {
    *value
}
fn refuse() -> String {
    "refuse".into()
}
fn local() -> Vec<String> {
    vec!["local".into()]
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputSpec {
    pub name: String,
    /// `data`, `model`, `transform`, `estimator`, `metrics`, `report`, `file`, `model_ref`, `endpoint`, `any`.
    #[serde(rename = "type")]
    pub port_type: String,
    #[serde(default = "yes")]
    pub required: bool,
    /// Takes any number of edges; only the last input may be variadic. Edges number it and the following indexes.
    #[serde(default)]
    pub variadic: bool,
    /// The seed's rule: a model arriving here stands for the table it was trained on.
    #[serde(default)]
    pub model_stands_for_table: bool,
    #[serde(default)]
    pub doc_en: String,
    #[serde(default)]
    pub doc_zh: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputSpec {
    pub name: String,
    #[serde(rename = "type")]
    pub port_type: String,
    /// For a model: the input it is trained on (position), which is what it stands for on a data port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained_on: Option<u16>,
    #[serde(default)]
    pub doc_en: String,
    #[serde(default)]
    pub doc_zh: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParamSpec {
    pub name: String,
    /// `integer`, `number`, `boolean`, `string`, `column`, `columns`, `choice`, `list`, `map`, `any`, `code`,
    /// `dataset` (an id registered or given with `--dataset`), `path` (a file to read).
    pub kind: String,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub nullable: bool,
    #[serde(default)]
    pub default: Json,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive_minimum: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive_maximum: Option<f64>,
    /// Allowed values; for `choice` all of them, for other kinds values allowed besides the kind's own (`max_features: "sqrt"`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_items: Option<u32>,
    /// Kind of a list's items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<String>,
    /// Folded away under "advanced".
    #[serde(default)]
    pub advanced: bool,
    /// Of older versions: accepted, translated or ignored with a note, never part of the cache key of kinds that ignore it.
    #[serde(default)]
    pub legacy: bool,
    /// A legacy parameter that changes nothing: not part of the cache key. (One that is translated is part of it.)
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignored: bool,
    #[serde(default)]
    pub label_en: String,
    #[serde(default)]
    pub label_zh: String,
    #[serde(default)]
    pub help_en: String,
    #[serde(default)]
    pub help_zh: String,
}
