//! `/api/v1/documents/fix`: from what an evaluation found in a run to the edits that mend it.

use super::edits;
use super::read::bound;
use crate::body::Body;
use crate::problem::{Answer, of_faults};
use crate::runs::blocking;
use crate::service::Service;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;
use suanzi_api::{Code, FixRequest, FixView, Problem};
use suanzi_dag::Limits;

pub(crate) async fn fix(
    State(service): State<Arc<Service>>,
    Body(request): Body<FixRequest>,
) -> Result<Json<FixView>, Answer> {
    Ok(Json(blocking(move || mend(&service, &request)).await?))
}

fn mend(service: &Service, request: &FixRequest) -> Result<FixView, Problem> {
    let document = suanzi_dag::read(request.source.as_bytes(), &Limits::api()).map_err(|f| of_faults(&f))?;
    let bound = bound(service, &document)?.map_err(|f| of_faults(&f))?;
    let at = document.dag.operators.iter().position(|op| *op.id.0 == *request.operator);
    let Some(at) = at else {
        return Err(Problem::new(Code::NotFound, format!("the DAG has no operator '{}'", request.operator)));
    };
    let fix = suanzi_lint::mend(&document.dag, &bound, at as u32, &request.finding);
    let edits: Option<Vec<_>> = fix.and_then(|fix| fix.edits.iter().map(edits::shown).collect());
    let none = || Problem::new(Code::NoFix, format!("there is no fix for '{}' in this DAG", request.finding));
    Ok(FixView { edits: edits.ok_or_else(none)? })
}
