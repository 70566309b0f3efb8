//! Parts of a split that are used for what the other part is for, or that may have rows in common.

use crate::facts::{Facts, TEST, TRAIN};
use crate::finding::{Finding, Fix, said};
use crate::graph::Graph;
use crate::insert::Change;
use crate::step::Step;
use suanzi_dag::Edge;

pub(crate) fn check(graph: &Graph<'_>, facts: &Facts, found: &mut Vec<Finding>) {
    for &op in &graph.order {
        match graph.step(op) {
            Step::Deduplicate => duplicates(graph, facts, op, found),
            Step::Fit { .. } => fitted_on_test(graph, facts, op, found),
            _ => {}
        }
    }
}

fn duplicates(graph: &Graph<'_>, facts: &Facts, op: u32, found: &mut Vec<Finding>) {
    let Some(rows) = facts.read_by(graph, op).filter(|rows| !rows.opaque && rows.predictions.is_empty()) else {
        return;
    };
    let Some(split) = rows.parts.iter().find(|(_, part)| matches!(**part, TRAIN | TEST)).map(|(split, _)| *split)
    else {
        return;
    };
    let (id, split_id) = (graph.id(op), graph.id(split));
    found.push(Finding {
        code: "duplicates_across_parts",
        operator: op,
        message: said(
            format!("'{id}' drops repeated rows after '{split_id}': a row and its copy may lie in different parts"),
            format!("“{id}”在“{split_id}”之后才去重：一行与它的副本可能分别落在两部分"),
        ),
        hint: said("drop repeated rows before the split", "在拆分之前去重"),
        fix: dedupe_first(graph, op, split),
    });
}

fn dedupe_first(graph: &Graph<'_>, op: u32, split: u32) -> Option<Fix> {
    let (into_op, into_split) = (graph.edge_into(op, "data")?, graph.edge_into(split, "data")?);
    if into_op.source != split {
        return None;
    }
    let readers: Vec<&Edge> = graph.readers((op, 0)).collect();
    let mut change = Change::new(graph);
    change.cut(into_op);
    change.take_over(&readers, &split, into_op.source_index);
    change.cut(into_split);
    change.lay(&into_split.source, into_split.source_index, &op, into_op.target_index);
    change.lay(&op, 0, &split, into_split.target_index);
    let (id, split_id) = (graph.id(op), graph.id(split));
    Some(change.fix(said(format!("move '{id}' before '{split_id}'"), format!("把“{id}”移到“{split_id}”之前"))))
}

fn fitted_on_test(graph: &Graph<'_>, facts: &Facts, op: u32, found: &mut Vec<Finding>) {
    let Some(rows) = facts.read_by(graph, op).filter(|rows| !rows.opaque) else { return };
    let Some(split) = rows.parts.iter().find(|(_, part)| **part == TEST).map(|(split, _)| *split) else { return };
    // Where nothing learns from the training part, the parts are used the other way round.
    let learns = |other: &u32| {
        matches!(graph.step(*other), Step::Fit { .. } | Step::Train | Step::Tune)
            && facts.read_by(graph, *other).is_some_and(|seen| seen.parts.get(&split) == Some(&TRAIN))
    };
    if !graph.order.iter().any(learns) {
        return;
    }
    let (id, split_id) = (graph.id(op), graph.id(split));
    found.push(Finding {
        code: "transform_fitted_on_test_part",
        operator: op,
        message: said(
            format!("'{id}' is fitted on the test part of '{split_id}': its values mean something else than in the training part"),
            format!("“{id}”在“{split_id}”的测试集上拟合：其数值的含义与训练集不同"),
        ),
        hint: said("apply the transform that was fitted on the training part", "应用在训练集上拟合好的变换"),
        fix: apply_instead(graph, facts, op, split),
    });
}

/// By the transform of the same kind that was fitted on the training part.
fn apply_instead(graph: &Graph<'_>, facts: &Facts, op: u32, split: u32) -> Option<Fix> {
    let kind = &graph.spec(op)?.algo_name;
    let twin = graph.order.iter().copied().find(|other| {
        *other != op
            && graph.spec(*other).is_some_and(|spec| spec.algo_name == *kind)
            && facts.read_by(graph, *other).is_some_and(|seen| seen.parts.get(&split) == Some(&TRAIN))
    })?;
    let into_op = graph.edge_into(op, "data")?;
    let readers: Vec<&Edge> = graph.readers((op, graph.output(op, "data")?)).collect();
    let transform = graph.output(op, "transform")?;
    let fitted: Vec<&Edge> = graph.readers((op, transform)).collect();
    let mut change = Change::new(graph);
    let applied = change.apply(twin, (&into_op.source, into_op.source_index), op)?;
    change.take_over(&readers, &applied, 0);
    change.take_over(&fitted, &twin, transform);
    change.remove(op);
    let (id, twin_id) = (graph.id(op), graph.id(twin));
    Some(change.fix(said(
        format!("apply the transform of '{twin_id}' instead of '{id}'"),
        format!("用“{twin_id}”的变换代替“{id}”"),
    )))
}
