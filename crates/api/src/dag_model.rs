//! A DAG as the canvas draws it, and its changes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What is set in the text; what isn't is absent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct DagModel {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// As written: a cron line, or a map with `cron` and `timezone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub parameters: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_success: Option<Value>,
    /// As written: a list of `{text, x, y}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewport: Option<Viewport>,
    pub operators: Vec<OperatorModel>,
    pub edges: Vec<EdgeModel>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Viewport {
    /// x and y.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translate: Option<[f64; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct OperatorModel {
    pub id: String,
    pub algo_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_type: Option<String>,
    /// The category as the file words it.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind_label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cn_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coordinate: Option<Coordinate>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_delay_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_rule: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<Value>,
    #[serde(default)]
    pub disabled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Coordinate {
    pub x: f64,
    pub y: f64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Resources {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu: Option<f64>,
}

/// `source` and `target` are operator ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EdgeModel {
    pub source: String,
    pub source_index: u16,
    pub target: String,
    pub target_index: u16,
}

/// One change of a DAG.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Edit {
    SetParam {
        operator: String,
        name: String,
        value: Value,
    },
    RemoveParam {
        operator: String,
        name: String,
    },
    SetCoordinate {
        operator: String,
        x: f64,
        y: f64,
    },
    SetField {
        operator: String,
        field: OperatorField,
        /// Null takes the field away.
        #[schema(required)]
        value: Value,
    },
    AddOperator {
        operator: Box<OperatorModel>,
    },
    /// Its edges go too.
    RemoveOperator {
        operator: String,
    },
    /// Its edges follow.
    RenameOperator {
        operator: String,
        to: String,
    },
    AddEdge(EdgeModel),
    RemoveEdge(EdgeModel),
    SetDagField {
        field: DagField,
        /// Null takes the field away.
        #[schema(required)]
        value: Value,
    },
    SetViewport {
        translate: [f64; 2],
        scale: f64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OperatorField {
    CnName,
    Executor,
    Retries,
    RetryDelay,
    Timeout,
    Resources,
    Cache,
    Priority,
    TriggerRule,
    Pool,
    Env,
    Disabled,
    DataType,
    Type,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DagField {
    Name,
    Description,
    Schedule,
    Concurrency,
    OnFailure,
    OnSuccess,
    Parameters,
    Notes,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_words_of_edits_are_fixed() {
        for given in [
            json!({"type": "set_param", "operator": "a", "name": "C", "value": 0.1}),
            json!({"type": "set_field", "operator": "a", "field": "retry_delay", "value": null}),
            json!({"type": "add_edge", "source": "a", "source_index": 0, "target": "b", "target_index": 1}),
            json!({"type": "set_dag_field", "field": "on_failure", "value": "stop"}),
            json!({"type": "set_viewport", "translate": [1.0, -2.5], "scale": 0.5}),
            json!({"type": "rename_operator", "operator": "a", "to": "b"}),
        ] {
            let edit: Edit = serde_json::from_value(given.clone()).expect("an edit");
            assert_eq!(serde_json::to_value(&edit).expect("JSON"), given);
        }
    }

    #[test]
    fn an_operator_needs_only_its_id_and_algorithm() {
        let operator: OperatorModel =
            serde_json::from_value(json!({"id": "a", "algo_name": "noop"})).expect("an operator");
        assert_eq!(
            serde_json::to_value(&operator).expect("JSON"),
            json!({"id": "a", "algo_name": "noop", "params": {}, "disabled": false})
        );
    }
}
