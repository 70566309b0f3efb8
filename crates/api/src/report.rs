//! What came out of a run, and what changed from one to another: also what `suanzi run --json` and `suanzi diff --json` print.

use crate::event::TaskError;
use crate::run::{RunState, TaskState};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunReport {
    pub run_id: String,
    pub status: RunState,
    pub duration_ms: u64,
    pub dag: String,
    pub operators: Vec<OperatorReport>,
    /// Numbers by operator id.
    #[schema(value_type = BTreeMap<String, Object>)]
    pub metrics: BTreeMap<String, Value>,
    /// What a colleague would point out, by operator id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub findings: BTreeMap<String, Value>,
    /// Whole evaluations, curves included, by operator id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evaluations: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OperatorReport {
    pub id: String,
    pub algo_name: String,
    pub status: TaskState,
    pub cached: bool,
    pub duration_ms: f64,
    pub attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<TaskError>,
    pub outputs: Vec<OutputReport>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutputReport {
    pub port: u16,
    #[serde(rename = "type")]
    pub port_type: String,
    pub artifact: String,
    /// Its file, for commands on the server's own host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    pub bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_id: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub evicted: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunDiff {
    pub before: String,
    pub after: String,
    /// Operators that only one of them has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParamDiff>,
    /// Seed, environment, code and files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub basis: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<StatusDiff>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricDiff>,
    /// The first output, in the order of the graph, whose content differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_divergence: Option<Divergence>,
}

/// Null where it isn't set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ParamDiff {
    pub operator: String,
    pub parameter: String,
    #[schema(required)]
    pub before: Option<Value>,
    #[schema(required)]
    pub after: Option<Value>,
}

/// Null where it isn't run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusDiff {
    pub operator: String,
    #[schema(required)]
    pub before: Option<TaskState>,
    #[schema(required)]
    pub after: Option<TaskState>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetricDiff {
    pub operator: String,
    pub metric: String,
    pub before: f64,
    pub after: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Divergence {
    pub operator: String,
    pub port: u16,
    #[serde(rename = "type")]
    pub port_type: String,
    /// Operators that read it.
    pub readers: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<TableDiff>,
    /// Where the tables themselves can't be compared any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The differences between table `a` and table `b`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TableDiff {
    pub rows_a: u64,
    pub rows_b: u64,
    /// Columns that came, went, moved or changed their type.
    pub schema: Vec<SchemaDiff>,
    /// Columns whose values were compared: those of the same name and logical type.
    pub compared: Vec<String>,
    /// Of the compared columns those with differences.
    pub columns: Vec<ColumnDiff>,
    /// Rows that differ in a compared column; rows that only one table has are not counted.
    pub differing_rows: u64,
    /// The first of them.
    pub first: Vec<RowDiff>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum SchemaDiff {
    Added {
        column: String,
        #[serde(rename = "type")]
        type_name: String,
    },
    Removed {
        column: String,
        #[serde(rename = "type")]
        type_name: String,
    },
    /// Also where only the encoding changed; the values are compared then.
    TypeChanged { column: String, from: String, to: String },
    /// The place among the columns, counted from 0, where not merely columns before it came or went.
    Moved { column: String, from: u64, to: u64 },
}

/// How many cells of a column differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ColumnDiff {
    pub column: String,
    pub differing_rows: u64,
}

/// A row that differs, with the cells that do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RowDiff {
    pub row: u64,
    pub cells: Vec<CellDiff>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CellDiff {
    pub column: String,
    pub a: Value,
    pub b: Value,
}
