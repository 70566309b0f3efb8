//! `POST /api/v1/datasets`: an upload becomes a dataset with chosen types, or a file of a listed directory is registered.

use super::datasets::view;
use super::upload::{self, of_ending};
use super::work::{IMPORT, LOOK, aside, of_io};
use crate::body::Body;
use crate::problem::{Answer, of_refusal, of_store};
use crate::service::Service;
use crate::templates::Sample;
use crate::web::{Grant, request_id};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use suanzi_api::{Code, ColumnView, DatasetView, NewDataset, Problem};
use suanzi_store::DatasetRow;

/// As `suanzi dataset add` allows.
const MAX_ID_BYTES: usize = 100;
const MAX_TITLE_CHARS: usize = 200;
const MAX_DESCRIPTION_CHARS: usize = 10_000;

pub(crate) async fn make(
    State(service): State<Arc<Service>>,
    grant: Grant,
    Body(new): Body<NewDataset>,
) -> Result<(StatusCode, Json<DatasetView>), Answer> {
    let places = service.data.clone();
    let made = aside(&places, move || match (&new.upload_id, &new.path) {
        (Some(upload), None) => import(&service, &new, upload),
        (None, Some(path)) => register(&service, &new, Path::new(path), &grant),
        _ => Err(Problem::new(Code::BadRequest, "give either 'upload_id' or 'path'")),
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

#[derive(Deserialize)]
struct Written {
    rows: u64,
    bytes: u64,
    columns: Value,
}

fn import(service: &Service, new: &NewDataset, upload: &str) -> Result<DatasetView, Problem> {
    let row = begin(service, new)?;
    let (data, dir, about) = upload::open(service, upload)?;
    let request = json!({
        "do": "import", "path": data, "format": about.format,
        "columns": new.columns.as_deref().unwrap_or_default(),
    });
    let format = serde_json::to_value(about.format).ok().and_then(|v| v.as_str().map(str::to_string));
    let view = write(service, row, request, format.unwrap_or_default())?;
    // Imported: what is left of the upload is only its bytes.
    let _ = fs::remove_dir_all(dir);
    Ok(view)
}

/// Has a table written into the home and keeps it as a dataset.
pub(super) fn write(
    service: &Service,
    row: DatasetRow,
    mut request: Value,
    format: String,
) -> Result<DatasetView, Problem> {
    let path = service.data.datasets().map_err(|e| of_io(&e))?.join(format!("{}.arrow", request_id()));
    let beside = path.with_extension("arrow.tmp");
    request["out"] = json!(beside);
    let written = service.host.tables(&request, IMPORT).map_err(of_refusal).and_then(|written| {
        let written: Written = serde_json::from_value(written)
            .map_err(|e| Problem::new(Code::Unknown, format!("the answer of Python isn't understood: {e}")))?;
        fs::rename(&beside, &path).map_err(|e| of_io(&e))?;
        Ok(written)
    });
    let written = written.inspect_err(|_| drop(fs::remove_file(&beside)))?;
    let row = DatasetRow {
        path: path.display().to_string(),
        format,
        rows: Some(written.rows),
        bytes: Some(written.bytes),
        columns: written.columns.to_string(),
        managed: true,
        ..row
    };
    service.engine.store().put_dataset(&row).map_err(|e| of_store(&e)).inspect_err(|_| drop(fs::remove_file(&path)))?;
    Ok(view(&row))
}

fn register(service: &Service, new: &NewDataset, path: &Path, grant: &Grant) -> Result<DatasetView, Problem> {
    if new.columns.is_some() {
        return Err(Problem::new(Code::BadRequest, "'columns' is of uploads: a registered file stays as it is"));
    }
    let row = begin(service, new)?;
    // The same words whether it exists or not.
    if !path.is_absolute() || !grant.files().allows(path) {
        return Err(Problem::new(Code::OptionRefused, format!("{} may not be read here", path.display()))
            .hint(Some("give an absolute path in a directory listed with `suanzi serve --data-root DIR`")));
    }
    let path = fs::canonicalize(path).map_err(|e| Problem::new(Code::BadTable, format!("{}: {e}", path.display())))?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let format = of_ending(&name).ok_or_else(|| {
        Problem::new(Code::BadTable, format!("'{name}' doesn't say what format it is"))
            .hint(Some("name it .csv, .tsv, .parquet or .jsonl"))
    })?;
    let request = json!({ "do": "look", "path": path, "format": format });
    let looked = service.host.tables(&request, LOOK).map_err(of_refusal)?;
    let columns: Vec<ColumnView> = serde_json::from_value(looked["columns"].clone()).unwrap_or_default();
    let row = DatasetRow {
        bytes: fs::metadata(&path).ok().map(|meta| meta.len()),
        path: path.display().to_string(),
        format: serde_json::to_value(format).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default(),
        columns: serde_json::to_string(&columns).unwrap_or_default(),
        ..row
    };
    service.engine.store().put_dataset(&row).map_err(|e| of_store(&e))?;
    Ok(view(&row))
}

/// A row with id and title, if the id is free.
fn begin(service: &Service, new: &NewDataset) -> Result<DatasetRow, Problem> {
    let title = new.title.trim();
    let bad = |detail: String| Err(Problem::new(Code::BadRequest, detail));
    if title.is_empty() || title.chars().count() > MAX_TITLE_CHARS || title.chars().any(char::is_control) {
        return bad(format!("'title' must be 1 to {MAX_TITLE_CHARS} characters of text"));
    }
    let description = new.description.clone().unwrap_or_default();
    if description.chars().count() > MAX_DESCRIPTION_CHARS {
        return bad(format!("'description' is longer than {MAX_DESCRIPTION_CHARS} characters"));
    }
    let store = service.engine.store();
    let there = |id: &str| store.dataset(id).map(|row| row.is_some()).map_err(|e| of_store(&e));
    let id = match new.id.as_deref() {
        Some(id) if !is_id(id) => {
            return bad(format!("'id' must be small letters, digits, '-' and '_', at most {MAX_ID_BYTES}"));
        }
        Some(id) if there(id)? => {
            return Err(Problem::new(Code::DatasetExists, format!("there is a dataset '{id}' already"))
                .hint(Some("give another id, or delete it first")));
        }
        Some(id) => id.to_string(),
        None => {
            let stem = id_of(title);
            let mut id = stem.clone();
            let mut number = 2;
            while there(&id)? {
                id = format!("{stem}-{number}");
                number += 1;
            }
            id
        }
    };
    Ok(DatasetRow { id, title: title.into(), description, created_at: now_ms(), ..DatasetRow::default() })
}

/// The sample's dataset, made where it isn't there.
pub(crate) async fn make_sample(service: &Arc<Service>, sample: Sample) -> Result<(), Answer> {
    let places = service.data.clone();
    let service = service.clone();
    aside(&places, move || {
        if service.engine.store().dataset(sample.dataset).map_err(|e| of_store(&e))?.is_some() {
            return Ok(());
        }
        let new = NewDataset { id: Some(sample.dataset.into()), title: sample.title.into(), ..NewDataset::default() };
        let row = begin(&service, &new)?;
        write(&service, row, json!({ "do": "sample", "kind": sample.kind }), "sample".into()).map(drop)
    })
    .await
}

pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn is_id(id: &str) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    id.len() <= MAX_ID_BYTES
        && id.bytes().next().is_some_and(letter)
        && id.bytes().all(|b| letter(b) || b == b'-' || b == b'_')
}

/// What of a title an id can say; `data` where nothing.
fn id_of(title: &str) -> String {
    let mut id = String::new();
    for c in title.chars().map(|c| c.to_ascii_lowercase()).take(MAX_ID_BYTES / 2) {
        match c {
            'a'..='z' | '0'..='9' => id.push(c),
            _ if !id.is_empty() && !id.ends_with('-') => id.push('-'),
            _ => {}
        }
    }
    let id = id.trim_end_matches('-');
    if id.is_empty() { "data".into() } else { id.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_titles() {
        for (title, expected) in [
            ("Credit default (2005).csv", "credit-default-2005-csv"),
            ("信用数据", "data"),
            ("信用 2024", "2024"),
            ("--A--", "a"),
            ("../x", "x"),
        ] {
            assert_eq!(id_of(title), expected);
            assert!(is_id(&id_of(title)));
        }
        for bad in ["", "-a", "A", "a/b", "a.b", "数", &"a".repeat(101)] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
