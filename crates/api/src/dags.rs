//! DAGs that are kept: their versions and drafts.

use crate::problem::Fault;
use crate::run::RunState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One line of `GET /api/v1/dags`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DagSummary {
    pub dag_id: String,
    pub title: String,
    /// 0 for one that has only a draft.
    pub version: u32,
    /// Milliseconds since 1970.
    pub updated_at_ms: i64,
    /// Operators of its newest version.
    pub operators: u64,
    pub has_draft: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<LastRun>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LastRun {
    pub run_id: String,
    pub status: RunState,
    pub created_at_ms: i64,
}

/// `GET /api/v1/dags`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DagsQuery {
    /// A part of the title.
    pub q: Option<String>,
    /// Most items of the page; 100 unless given.
    #[param(minimum = 1, maximum = 1_000)]
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub before: Option<String>,
}

/// A DAG's text to be kept; as `application/yaml` it is the body itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DagText {
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// `POST /api/v1/dags`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct NewDagQuery {
    /// Unless the body has one; else the DAG's `name`.
    pub title: Option<String>,
    /// Keeps a text with faults too, as the draft of a DAG without a version.
    pub draft: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DagCreated {
    pub dag_id: String,
    pub title: String,
    /// 0 for one that has only a draft.
    pub version: u32,
    pub warnings: Vec<Fault>,
}

/// `GET /api/v1/dags/{dag_id}`; its `ETag` is the version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DagView {
    pub dag_id: String,
    pub title: String,
    pub version: u32,
    /// Of the newest version; empty for a DAG that has only a draft.
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<DraftView>,
    pub updated_at_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DraftView {
    pub source: String,
    /// Rises with each change.
    pub revision: u64,
    pub updated_at_ms: i64,
}

/// `PUT /api/v1/dags/{dag_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DagSaved {
    pub version: u32,
    pub warnings: Vec<Fault>,
}

/// `PUT /api/v1/dags/{dag_id}/draft`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DraftSaved {
    pub revision: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DagVersionView {
    pub version: u32,
    pub created_at_ms: i64,
    /// BLAKE3 of the text, hex.
    pub source_hash: String,
}
