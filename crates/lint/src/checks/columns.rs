//! Columns among the features that give the answer away, or say nothing.

use crate::facts::Facts;
use crate::finding::{Finding, said};
use crate::graph::Graph;
use crate::insert::Change;
use crate::step::Step;

/// Columns that predictions add.
const PREDICTED: [&str; 2] = ["predict_result", "predict_score"];

pub(crate) fn check(graph: &Graph<'_>, facts: &Facts, found: &mut Vec<Finding>) {
    for &op in &graph.order {
        let learns = match graph.step(op) {
            Step::Train | Step::Tune => true,
            Step::Fit { supervised } => *supervised,
            _ => graph.spec(op).is_some_and(|spec| spec.inputs.iter().any(|input| input.port_type == "estimator")),
        };
        if learns {
            target(graph, op, found);
            predictions(graph, facts, op, found);
            row_ids(graph, facts, op, found);
        }
    }
}

/// The parameter that lists features.
fn features_param(graph: &Graph<'_>, op: u32) -> &'static str {
    if graph.param(op, "x_cols").is_some() { "x_cols" } else { "columns" }
}

fn target(graph: &Graph<'_>, op: u32, found: &mut Vec<Finding>) {
    let param = features_param(graph, op);
    let (Some(label), Some(features)) = (graph.text(op, "y_col"), graph.columns(op, param)) else { return };
    if !features.contains(&label) {
        return;
    }
    let id = graph.id(op);
    found.push(Finding {
        code: "target_among_features",
        operator: op,
        message: said(
            format!("'{id}' learns '{label}' from '{label}': the label is among its features"),
            format!("“{id}”用“{label}”学习“{label}”：标签列在特征列之中"),
        ),
        hint: said(format!("take '{label}' out of {param}"), format!("从 {param} 中去掉“{label}”")),
        fix: without(graph, op, param, &features, &[label]),
    });
}

fn predictions(graph: &Graph<'_>, facts: &Facts, op: u32, found: &mut Vec<Finding>) {
    let Some(rows) = facts.read_by(graph, op).filter(|rows| !rows.opaque && !rows.predictions.is_empty()) else {
        return;
    };
    let param = features_param(graph, op);
    let listed = graph.columns(op, param);
    if listed.as_ref().is_some_and(|columns| !columns.iter().any(|column| PREDICTED.contains(column))) {
        return;
    }
    let id = graph.id(op);
    let by = rows.predictions.iter().map(|by| format!("'{}'", graph.id(*by))).collect::<Vec<_>>().join(", ");
    found.push(Finding {
        code: "prediction_among_features",
        operator: op,
        message: said(
            format!("'{id}' takes what {by} predicted for a feature: on rows that model was trained on it is nearly the label"),
            format!("“{id}”把 {by} 的预测结果当作特征：在该模型训练过的行上，它几乎就是标签"),
        ),
        hint: said(
            "leave predict_result and predict_score out of the features; to stack models, predict rows that the first ones have not seen",
            "不要把 predict_result 和 predict_score 作为特征；若要堆叠模型，请预测第一层模型未见过的行",
        ),
        fix: listed.and_then(|features| without(graph, op, param, &features, &PREDICTED)),
    });
}

fn row_ids(graph: &Graph<'_>, facts: &Facts, op: u32, found: &mut Vec<Finding>) {
    let Some(rows) = facts.read_by(graph, op).filter(|rows| !rows.opaque) else { return };
    let param = features_param(graph, op);
    let listed = graph.columns(op, param);
    let among = |name: &&String| listed.as_ref().is_none_or(|columns| columns.contains(&name.as_str()));
    // A fitted step without a list takes what fits its type; only training takes all that is there.
    if listed.is_none() && !matches!(graph.step(op), Step::Train | Step::Tune) {
        return;
    }
    let Some(name) = rows.row_ids.keys().find(among) else { return };
    let id = graph.id(op);
    found.push(Finding {
        code: "row_id_among_features",
        operator: op,
        message: said(
            format!("'{id}' takes the row number '{name}' for a feature: it says where a row stood, not what it is"),
            format!("“{id}”把行号“{name}”当作特征：它只说明行的位置，而不是行的内容"),
        ),
        hint: said(format!("leave '{name}' out of the features"), format!("不要把“{name}”作为特征")),
        fix: listed.and_then(|features| without(graph, op, param, &features, &[name])),
    });
}

fn without(graph: &Graph<'_>, op: u32, param: &str, features: &[&str], out: &[&str]) -> Option<crate::Fix> {
    let left: Vec<&str> = features.iter().copied().filter(|feature| !out.contains(feature)).collect();
    if left.is_empty() {
        return None;
    }
    let mut change = Change::new(graph);
    change.set_columns(op, param, left);
    let gone: Vec<&str> = features.iter().copied().filter(|feature| out.contains(feature)).collect();
    let gone = gone.join(", ");
    Some(change.fix(said(format!("take {gone} out of {param}"), format!("从 {param} 中去掉 {gone}"))))
}
