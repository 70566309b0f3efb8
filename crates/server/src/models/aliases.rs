//! Names for versions of models: set, moved and removed, each by one write.

use super::{found, of_missing, of_name};
use crate::asked::At;
use crate::body::Body;
use crate::problem::{Answer, of_store};
use crate::runs::blocking;
use crate::service::Service;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use std::sync::Arc;
use suanzi_api::{AliasRequest, AliasView, Code, Items, Problem};
use suanzi_store::{AliasRow, NoVersion};

pub(super) async fn list(
    State(service): State<Arc<Service>>,
    At(name): At<String>,
) -> Result<Json<Items<AliasView>>, Answer> {
    let items = blocking(move || {
        let store = service.engine.store();
        of_name(store.as_ref(), &name)?;
        let rows = store.model_aliases(Some(&name)).map_err(|e| of_store(&e))?;
        Ok(rows.into_iter().map(view).collect())
    });
    Ok(Json(Items { items: items.await? }))
}

pub(super) async fn put(
    State(service): State<Arc<Service>>,
    At((name, alias)): At<(String, String)>,
    Body(asked): Body<AliasRequest>,
) -> Result<Json<AliasView>, Answer> {
    if !AliasRow::is_alias(&alias) {
        return Err(Problem::new(Code::BadRequest, format!("'{alias}' can't be an alias"))
            .hint(Some("use small letters, digits, `_` and `-`, a letter first, at most 63 characters"))
            .into());
    }
    let row = blocking(move || {
        let store = service.engine.store();
        let version = found(store.as_ref(), &name, Some(&asked.version))?.version;
        let row = AliasRow { model: name, alias, version, changed_at: crate::dags::now_ms() };
        store.put_model_alias(&row).map_err(|e| of_store(&e))?;
        Ok(row)
    });
    Ok(Json(view(row.await?)))
}

pub(super) async fn remove(
    State(service): State<Arc<Service>>,
    At((name, alias)): At<(String, String)>,
) -> Result<StatusCode, Answer> {
    blocking(move || {
        let store = service.engine.store();
        of_name(store.as_ref(), &name)?;
        match store.remove_model_alias(&name, &alias).map_err(|e| of_store(&e))? {
            true => Ok(()),
            false => Err(of_missing(&NoVersion::Alias { model: name, alias })),
        }
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(row: AliasRow) -> AliasView {
    AliasView { model: row.model, alias: row.alias, version: row.version, changed_at_ms: row.changed_at }
}
