//! Stateless work on a DAG's text: reading, editing, planning, mending.

use crate::dag_model::{DagModel, Edit};
use crate::problem::Fault;
use crate::run::RunOptions;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /api/v1/documents/read` and `…/format`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceText {
    /// A DAG as YAML or JSON.
    pub source: String,
}

/// What a text says, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct DocumentView {
    /// Null only where the text can't be read as a DAG at all.
    #[schema(required)]
    pub dag: Option<DagModel>,
    /// Errors and warnings, of the text and of what it is bound to.
    pub faults: Vec<Fault>,
    pub lint: Vec<LintFinding>,
}

/// `POST /api/v1/documents/edit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditRequest {
    /// An empty text counts as a DAG without operators.
    pub source: String,
    /// Applied in order.
    pub edits: Vec<Edit>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EditAnswer {
    pub source: String,
    pub document: DocumentView,
}

/// `POST /api/v1/documents/plan`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanRequest {
    pub source: String,
    /// The DAG it is a text of, if it is one that was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dag_id: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<RunOptions>)]
    pub options: serde_json::Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlanView {
    /// In the order of the text.
    pub rows: Vec<PlanRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanRow {
    pub id: String,
    pub algo_name: String,
    pub verdict: Verdict,
    pub why: Words,
    /// Milliseconds that earlier runs of this operator took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_ms: Option<u64>,
    /// The most memory, in bytes, that its worker held in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_bytes: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Cached,
    WillRun,
    WillRunUnlessUpstreamUnchanged,
    NotSelected,
    Disabled,
}

/// `POST /api/v1/documents/fix`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FixRequest {
    pub source: String,
    /// The operator on which it was found.
    pub operator: String,
    /// The finding's code, as an evaluation gives it.
    pub finding: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FixView {
    pub edits: Vec<Edit>,
}

/// `POST /api/v1/documents/python`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScriptRequest {
    pub source: String,
    /// The DAG it is a text of, if it is one that was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dag_id: Option<String>,
    /// Only this operator and what it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScriptView {
    /// Python that needs pandas, scikit-learn and pyarrow, and runs alone.
    pub script: String,
}

/// `POST /api/v1/documents/forget`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgetRequest {
    pub source: String,
    /// The DAG it is a text of, if it is one that was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dag_id: Option<String>,
    /// Whose kept results are not to be found again.
    pub operators: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ForgetView {
    /// Those of them that had one.
    pub forgotten: Vec<String>,
}

/// What is likely to be wrong with a DAG that would run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LintFinding {
    pub code: String,
    pub severity: Severity,
    pub operator: String,
    pub message: Words,
    pub hint: Words,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<LintFix>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Warning,
    Error,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LintFix {
    pub label: Words,
    pub edits: Vec<Edit>,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Words {
    pub en: String,
    pub zh: String,
}
