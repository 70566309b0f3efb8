//! Steps that see the rows of both parts because they stand before the split.

use crate::facts::{Facts, Rows};
use crate::finding::{Finding, Fix, said};
use crate::graph::Graph;
use crate::insert::Change;
use crate::step::Step;
use std::collections::BTreeSet;
use suanzi_dag::Edge;

pub(crate) fn check(graph: &Graph<'_>, facts: &Facts, found: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for &split in graph.order.iter().filter(|op| *graph.step(**op) == Step::Split) {
        let Some(rows) = facts.read_by(graph, split).filter(|rows| !rows.opaque) else { continue };
        for &fit in &rows.fits {
            // One fitted on a part of an earlier split leaks nothing into that split's other part.
            let whole = facts.read_by(graph, fit).is_some_and(|seen| seen.parts.is_empty());
            if whole && told.insert(fit) {
                found.push(fitted(graph, fit, split));
            }
        }
        for &op in &rows.resampled {
            if facts.read_by(graph, op).is_some_and(|seen| seen.parts.is_empty()) && told.insert(op) {
                found.push(resampled(graph, op, split));
            }
        }
        ordered(graph, rows, split, &mut told, found);
    }
}

fn fitted(graph: &Graph<'_>, fit: u32, split: u32) -> Finding {
    let (id, split_id) = (graph.id(fit), graph.id(split));
    let fix = move_behind(graph, fit, split);
    if let Step::Fit { supervised: true } = graph.step(fit) {
        return Finding {
            code: "target_encoding_before_split",
            operator: fit,
            message: said(
                format!(
                    "'{id}' learns from the labels of all rows, before '{split_id}' sets some aside: the test part's labels are in its own features"
                ),
                format!("“{id}”在“{split_id}”拆分之前就用全部行的标签进行学习：测试集的标签会进入它自己的特征"),
            ),
            hint: said(
                "split first, fit on the training part, and apply the fitted transform to the test part",
                "先拆分，在训练集上拟合，再把拟合好的变换应用到测试集",
            ),
            fix,
        };
    }
    Finding {
        code: "fit_before_split",
        operator: fit,
        message: said(
            format!(
                "'{id}' is fitted on all rows, before '{split_id}' sets some aside: the test part is no longer unseen"
            ),
            format!("“{id}”在“{split_id}”拆分之前就在全部行上拟合：测试集不再是未见过的数据"),
        ),
        hint: said(
            "split first, fit on the training part, and apply the fitted transform to the test part",
            "先拆分，在训练集上拟合，再把拟合好的变换应用到测试集",
        ),
        fix,
    }
}

fn resampled(graph: &Graph<'_>, op: u32, split: u32) -> Finding {
    let (id, split_id) = (graph.id(op), graph.id(split));
    Finding {
        code: "resample_before_split",
        operator: op,
        message: said(
            format!("'{id}' repeats or makes up rows before '{split_id}': copies of one row fall into both parts"),
            format!("“{id}”在“{split_id}”之前重复或合成了行：同一行的副本会同时落入两部分"),
        ),
        hint: said("resample the training part alone", "只对训练集重采样"),
        fix: move_behind(graph, op, split),
    }
}

/// Rows that know their neighbours are no secret to them after a split by chance; after one by time they are.
fn ordered(graph: &Graph<'_>, rows: &Rows, split: u32, told: &mut BTreeSet<u32>, found: &mut Vec<Finding>) {
    let by_value = graph.param(split, "split_type").and_then(|kind| kind.as_i64()) == Some(2);
    let in_order = graph.param(split, "shuffle").and_then(|shuffle| shuffle.as_bool()) == Some(false);
    if by_value || in_order {
        return;
    }
    for &op in &rows.ordered {
        if !told.insert(op) {
            continue;
        }
        let (id, split_id) = (graph.id(op), graph.id(split));
        found.push(Finding {
            code: "window_before_split",
            operator: op,
            message: said(
                format!("'{id}' computes from neighbouring rows, and '{split_id}' then parts rows by chance: rows of the test part are in the features of the training part"),
                format!("“{id}”用相邻行计算特征，而“{split_id}”随机拆分：测试集的行会进入训练集的特征"),
            ),
            hint: said("split by time (a threshold) instead of by chance", "按时间（阈值）拆分，而不是随机拆分"),
            fix: None,
        });
    }
}

/// Moves a step from before a split to its training part; what it learns there is applied to the test part. Only where the step feeds the split and nothing else.
fn move_behind(graph: &Graph<'_>, op: u32, split: u32) -> Option<Fix> {
    let (into_op, into_split) = (graph.edge_into(op, "data")?, graph.edge_into(split, "data")?);
    let table = graph.output(op, "data")?;
    let readers: Vec<&Edge> = graph.readers((op, table)).collect();
    if into_split.source != op || into_split.source_index != table || readers.len() != 1 {
        return None;
    }
    let (train, test): (Vec<&Edge>, Vec<&Edge>) =
        (graph.readers((split, 0)).collect(), graph.readers((split, 1)).collect());
    let mut change = Change::new(graph);
    change.cut(into_op);
    change.cut(into_split);
    change.lay(&into_op.source, into_op.source_index, &split, into_split.target_index);
    change.take_over(&train, &op, table);
    change.lay(&split, 0, &op, into_op.target_index);
    if matches!(graph.step(op), Step::Fit { .. }) && !test.is_empty() {
        let applied = change.apply(op, (&split, 1), op)?;
        change.take_over(&test, &applied, 0);
    }
    let (id, split_id) = (graph.id(op), graph.id(split));
    Some(change.fix(said(format!("move '{id}' behind '{split_id}'"), format!("把“{id}”移到“{split_id}”之后"))))
}
