//! What an operator does to rows and columns, told from its ports, its parameters and its declared role: see `docs/reference/roles.md`.

use serde_json::{Map, Value as Json};
use suanzi_operator::manifest::OperatorSpec;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Reads rows from elsewhere.
    Source,
    /// Output 0 and output 1 share no row.
    Split,
    /// Learns from the rows it sees. `supervised`: from the label too.
    Fit {
        supervised: bool,
    },
    Apply,
    Train,
    /// Trains many times and keeps the best.
    Tune,
    Predict,
    Evaluate,
    /// Makes rows of its own.
    Aggregate,
    Append,
    Deduplicate,
    Join,
    Pass,
    Resample,
    /// Adds a column of row numbers of this name.
    RowId(String),
    /// Computes from rows before and behind.
    RowOrder,
    /// Keeps rows, or leaves some out.
    Keeps,
    /// May do anything.
    Opaque,
}

pub(crate) fn step_of(spec: &OperatorSpec, params: &Map<String, Json>) -> Step {
    let truth = |name: &str| params.get(name).and_then(Json::as_bool).unwrap_or(false);
    match spec.role.as_deref() {
        Some("aggregate") => return Step::Aggregate,
        Some("append_rows") => return Step::Append,
        Some("deduplicate") => return Step::Deduplicate,
        Some("join") => return Step::Join,
        Some("pass") => return Step::Pass,
        Some("resample") => return Step::Resample,
        Some("row_id") => {
            return Step::RowId(params.get("name").and_then(Json::as_str).unwrap_or_default().to_owned());
        }
        Some("row_order") => return Step::RowOrder,
        Some("sample") => return if truth("replace") { Step::Resample } else { Step::Keeps },
        _ => {}
    }
    by_ports(spec, params)
}

fn by_ports(spec: &OperatorSpec, params: &Map<String, Json>) -> Step {
    let takes = |port_type: &str| spec.inputs.iter().filter(|input| input.port_type == port_type).count();
    let gives = |port_type: &str| spec.outputs.iter().any(|output| output.port_type == port_type);
    let has_param = |name: &str| spec.params.iter().any(|param| param.name == name);
    let tables = takes("data");
    let several = tables > 1 || spec.inputs.iter().any(|input| input.variadic);
    let is_split = || {
        let names: Vec<&str> = spec.outputs.iter().map(|output| output.name.as_str()).collect();
        names.starts_with(&["train", "test"]) && spec.outputs.iter().all(|output| output.port_type == "data")
    };
    match () {
        () if spec.inputs.is_empty() => Step::Source,
        () if takes("any") > 0 || several && !has_param("y_col") => Step::Opaque,
        () if tables == 1 && is_split() => Step::Split,
        () if takes("transform") > 0 && tables == 1 && gives("data") => Step::Apply,
        () if tables > 0 && gives("data") && gives("transform") => {
            // Filling in a constant learns nothing.
            match params.get("strategy").and_then(Json::as_str) {
                Some("constant") => Step::Keeps,
                _ => Step::Fit { supervised: has_param("y_col") },
            }
        }
        () if spec.outputs.iter().any(|output| output.port_type == "model" && output.trained_on.is_some()) => {
            if takes("estimator") > 0 { Step::Tune } else { Step::Train }
        }
        () if takes("model") > 0 && tables == 1 && gives("data") => Step::Predict,
        () if spec.category == "evaluate" && has_param("y_col") && has_param("pre_col") => Step::Evaluate,
        () if tables == 1 => Step::Keeps,
        () => Step::Opaque,
    }
}
