//! `/api/v1/runs/{run_id}/report` and `/api/v1/diff/{before}/{after}`: what came out of a run, and what changed from one to another.

use crate::asked::At;
use crate::problem::{Answer, of_faults, of_store};
use crate::runs::blocking;
use crate::service::Service;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;
use suanzi_api::{Code, Problem, RunDiff, RunReport};
use suanzi_report::ReportError;

pub(crate) async fn report(
    State(service): State<Arc<Service>>,
    At(run_id): At<String>,
) -> Result<Json<RunReport>, Answer> {
    let report = blocking(move || {
        let key = service.row(&run_id)?.key;
        let store = service.engine.store();
        suanzi_report::run_report(store.as_ref(), service.engine.artifacts().as_ref(), key).map_err(refused)
    });
    Ok(Json(report.await?))
}

pub(crate) async fn diff(
    State(service): State<Arc<Service>>,
    At((before, after)): At<(String, String)>,
) -> Result<Json<RunDiff>, Answer> {
    let diff = blocking(move || {
        let (before, after) = (service.row(&before)?, service.row(&after)?);
        let store = service.engine.store();
        suanzi_report::diff(store.as_ref(), service.engine.artifacts().as_ref(), &before, &after).map_err(refused)
    });
    Ok(Json(diff.await?))
}

fn refused(error: ReportError) -> Problem {
    match error {
        ReportError::Store(error) => of_store(&error),
        ReportError::Gone(what) => Problem::new(Code::NotFound, what),
        ReportError::Faults(faults) => of_faults(&faults),
        ReportError::Artifact(error) => Problem::new(Code::Store, error.to_string()),
    }
}
