//! `/healthz`: somebody is there.

use axum::Json;
use suanzi_api::Health;

pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: "ok".into(), version: env!("CARGO_PKG_VERSION").into(), pid: std::process::id() })
}
