//! Edits as the canvas makes them: by operator id, each one a change that a person would name.

use crate::sketch::EdgeEnds;
use crate::{Coordinate, Faults, Operator, Value};

/// One change of a DAG.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Sets a parameter, or adds it behind the others.
    SetParam {
        operator: String,
        name: String,
        value: Value,
    },
    RemoveParam {
        operator: String,
        name: String,
    },
    /// Moves the operator on the canvas.
    SetCoordinate {
        operator: String,
        coordinate: Coordinate,
    },
    /// One of [`Edit::FIELDS`], with a value as YAML takes it there (`timeout: 30s`); null takes it away.
    SetField {
        operator: String,
        field: String,
        value: Value,
    },
    AddOperator {
        operator: Box<Operator>,
    },
    /// With its edges.
    RemoveOperator {
        operator: String,
    },
    /// Its edges follow.
    RenameOperator {
        operator: String,
        to: String,
    },
    AddEdge(EdgeEnds),
    RemoveEdge(EdgeEnds),
    /// One of [`Edit::DAG_FIELDS`]; null takes it away.
    SetDagField {
        field: String,
        value: Value,
    },
    /// Where the canvas stands.
    SetViewport {
        translate: (f64, f64),
        scale: f64,
    },
}

impl Edit {
    /// Fields that [`Edit::SetField`] sets.
    pub const FIELDS: [&str; 14] = [
        "cn_name",
        "data_type",
        "type",
        "executor",
        "retries",
        "retry_delay",
        "timeout",
        "resources",
        "cache",
        "priority",
        "trigger_rule",
        "pool",
        "env",
        "disabled",
    ];
    /// Fields that [`Edit::SetDagField`] sets.
    pub const DAG_FIELDS: [&str; 8] =
        ["name", "description", "schedule", "parameters", "concurrency", "on_failure", "on_success", "notes"];
}

/// A text after edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    pub source: String,
    /// Only the places concerned have changed. `false`: no such change was possible, and `source` is the canonical text of the edited DAG, without comments.
    pub local: bool,
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("edit {}: {reason}", index + 1)]
pub struct EditError {
    /// The edit that was refused, from 0; the first one where the text itself is the reason.
    pub index: usize,
    pub reason: Refusal,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the text can't be edited before it can be read: {}", first(.0))]
    Unreadable(Faults),
    #[error("the DAG has no operator '{0}'")]
    NoSuchOperator(String),
    #[error("the DAG has an operator '{0}' already")]
    OperatorExists(String),
    #[error("{0}")]
    BadId(String),
    #[error("the operator '{operator}' has no parameter '{name}'")]
    NoSuchParam { operator: String, name: String },
    #[error("there is no field '{field}' to set; there are {known}")]
    NoSuchField { field: String, known: String },
    #[error("there is no edge from '{}' output {} to '{}' input {}", .0.source, .0.source_index, .0.target, .0.target_index)]
    NoSuchEdge(EdgeEnds),
    #[error("there is an edge from '{}' output {} to '{}' input {} already", .0.source, .0.source_index, .0.target, .0.target_index)]
    EdgeExists(EdgeEnds),
    #[error("the operator '{0}' would feed itself")]
    SelfEdge(String),
    #[error("{0} must be finite numbers")]
    NotFinite(&'static str),
    /// The value isn't one that the field takes.
    #[error("{}", first(.0))]
    Value(Faults),
    /// The text has faults that keep its canonical form from saying all it says, and the edit can't be made in one place of it.
    #[error("the edit can't be made in one place of the text, and the text can't be written anew before this is mended: {}", first(.0))]
    NotLocal(Faults),
}

impl Refusal {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Refusal::Unreadable(faults) | Refusal::Value(faults) | Refusal::NotLocal(faults) => {
                faults.0.iter().find(|fault| !fault.warning)?.hint.clone()
            }
            Refusal::OperatorExists(_) => Some("choose another id".into()),
            Refusal::BadId(_) => Some("use 1 to 256 bytes of letters, digits, `_`, `-`, `.`".into()),
            _ => None,
        }
    }

    /// The faults behind it.
    pub fn faults(&self) -> &[crate::Fault] {
        match self {
            Refusal::Unreadable(faults) | Refusal::Value(faults) | Refusal::NotLocal(faults) => &faults.0,
            _ => &[],
        }
    }
}

fn first(faults: &Faults) -> String {
    let fault = faults.0.iter().find(|fault| !fault.warning);
    match fault.map(|fault| (fault, fault.place)) {
        Some((fault, Some(place))) => format!("line {}, column {}: {}", place.line, place.column, fault.message),
        Some((fault, None)) => fault.message.clone(),
        None => "its text would not read back as it is".into(),
    }
}
