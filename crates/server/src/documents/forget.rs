//! `/api/v1/documents/forget`: operators' kept results are not found again, so that they run the next time. What runs had stays with them.

use crate::body::Body;
use crate::problem::{Answer, of_store};
use crate::runs::blocking;
use crate::service::Service;
use crate::web::Grant;
use axum::Json;
use axum::extract::State;
use serde_json::json;
use std::collections::HashMap;
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
        let all = prepared.document.dag.operators.iter().enumerate();
        let places: HashMap<&str, usize> = all.map(|(ix, op)| (op.id.0.as_ref(), ix)).collect();
        let (mut forgotten, mut keys) = (Vec::new(), Vec::new());
        for id in request.operators {
            let Some(ix) = places.get(id.as_str()).copied() else {
                return Err(Problem::new(Code::BadRequest, format!("operators: the text has no operator '{id}'")));
            };
            if resolution.ops[ix].hit.is_some() {
                keys.extend(resolution.keys_of(&prepared, ix as u32));
                forgotten.push(id);
            }
        }
        // All at once, or none.
        store.forget(&keys).map_err(|e| of_store(&e))?;
        Ok(ForgetView { forgotten })
    });
    Ok(Json(answer.await?))
}
