//! `/api/v1/documents/edit`: changes of a text in the places concerned, so that comments and layout survive.

use super::model::{of_ends, of_operator, to_ends, to_operator};
use super::read::view;
use super::values::{of_json, to_json};
use crate::body::Body;
use crate::problem::Answer;
use crate::runs::blocking;
use crate::service::Service;
use crate::wire;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use suanzi_api::{self as api, Code, EditAnswer, EditRequest, Fault, Problem};
use suanzi_dag::{Coordinate, Edit, Faults, Limits};

pub(crate) async fn edit(
    State(service): State<Arc<Service>>,
    Body(request): Body<EditRequest>,
) -> Result<Json<EditAnswer>, Answer> {
    let answer = blocking(move || {
        let mut edits = Vec::with_capacity(request.edits.len());
        for (index, edit) in request.edits.iter().enumerate() {
            let edit = understood(edit).map_err(|why| refused(format!("edit {}: {why}", index + 1), None, Vec::new()));
            edits.push(edit?);
        }
        let edited = suanzi_dag::edit(&request.source, &edits, &Limits::api()).map_err(|error| {
            let faults = wire::faults(&Faults(error.reason.faults().to_vec()));
            refused(error.to_string(), error.reason.hint(), faults)
        })?;
        let document = view(&service, &edited.source)?;
        Ok(EditAnswer { source: edited.source, document })
    });
    Ok(Json(answer.await?))
}

/// The first fault says which edit and why; those of the text or of the value follow.
fn refused(message: String, hint: Option<String>, behind: Vec<Fault>) -> Problem {
    let mut problem = Problem::new(Code::EditRefused, message.clone()).hint(hint.clone());
    let code = "edit_refused".to_string();
    let first = Fault { code, message, hint, ..Fault::default() };
    problem.faults = std::iter::once(first).chain(behind).collect();
    problem
}

fn understood(edit: &api::Edit) -> Result<Edit, String> {
    Ok(match edit {
        api::Edit::SetParam { operator, name, value } => {
            Edit::SetParam { operator: operator.clone(), name: name.clone(), value: of_json(value) }
        }
        api::Edit::RemoveParam { operator, name } => {
            Edit::RemoveParam { operator: operator.clone(), name: name.clone() }
        }
        api::Edit::SetCoordinate { operator, x, y } => {
            Edit::SetCoordinate { operator: operator.clone(), coordinate: Coordinate { x: *x, y: *y } }
        }
        api::Edit::SetField { operator, field, value } => {
            Edit::SetField { operator: operator.clone(), field: word(field), value: of_json(value) }
        }
        api::Edit::AddOperator { operator } => Edit::AddOperator { operator: Box::new(to_operator(operator)?) },
        api::Edit::RemoveOperator { operator } => Edit::RemoveOperator { operator: operator.clone() },
        api::Edit::RenameOperator { operator, to } => {
            Edit::RenameOperator { operator: operator.clone(), to: to.clone() }
        }
        api::Edit::AddEdge(edge) => Edit::AddEdge(to_ends(edge)),
        api::Edit::RemoveEdge(edge) => Edit::RemoveEdge(to_ends(edge)),
        api::Edit::SetDagField { field, value } => Edit::SetDagField { field: word(field), value: of_json(value) },
        api::Edit::SetViewport { translate: [x, y], scale } => Edit::SetViewport { translate: (*x, *y), scale: *scale },
    })
}

/// As a client sends it back. `None` for a field that the API doesn't have.
pub(super) fn shown(edit: &Edit) -> Option<api::Edit> {
    Some(match edit {
        Edit::SetParam { operator, name, value } => {
            api::Edit::SetParam { operator: operator.clone(), name: name.clone(), value: to_json(value) }
        }
        Edit::RemoveParam { operator, name } => {
            api::Edit::RemoveParam { operator: operator.clone(), name: name.clone() }
        }
        Edit::SetCoordinate { operator, coordinate } => {
            api::Edit::SetCoordinate { operator: operator.clone(), x: coordinate.x, y: coordinate.y }
        }
        Edit::SetField { operator, field, value } => {
            api::Edit::SetField { operator: operator.clone(), field: of_word(field)?, value: to_json(value) }
        }
        Edit::AddOperator { operator } => api::Edit::AddOperator { operator: Box::new(of_operator(operator)) },
        Edit::RemoveOperator { operator } => api::Edit::RemoveOperator { operator: operator.clone() },
        Edit::RenameOperator { operator, to } => {
            api::Edit::RenameOperator { operator: operator.clone(), to: to.clone() }
        }
        Edit::AddEdge(ends) => api::Edit::AddEdge(of_ends(ends)),
        Edit::RemoveEdge(ends) => api::Edit::RemoveEdge(of_ends(ends)),
        Edit::SetDagField { field, value } => api::Edit::SetDagField { field: of_word(field)?, value: to_json(value) },
        Edit::SetViewport { translate: (x, y), scale } => api::Edit::SetViewport { translate: [*x, *y], scale: *scale },
    })
}

fn word(field: &impl Serialize) -> String {
    serde_json::to_value(field).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
}

fn of_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(word.into()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_dag_has_its_word_in_the_api() {
        for field in Edit::FIELDS {
            let found: Option<api::OperatorField> = of_word(field);
            assert_eq!(found.as_ref().map(word).as_deref(), Some(field));
        }
        for field in Edit::DAG_FIELDS {
            let found: Option<api::DagField> = of_word(field);
            assert_eq!(found.as_ref().map(word).as_deref(), Some(field));
        }
    }

    #[test]
    fn edits_come_back_as_they_were_sent() {
        let all = serde_json::json!([
            {"type": "set_param", "operator": "a", "name": "C", "value": 0.1},
            {"type": "set_field", "operator": "a", "field": "retry_delay", "value": null},
            {"type": "add_operator", "operator": {"id": "a", "algo_name": "noop", "params": {"x": [1, "2"]}, "disabled": true,
                "trigger_rule": "all_done", "coordinate": {"x": 1.0, "y": 2.0}, "resources": {"cpu": 2.0}}},
            {"type": "add_edge", "source": "a", "source_index": 0, "target": "b", "target_index": 1},
            {"type": "set_dag_field", "field": "on_success", "value": "x"},
            {"type": "set_viewport", "translate": [1.0, -2.5], "scale": 0.5},
        ]);
        let edits: Vec<api::Edit> = serde_json::from_value(all.clone()).expect("edits");
        let back: Vec<api::Edit> =
            edits.iter().map(|e| shown(&understood(e).expect("understood")).expect("shown")).collect();
        assert_eq!(serde_json::to_value(back).expect("JSON"), all);
    }

    #[test]
    fn an_unknown_trigger_rule_is_refused() {
        let edit: api::Edit = serde_json::from_value(serde_json::json!(
            {"type": "add_operator", "operator": {"id": "a", "algo_name": "noop", "trigger_rule": "sometimes"}}
        ))
        .expect("an edit");
        let why = understood(&edit).expect_err("no such rule");
        assert!(why.contains("'sometimes'") && why.contains("all_success"), "{why}");
    }
}
