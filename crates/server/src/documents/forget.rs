//! `/api/v1/documents/forget`: operators' kept results are not found again, so that they run the next time. What runs had stays with them.

use crate::body::Body;
use crate::problem::{Answer, of_store};
use crate::runs::blocking;
use crate::service::Service;
use crate::web::Grant;
use axum::Json;
use axum::extract::State;
use serde_json::json;
use std::sync::Arc;
use suanzi_api::{Code, ForgetRequest, ForgetView, Problem};
use suanzi_dag_engine::Resolution;

pub(crate) async fn forget(
    State(service): State<Arc<Service>>,
    grant: Grant,
    Body(request): Body<ForgetRequest>,
) -> Result<Json<ForgetView>, Answer> {
    let answer = blocking(move || {
        let prepared = service.prepare(&request.source, json!({}), request.dag_id.as_deref(), &grant)?;
        let store = service.engine.store();
        let resolution = Resolution::of(&prepared, store.as_ref()).map_err(|e| of_store(&e))?;
        let all = &prepared.document.dag.operators;
        // All are known before any is forgotten.
        let mut wanted = Vec::with_capacity(request.operators.len());
        for id in request.operators {
            let Some(ix) = all.iter().position(|op| op.id.to_string() == id) else {
                return Err(Problem::new(Code::BadRequest, format!("operators: the text has no operator '{id}'")));
            };
            wanted.push((id, resolution.keys_of(&prepared, ix as u32)));
        }
        let mut forgotten = Vec::new();
        for (id, keys) in wanted {
            if store.forget(&keys).map_err(|e| of_store(&e))? > 0 {
                forgotten.push(id);
            }
        }
        Ok(ForgetView { forgotten })
    });
    Ok(Json(answer.await?))
}
