//! DAGs to begin with.

use crate::document::Words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TemplateView {
    pub id: String,
    pub title: Words,
    pub description: Words,
    /// How many.
    pub operators: u64,
    /// The id of the sample dataset it reads; made with it where it isn't there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_dataset: Option<String>,
}
