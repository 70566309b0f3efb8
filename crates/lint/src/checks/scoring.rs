//! Evaluations that judge something else than a model on rows it has not seen.

use crate::facts::{Facts, TEST, TRAIN};
use crate::finding::{Finding, Fix, said};
use crate::graph::{Graph, Output};
use crate::insert::Change;
use crate::step::Step;
use std::collections::BTreeSet;
use suanzi_dag::Value;

/// A model, the prediction that used it, the evaluation that judges that.
struct Judged {
    model: u32,
    prediction: u32,
    evaluation: u32,
}

pub(crate) fn check(graph: &Graph<'_>, facts: &Facts, found: &mut Vec<Finding>) {
    features(graph, found);
    let judged = judged(graph, facts);
    let mut swapped = BTreeSet::new();
    for one in &judged {
        if let Some(split) = swapped_split(graph, facts, one)
            && swapped.insert(one.model)
        {
            found.push(parts_swapped(graph, one, split));
        }
    }
    let unseen: BTreeSet<u32> = judged.iter().filter(|j| !on_training_rows(graph, facts, j)).map(|j| j.model).collect();
    let mut told = BTreeSet::new();
    for one in &judged {
        label(graph, one, found);
        // Beside an evaluation on other rows this one is a comparison.
        if on_training_rows(graph, facts, one) && !unseen.contains(&one.model) && told.insert(one.evaluation) {
            found.push(training_rows(graph, facts, one));
        }
    }
}

fn judged(graph: &Graph<'_>, facts: &Facts) -> Vec<Judged> {
    let mut judged = Vec::new();
    for &evaluation in graph.order.iter().filter(|op| *graph.step(**op) == Step::Evaluate) {
        let Some(rows) = facts.read_by(graph, evaluation).filter(|rows| !rows.opaque) else { continue };
        for &prediction in &rows.predictions {
            let Some((model, _)) = graph.input_of(prediction, "model") else { continue };
            if matches!(graph.step(model), Step::Train | Step::Tune) {
                judged.push(Judged { model, prediction, evaluation });
            }
        }
    }
    judged
}

fn on_training_rows(graph: &Graph<'_>, facts: &Facts, one: &Judged) -> bool {
    match (facts.read_by(graph, one.evaluation), facts.read_by(graph, one.model)) {
        (Some(judged), Some(seen)) => judged.share_rows(seen),
        _ => false,
    }
}

/// The split whose test part the model is trained on, and whose training part judges it.
fn swapped_split(graph: &Graph<'_>, facts: &Facts, one: &Judged) -> Option<u32> {
    let (judged, seen) = (facts.read_by(graph, one.evaluation)?, facts.read_by(graph, one.model)?);
    let swapped = |split: &&u32| judged.parts.get(split) == Some(&TRAIN) && seen.parts.get(split) == Some(&TEST);
    seen.parts.keys().find(swapped).copied()
}

fn parts_swapped(graph: &Graph<'_>, one: &Judged, split: u32) -> Finding {
    let (id, split_id) = (graph.id(one.model), graph.id(split));
    Finding {
        code: "parts_swapped",
        operator: one.model,
        message: said(
            format!("'{id}' is trained on the test part of '{split_id}' and judged by its training part"),
            format!("“{id}”在“{split_id}”的测试集上训练，却用训练集评估"),
        ),
        hint: said("exchange the two edges", "交换这两条边"),
        fix: exchange(graph, one, split),
    }
}

fn exchange(graph: &Graph<'_>, one: &Judged, split: u32) -> Option<Fix> {
    let (trained, scored) = (graph.edge_into(one.model, "data")?, graph.edge_into(one.prediction, "data")?);
    if (trained.source, trained.source_index) != (split, 1) || (scored.source, scored.source_index) != (split, 0) {
        return None;
    }
    let mut change = Change::new(graph);
    change.cut(trained);
    change.cut(scored);
    change.lay(&split, 0, &one.model, trained.target_index);
    change.lay(&split, 1, &one.prediction, scored.target_index);
    Some(change.fix(said("exchange the parts", "交换两部分")))
}

fn training_rows(graph: &Graph<'_>, facts: &Facts, one: &Judged) -> Finding {
    let (id, model_id) = (graph.id(one.evaluation), graph.id(one.model));
    let tuned = *graph.step(one.model) == Step::Tune;
    let learnt = if tuned { ("tuned", "调参") } else { ("trained", "训练") };
    Finding {
        code: "evaluation_on_training_rows",
        operator: one.evaluation,
        message: said(
            format!(
                "'{id}' judges '{model_id}' by rows that it was {} on: the figures say how well it remembers",
                learnt.0
            ),
            format!("“{id}”用“{model_id}”{}过的行来评估它：这些指标只说明它记得多好", learnt.1),
        ),
        hint: said("judge it by rows that were set aside before (split)", "用事先留出的行（拆分）来评估"),
        fix: set_aside(graph, facts, one),
    }
}

/// Scores the test part instead of the training part; without a split, adds one.
fn set_aside(graph: &Graph<'_>, facts: &Facts, one: &Judged) -> Option<Fix> {
    let scored = graph.edge_into(one.prediction, "data")?;
    let (table, port) = Change::table_of(graph, one.prediction)?;
    let mut change = Change::new(graph);
    if let Some((split, fits)) = training_part(graph, (table, port)) {
        change.cut(scored);
        match change.apply_all(&fits, (split, 1), one.prediction) {
            None => change.lay(&split, 1, &one.prediction, scored.target_index),
            Some(applied) => change.lay(&applied, 0, &one.prediction, scored.target_index),
        }
        return Some(change.fix(said("score the test part", "改为预测测试集")));
    }
    let trained = graph.edge_into(one.model, "data")?;
    let whole = facts.table((table, port)).is_some_and(|rows| rows.parts.is_empty());
    if !whole || Change::table_of(graph, one.model)? != (table, port) {
        return None;
    }
    change.cut(trained);
    change.cut(scored);
    let split = change.add("split", Vec::new(), one.model);
    change.lay(&table, port, &split, 0);
    change.lay(&split, 0, &one.model, trained.target_index);
    change.lay(&split, 1, &one.prediction, scored.target_index);
    Some(change.fix(said("split before training", "在训练之前拆分")))
}

/// The split whose training part a table is, and the steps fitted on it that lie between, the first one first.
fn training_part(graph: &Graph<'_>, mut table: Output) -> Option<(u32, Vec<u32>)> {
    let mut fits = Vec::new();
    while let Step::Fit { .. } = graph.step(table.0) {
        fits.push(table.0);
        table = Change::table_of(graph, table.0)?;
    }
    fits.reverse();
    (*graph.step(table.0) == Step::Split && table.1 == 0).then_some((table.0, fits))
}

fn label(graph: &Graph<'_>, one: &Judged, found: &mut Vec<Finding>) {
    let (Some(judged), Some(learnt)) = (graph.text(one.evaluation, "y_col"), graph.text(one.model, "y_col")) else {
        return;
    };
    if judged == learnt {
        return;
    }
    let (id, model_id) = (graph.id(one.evaluation), graph.id(one.model));
    let mut change = Change::new(graph);
    change.set(one.evaluation, "y_col", Value::Str(learnt.to_owned()));
    found.push(Finding {
        code: "other_label",
        operator: one.evaluation,
        message: said(
            format!("'{id}' compares with '{judged}', and '{model_id}' learnt '{learnt}'"),
            format!("“{id}”与“{judged}”比较，而“{model_id}”学习的是“{learnt}”"),
        ),
        hint: said(format!("set y_col to '{learnt}'"), format!("把 y_col 设为“{learnt}”")),
        fix: Some(change.fix(said(format!("set y_col to {learnt}"), format!("把 y_col 设为 {learnt}")))),
    });
}

fn features(graph: &Graph<'_>, found: &mut Vec<Finding>) {
    for &op in graph.order.iter().filter(|op| *graph.step(**op) == Step::Predict) {
        let Some((model, _)) = graph.input_of(op, "model") else { continue };
        let (Some(scored), Some(learnt)) = (graph.columns(op, "x_cols"), graph.columns(model, "x_cols")) else {
            continue;
        };
        let (ours, theirs): (BTreeSet<&str>, BTreeSet<&str>) =
            (scored.iter().copied().collect(), learnt.iter().copied().collect());
        if ours == theirs {
            continue;
        }
        let (id, model_id) = (graph.id(op), graph.id(model));
        let differing: Vec<&str> = ours.symmetric_difference(&theirs).copied().take(5).collect();
        let differing = differing.join(", ");
        let mut change = Change::new(graph);
        change.set_columns(op, "x_cols", learnt);
        found.push(Finding {
            code: "other_features",
            operator: op,
            message: said(
                format!("'{id}' names other features than '{model_id}' was trained on: {differing}"),
                format!("“{id}”所列的特征与“{model_id}”训练时不同：{differing}"),
            ),
            hint: said("name the features the model was trained on", "使用模型训练时的特征"),
            fix: Some(change.fix(said("take the model's features", "使用模型的特征"))),
        });
    }
}
