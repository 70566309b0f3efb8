//! A DAG's draft: what was written and isn't a version yet, with faults or without.

use super::change::now_ms;
use super::text::{Text, conflict, expected};
use crate::asked::At;
use crate::problem::{Answer, of_store};
use crate::runs::blocking;
use crate::service::Service;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use std::sync::Arc;
use suanzi_api::DraftSaved;
use suanzi_store::Guarded;

pub(crate) async fn put(
    State(service): State<Arc<Service>>,
    At(dag_id): At<String>,
    headers: HeaderMap,
    Text(text): Text,
) -> Result<Json<DraftSaved>, Answer> {
    let saved = blocking(move || {
        let row = service.dag(&dag_id)?;
        let given = expected(&headers)?;
        let put = service.engine.store().put_draft(row.key, given, &text.source, now_ms());
        match put.map_err(|e| of_store(&e))? {
            Guarded::Done(revision) => Ok(DraftSaved { revision }),
            Guarded::Moved(present) => Err(conflict("draft's revision", given, present)),
        }
    });
    Ok(Json(saved.await?))
}

pub(crate) async fn discard(State(service): State<Arc<Service>>, At(dag_id): At<String>) -> Result<StatusCode, Answer> {
    blocking(move || {
        let row = service.dag(&dag_id)?;
        service.engine.store().drop_draft(row.key).map_err(|e| of_store(&e))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
