//! `/api/v1/datasets`: listed, shown with statistics, paged through, forgotten.

use super::copies::{self, of_artifact};
use super::work::aside;
use crate::asked::At;
use crate::problem::{Answer, of_store};
use crate::runs::blocking;
use crate::service::Service;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use suanzi_api::{Code, ColumnView, DatasetDetail, DatasetView, Items, Preview, Problem, RowsQuery};
use suanzi_store::DatasetRow;

/// Rows of a page unless `limit` says otherwise, and the most there are.
const DEFAULT_ROWS: u32 = 100;
const MAX_ROWS: u32 = 1_000;

pub(crate) async fn list(State(service): State<Arc<Service>>) -> Result<Json<Items<DatasetView>>, Answer> {
    let rows = blocking(move || service.engine.store().datasets().map_err(|e| of_store(&e))).await?;
    Ok(Json(Items { items: rows.iter().map(view).collect() }))
}

pub(crate) async fn show(
    State(service): State<Arc<Service>>,
    At(dataset_id): At<String>,
) -> Result<Json<DatasetDetail>, Answer> {
    let places = service.data.clone();
    let detail = aside(&places, move || {
        let row = find(&service, &dataset_id)?;
        let table = copies::table(&service, &row)?;
        let statistics = copies::statistics(&service, &row, &table)?;
        let preview = suanzi_artifact::preview(&table, 0, 0).map_err(|e| of_artifact(&e))?;
        let columns = preview.columns.into_iter().map(|c| ColumnView { name: c.name, type_name: c.type_name });
        let mut dataset = view(&row);
        dataset.rows = Some(statistics.rows);
        dataset.columns = Some(statistics.columns.len() as u64);
        Ok(DatasetDetail { dataset, columns: columns.collect(), statistics: as_shown(&statistics)? })
    });
    Ok(Json(detail.await?))
}

pub(crate) async fn rows(
    State(service): State<Arc<Service>>,
    At(dataset_id): At<String>,
    query: Result<Query<RowsQuery>, QueryRejection>,
) -> Result<Json<Preview>, Answer> {
    let Query(query) = query.map_err(|e| Answer(Problem::new(Code::BadRequest, e.body_text())))?;
    let limit = query.limit.unwrap_or(DEFAULT_ROWS);
    if !(1..=MAX_ROWS).contains(&limit) {
        return Err(Answer(Problem::new(Code::BadRequest, format!("'limit' is {limit}; allowed: 1 to {MAX_ROWS}"))));
    }
    let places = service.data.clone();
    let preview = aside(&places, move || {
        let row = find(&service, &dataset_id)?;
        let table = copies::table(&service, &row)?;
        let preview = suanzi_artifact::preview(&table, query.offset.unwrap_or(0), limit as usize);
        as_shown(&preview.map_err(|e| of_artifact(&e))?)
    });
    Ok(Json(preview.await?))
}

pub(crate) async fn remove(
    State(service): State<Arc<Service>>,
    At(dataset_id): At<String>,
) -> Result<StatusCode, Answer> {
    blocking(move || {
        let row = find(&service, &dataset_id)?;
        copies::forget(&service, &row);
        service.engine.store().remove_dataset(&row.id).map_err(|e| of_store(&e))?;
        if row.managed {
            let _ = std::fs::remove_file(&row.path);
        }
        Ok(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn find(service: &Service, id: &str) -> Result<DatasetRow, Problem> {
    let row = service.engine.store().dataset(id).map_err(|e| of_store(&e))?;
    row.ok_or_else(|| Problem::new(Code::NotFound, format!("there is no dataset '{id}'")))
}

pub(super) fn view(row: &DatasetRow) -> DatasetView {
    let columns: Option<Vec<ColumnView>> = serde_json::from_str(&row.columns).ok();
    DatasetView {
        id: row.id.clone(),
        title: if row.title.is_empty() { row.id.clone() } else { row.title.clone() },
        description: row.description.clone(),
        format: Some(row.format.clone()).filter(|f| !f.is_empty()),
        rows: row.rows,
        columns: columns.map(|c| c.len() as u64),
        bytes: row.bytes,
        created_at_ms: row.created_at,
        path: (!row.managed).then(|| row.path.clone()),
    }
}

/// The artifact crate's shape as the API's, which is the same text.
fn as_shown<T: DeserializeOwned>(value: &impl serde::Serialize) -> Result<T, Problem> {
    serde_json::to_value(value)
        .and_then(serde_json::from_value)
        .map_err(|e| Problem::new(Code::Unknown, format!("the table can't be shown: {e}")))
}
