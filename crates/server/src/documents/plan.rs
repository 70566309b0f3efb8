//! `/api/v1/documents/plan`: what a run would do, from the same resolution with which one begins.

use crate::body::Body;
use crate::problem::{Answer, of_store};
use crate::runs::blocking;
use crate::service::Service;
use crate::web::Grant;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;
use suanzi_api::{self as api, PlanRequest, PlanView, Words};
use suanzi_dag_engine::{Plan, Verdict};

pub(crate) async fn plan(
    State(service): State<Arc<Service>>,
    grant: Grant,
    Body(request): Body<PlanRequest>,
) -> Result<Json<PlanView>, Answer> {
    let rows = blocking(move || {
        let prepared = service.prepare(&request.source, request.options, request.dag_id.as_deref(), &grant)?;
        let plan = Plan::of(&prepared, service.engine.store().as_ref()).map_err(|e| of_store(&e))?;
        Ok(plan.rows.into_iter().map(row).collect())
    });
    Ok(Json(PlanView { rows: rows.await? }))
}

fn row(row: suanzi_dag_engine::PlanRow) -> api::PlanRow {
    api::PlanRow {
        id: row.id,
        algo_name: row.algo_name,
        verdict: match row.verdict {
            Verdict::Cached => api::Verdict::Cached,
            Verdict::WillRun => api::Verdict::WillRun,
            Verdict::WillRunUnlessUpstreamUnchanged => api::Verdict::WillRunUnlessUpstreamUnchanged,
            Verdict::NotSelected => api::Verdict::NotSelected,
            Verdict::Disabled => api::Verdict::Disabled,
        },
        why: Words { en: row.why.en, zh: row.why.zh },
        expected_ms: row.expected_ms,
        expected_bytes: row.expected_bytes,
    }
}
