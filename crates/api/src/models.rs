//! Registered models, names for their versions, and versions side by side.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Most versions that are compared at one time.
pub const MAX_COMPARED_VERSIONS: usize = 10;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelVersionView {
    pub name: String,
    /// From 1.
    pub version: u32,
    /// Names that stand for this version now.
    pub aliases: Vec<String>,
    /// The run and the operator that registered it.
    pub run_id: String,
    pub operator: String,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
    pub bytes: u64,
    /// Its file is there.
    pub present: bool,
    /// As they were registered, by name.
    pub metrics: Value,
    /// Class, library versions, input schema and what else was registered.
    pub manifest: Value,
}

/// What names a version of a model: its number, or an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum VersionName {
    Number(u32),
    Text(String),
}

/// `PUT /api/v1/models/{name}/aliases/{alias}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AliasRequest {
    /// What the alias stands for from now on.
    pub version: VersionName,
}

/// A name for a version of a model, unique within the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AliasView {
    pub model: String,
    pub alias: String,
    pub version: u32,
    /// When it was set or moved last, in milliseconds since 1970.
    pub changed_at_ms: i64,
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CompareQuery {
    /// Numbers or aliases, separated by commas: two to ten. Differences are those from the first one.
    pub versions: String,
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CardQuery {
    /// `en` or `zh`: what the page shows first.
    pub lang: Option<String>,
}

/// Versions of a model side by side. Lists within a row are in the versions' order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelComparison {
    pub name: String,
    pub versions: Vec<ComparedVersion>,
    pub metrics: Vec<ComparedMetric>,
    /// Of the DAG and of each operator that leads to the model.
    pub parameters: Vec<ComparedWord>,
    /// Data and lineage.
    pub origin: Vec<ComparedWord>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComparedVersion {
    pub version: u32,
    pub aliases: Vec<String>,
    pub run_id: String,
    pub operator: String,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    Better,
    Worse,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComparedMetric {
    pub metric: String,
    pub differs: bool,
    pub values: Vec<Option<f64>>,
    /// From the first version.
    pub changes: Vec<Option<f64>>,
    /// Than the first version; none where it is the same, or nothing is known of the figure's direction.
    pub judgements: Vec<Option<Judgement>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComparedWord {
    pub what: String,
    pub differs: bool,
    /// Null where a version has none.
    pub values: Vec<Option<Value>>,
}
