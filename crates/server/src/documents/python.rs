//! `/api/v1/documents/python`: the DAG as a script that runs alone.

use crate::body::Body;
use crate::problem::{Answer, of_refusal};
use crate::runs::blocking;
use crate::service::Service;
use crate::web::Grant;
use axum::Json;
use axum::extract::State;
use serde_json::json;
use std::sync::Arc;
use suanzi_api::{ScriptRequest, ScriptView};
use suanzi_dag_engine::for_script;

pub(crate) async fn python(
    State(service): State<Arc<Service>>,
    grant: Grant,
    Body(request): Body<ScriptRequest>,
) -> Result<Json<ScriptView>, Answer> {
    let answer = blocking(move || {
        let options = match &request.operator {
            Some(operator) => json!({ "to": [operator] }),
            None => json!({}),
        };
        let prepared = service.prepare(&request.source, options, request.dag_id.as_deref(), &grant)?;
        let script = service.host.script(&for_script(&prepared)).map_err(of_refusal)?;
        Ok(ScriptView { script })
    });
    Ok(Json(answer.await?))
}
