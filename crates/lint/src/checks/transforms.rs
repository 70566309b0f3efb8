//! Tables that a model scores and that were not prepared as those it was trained on.

use crate::facts::{Facts, Rows};
use crate::finding::{Finding, Fix, said};
use crate::graph::Graph;
use crate::insert::Change;
use crate::step::Step;

pub(crate) fn check(graph: &Graph<'_>, facts: &Facts, found: &mut Vec<Finding>) {
    for &op in graph.order.iter().filter(|op| *graph.step(**op) == Step::Predict) {
        let Some((model, _)) = graph.input_of(op, "model") else { continue };
        if !matches!(graph.step(model), Step::Train | Step::Tune) {
            continue;
        }
        let (Some(scored), Some(seen)) = (facts.read_by(graph, op), facts.read_by(graph, model)) else { continue };
        if scored.opaque || seen.opaque {
            continue;
        }
        let (mut missing, mut extra) = (only_in(graph, seen, scored), only_in(graph, scored, seen));
        leave_out_twins(graph, &mut missing, &mut extra);
        if !missing.is_empty() {
            found.push(untransformed(graph, op, model, &missing));
        } else if !extra.is_empty() {
            found.push(transformed(graph, op, model, &extra));
        }
    }
}

/// Fitted steps of one table and not of the other, in the order they run.
fn only_in(graph: &Graph<'_>, one: &Rows, other: &Rows) -> Vec<u32> {
    // A step that only chooses among columns changes no values.
    let chooses = |op: u32| graph.spec(op).is_some_and(|spec| spec.role.as_deref() == Some("select_columns"));
    let differs = |op: &u32| one.fits.contains(op) && !other.fits.contains(op) && !chooses(*op);
    graph.order.iter().copied().filter(differs).collect()
}

/// A step of the same kind that was fitted elsewhere is another mistake, and told of by itself.
fn leave_out_twins(graph: &Graph<'_>, missing: &mut Vec<u32>, extra: &mut Vec<u32>) {
    let kind = |op: u32| graph.spec(op).map(|spec| spec.algo_name.as_str());
    missing.retain(|op| match extra.iter().position(|twin| kind(*twin) == kind(*op)) {
        Some(at) => {
            extra.remove(at);
            false
        }
        None => true,
    });
}

fn names(graph: &Graph<'_>, ops: &[u32], open: &str, close: &str, between: &str) -> String {
    ops.iter().map(|op| format!("{open}{}{close}", graph.id(*op))).collect::<Vec<_>>().join(between)
}

fn untransformed(graph: &Graph<'_>, op: u32, model: u32, missing: &[u32]) -> Finding {
    let (id, model_id) = (graph.id(op), graph.id(model));
    let (en, zh) = (names(graph, missing, "'", "'", ", "), names(graph, missing, "“", "”", "、"));
    Finding {
        code: "model_without_its_transform",
        operator: op,
        message: said(
            format!(
                "'{model_id}' was trained behind {en}, and '{id}' has it score a table that was not transformed so"
            ),
            format!("“{model_id}”是在 {zh} 之后训练的，而“{id}”让它预测未经同样变换的表"),
        ),
        hint: said(
            "apply the fitted transform to the table that is scored (apply_transform)",
            "对要预测的表应用拟合好的变换（apply_transform）",
        ),
        fix: apply_missing(graph, op, missing),
    }
}

fn apply_missing(graph: &Graph<'_>, op: u32, missing: &[u32]) -> Option<Fix> {
    let edge = graph.edge_into(op, "data")?;
    let table = Change::table_of(graph, op)?;
    let mut change = Change::new(graph);
    change.cut(edge);
    let applied = change.apply_all(missing, table, op)?;
    change.lay(&applied, 0, &op, edge.target_index);
    let names = names(graph, missing, "'", "'", ", ");
    Some(change.fix(said(format!("apply {names} before"), format!("在此之前应用 {names}"))))
}

fn transformed(graph: &Graph<'_>, op: u32, model: u32, extra: &[u32]) -> Finding {
    let (id, model_id) = (graph.id(op), graph.id(model));
    let (en, zh) = (names(graph, extra, "'", "'", ", "), names(graph, extra, "“", "”", "、"));
    Finding {
        code: "transform_model_never_saw",
        operator: op,
        message: said(
            format!(
                "'{id}' scores a table behind {en}, and '{model_id}' was trained on one that was not transformed so"
            ),
            format!("“{id}”预测的是经过 {zh} 变换的表，而“{model_id}”是在未经同样变换的表上训练的"),
        ),
        hint: said(
            "train the model behind the same transform, or score the table as it was",
            "在同样的变换之后训练模型，或预测未经变换的表",
        ),
        fix: None,
    }
}
