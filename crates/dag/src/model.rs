//! The DAG as data: operators, edges and what the file says of how to run them.

use crate::Value;
use std::fmt;
use std::sync::Arc;

/// An operator's id as the author wrote it: 1 to 256 bytes, no control characters, no slash or backslash. Never part of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperatorId(pub Arc<str>);

impl fmt::Display for OperatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A pipeline definition. `operators` stand in the order of `operator_list`; edges name them by position.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dag {
    pub name: Option<String>,
    pub description: Option<String>,
    pub schedule: Option<Value>,
    pub parameters: Vec<(String, Value)>,
    /// How many operators of one run may run at once.
    pub concurrency: Option<u32>,
    pub on_failure: Option<Value>,
    pub on_success: Option<Value>,
    /// What people wrote on the canvas, as in the text.
    pub notes: Option<Value>,
    pub viewport: Option<Viewport>,
    pub operators: Vec<Operator>,
    pub edges: Vec<Edge>,
    /// Keys this version doesn't know, kept for the one that does: of `dag`, then of the document's root.
    pub extra: Vec<(String, Value)>,
    pub root_extra: Vec<(String, Value)>,
}

/// `params` of the DAG: where the canvas stood.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Viewport {
    pub translate: Option<(f64, f64)>,
    pub scale: Option<f64>,
    pub extra: Vec<(String, Value)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    pub id: OperatorId,
    pub algo_name: String,
    pub data_type: Option<String>,
    /// `type` in the file: the category as the canvas shows it.
    pub kind_label: Option<String>,
    pub cn_name: Option<String>,
    pub coordinate: Option<Coordinate>,
    pub params: Vec<(String, Value)>,
    pub executor: Option<String>,
    /// Attempts after the first; 0 to 1,000.
    pub retries: Option<u32>,
    pub retry_delay_ms: Option<u64>,
    pub timeout_ms: Option<u64>,
    pub resources: Resources,
    pub cache: Option<bool>,
    pub priority: Option<i32>,
    pub trigger_rule: Option<TriggerRule>,
    pub pool: Option<String>,
    pub env: Option<Value>,
    pub disabled: bool,
    pub extra: Vec<(String, Value)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coordinate {
    pub x: f64,
    pub y: f64,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resources {
    pub cpu: Option<f64>,
    pub memory_bytes: Option<u64>,
    pub gpu: Option<f64>,
    pub extra: Vec<(String, Value)>,
}

/// When an operator may start, by how its predecessors ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TriggerRule {
    #[default]
    AllSuccess,
    AllDone,
    OneSuccess,
    OneFailed,
    AllFailed,
    NoneFailed,
}

/// `source` and `target` are positions in [`Dag::operators`].
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    pub source: u32,
    pub source_index: u16,
    pub target: u32,
    pub target_index: u16,
    pub extra: Vec<(String, Value)>,
}

impl TriggerRule {
    pub const ALL: [TriggerRule; 6] = [
        TriggerRule::AllSuccess,
        TriggerRule::AllDone,
        TriggerRule::OneSuccess,
        TriggerRule::OneFailed,
        TriggerRule::AllFailed,
        TriggerRule::NoneFailed,
    ];

    /// As it is written in the file.
    pub fn name(self) -> &'static str {
        match self {
            TriggerRule::AllSuccess => "all_success",
            TriggerRule::AllDone => "all_done",
            TriggerRule::OneSuccess => "one_success",
            TriggerRule::OneFailed => "one_failed",
            TriggerRule::AllFailed => "all_failed",
            TriggerRule::NoneFailed => "none_failed",
        }
    }
}
