//! `suanzi dataset`: tables registered by the id that `data_id` names.

use crate::args::{DatasetArgs, DatasetVerb};
use crate::fail::Failure;
use crate::session::Session;
use crate::show;
use std::process::ExitCode;
use suanzi_store::DatasetRow;

/// The longest id.
const MAX_ID_BYTES: usize = 63;

pub fn run(args: DatasetArgs) -> Result<ExitCode, Failure> {
    match args.verb {
        DatasetVerb::List { json } => list(json),
        DatasetVerb::Add { id, path, description } => {
            check_id(&id)?;
            let path = std::fs::canonicalize(&path)
                .map_err(|_| Failure::invalid(format!("there is no file {}", path.display())))?;
            if !path.is_file() {
                return Err(Failure::invalid(format!("{} is not a regular file", path.display())));
            }
            let session = Session::writer()?;
            let row = DatasetRow {
                id: id.clone(),
                path: path.display().to_string(),
                created_at: show::now_millis(),
                description,
                ..DatasetRow::default()
            };
            session.store.put_dataset(&row)?;
            talk!("dataset {id}: {}", row.path);
            Ok(ExitCode::SUCCESS)
        }
        DatasetVerb::Remove { id } => {
            let session = Session::writer()?;
            if session.store.remove_dataset(&id)? {
                talk!("dataset {id} is forgotten; its file stays");
                Ok(ExitCode::SUCCESS)
            } else {
                Err(Failure::invalid(format!("there is no dataset '{id}'")).hint("`suanzi dataset list` shows them"))
            }
        }
    }
}

fn list(json: bool) -> Result<ExitCode, Failure> {
    let session = Session::reader()?;
    let rows = session.store.datasets()?;
    if json {
        let rows: Vec<_> = rows
            .iter()
            .map(|r| serde_json::json!({ "id": r.id, "path": r.path, "description": r.description }))
            .collect();
        show::json(&rows)?;
    } else if rows.is_empty() {
        talk!("no datasets yet; `suanzi dataset add ID FILE` registers one");
    } else {
        let rows: Vec<_> = rows.into_iter().map(|r| vec![r.id, r.path, r.description]).collect();
        show::table(&["id", "file", "description"], &rows);
    }
    Ok(ExitCode::SUCCESS)
}

fn check_id(id: &str) -> Result<(), Failure> {
    let mut bytes = id.bytes();
    let first = bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let rest = bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    if first && rest && id.len() <= MAX_ID_BYTES {
        return Ok(());
    }
    Err(Failure::invalid(format!("'{id}' can't be a dataset's id"))
        .hint(format!("small letters, digits, '-' and '_', at most {MAX_ID_BYTES}, a letter or digit first")))
}
