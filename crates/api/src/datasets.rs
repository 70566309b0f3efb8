//! Uploads, and the datasets made of them.

use crate::stats::TableStats;
use crate::task::ColumnView;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `POST /api/v1/uploads`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    /// The file's name. Its ending tells the format where the content type doesn't.
    pub name: Option<String>,
}

/// An uploaded file, looked into: nothing is imported yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadView {
    pub upload_id: String,
    pub name: String,
    pub format: TableFormat,
    pub bytes: u64,
    pub columns: Vec<UploadColumn>,
    /// How many rows were looked at.
    pub rows_sampled: u64,
    /// Those are all rows.
    pub whole: bool,
    pub warnings: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TableFormat {
    Csv,
    Tsv,
    Parquet,
    Jsonl,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadColumn {
    pub name: String,
    /// As found in the rows that were looked at.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Some of those rows have none.
    pub nullable: bool,
    /// Up to five different values, as text.
    pub examples: Vec<String>,
}

/// `POST /api/v1/datasets`: of an upload, or of a file on the server's host below a listed directory.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDataset {
    /// Small letters, digits, `-` and `_`; made from the title unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<String>,
    /// Types other than those found; of uploads only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<ColumnView>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DatasetView {
    /// What a DAG's `data_id` says.
    pub id: String,
    pub title: String,
    pub description: String,
    /// Of the file it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// How many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
    /// Of a file that isn't the server's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DatasetDetail {
    pub dataset: DatasetView,
    pub columns: Vec<ColumnView>,
    pub statistics: TableStats,
}
