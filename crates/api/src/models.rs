//! Registered models.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelVersionView {
    pub name: String,
    /// From 1.
    pub version: u32,
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
