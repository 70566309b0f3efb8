//! Fixes of what an evaluation found when the pipeline ran.

use crate::facts::Facts;
use crate::finding::{Fix, said};
use crate::graph::Graph;
use crate::insert::Change;
use crate::step::Step;
use suanzi_dag::{Dag, Value};
use suanzi_operator::Bound;

/// Findings of evaluations that standardized columns may mend.
const UNSCALED: [&str; 1] = ["one_class"];

/// The edits that should mend `finding` of the evaluation `operator`; none where there is no such fix for this graph.
///
/// For a model that predicts one class only: its features are standardized before it is trained, fitted on its training table, and the same transform is applied to the table that it scores.
pub fn mend(dag: &Dag, bound: &Bound, operator: u32, finding: &str) -> Option<Fix> {
    if !UNSCALED.contains(&finding) {
        return None;
    }
    let graph = Graph::new(dag, bound);
    let facts = Facts::of(&graph);
    let rows = facts.read_by(&graph, operator)?;
    let prediction = *rows.predictions.iter().next_back()?;
    let (model, _) = graph.input_of(prediction, "model")?;
    if *graph.step(model) != Step::Train {
        return None;
    }
    standardize(&graph, &facts, model, prediction)
}

fn standardize(graph: &Graph<'_>, facts: &Facts, model: u32, prediction: u32) -> Option<Fix> {
    let is_scaler = |op: &u32| graph.spec(*op).is_some_and(|spec| spec.algo_name == "standardize");
    if facts.read_by(graph, model)?.fits.iter().any(is_scaler) {
        return None;
    }
    let (trained, scored) = (graph.edge_into(model, "data")?, graph.edge_into(prediction, "data")?);
    let (table, scored_table) = (Change::table_of(graph, model)?, Change::table_of(graph, prediction)?);
    let features = graph.columns(model, "x_cols");
    let names = |columns: Vec<&str>| Value::List(columns.into_iter().map(|c| Value::Str(c.to_owned())).collect());
    let params = match (features, graph.text(model, "y_col")) {
        (Some(columns), _) => vec![("columns".to_owned(), names(columns))],
        // All but the label.
        (None, Some(label)) => vec![("exclude".to_owned(), names(vec![label]))],
        (None, None) => Vec::new(),
    };
    let mut change = Change::new(graph);
    let fitted = change.add("standardize", params, model);
    change.cut(trained);
    change.lay(&table.0, table.1, &fitted, 0);
    change.lay(&fitted, 0, &model, trained.target_index);
    change.cut(scored);
    let applied = change.add("apply_transform", Vec::new(), prediction);
    change.lay(&fitted, 1, &applied, 0);
    change.lay(&scored_table.0, scored_table.1, &applied, 1);
    change.lay(&applied, 0, &prediction, scored.target_index);
    Some(change.fix(said("standardize before training, and what is scored too", "训练前先标准化，预测的数据同样处理")))
}
