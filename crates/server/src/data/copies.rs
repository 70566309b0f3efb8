//! A dataset as an Arrow table with its statistics: imports are one already, other files are copied once per state they are in.

use super::work::{IMPORT, of_io};
use crate::problem::of_refusal;
use crate::service::Service;
use serde_json::json;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use suanzi_api::{Code, Problem};
use suanzi_artifact::{ArtifactError, Table, TableStats, describe_table};
use suanzi_store::DatasetRow;

/// Copies that are kept; the one looked at longest ago goes first.
const MAX_COPIES: usize = 8;

/// The Arrow file that holds the dataset's rows.
pub(super) fn table(service: &Service, row: &DatasetRow) -> Result<PathBuf, Problem> {
    let path = Path::new(&row.path);
    let name = state(path)?;
    if is_arrow(path) {
        return Ok(path.to_path_buf());
    }
    let copies = service.data.copies().map_err(|e| of_io(&e))?;
    let copy = copies.join(format!("{name}.arrow"));
    if !copy.is_file() {
        make_room(&copies);
        let format = super::upload::of_ending(&row.path)
            .ok_or_else(|| Problem::new(Code::BadTable, format!("{} isn't a table that can be shown", row.path)))?;
        let beside = copies.join(format!("{name}.{}.tmp", crate::web::request_id()));
        let request = json!({ "do": "import", "path": path, "format": format, "out": beside, "columns": [] });
        let made = service.host.tables(&request, IMPORT).map_err(of_refusal);
        let made = made.and_then(|_| fs::rename(&beside, &copy).map_err(|e| of_io(&e)));
        made.inspect_err(|_| drop(fs::remove_file(&beside)))?;
    }
    Ok(copy)
}

/// Worked out once, then kept beside the copies.
pub(super) fn statistics(service: &Service, row: &DatasetRow, table: &Path) -> Result<TableStats, Problem> {
    let name = state(Path::new(&row.path))?;
    let kept = service.data.copies().map_err(|e| of_io(&e))?.join(format!("{name}.json"));
    if let Some(known) = fs::read(&kept).ok().and_then(|text| serde_json::from_slice(&text).ok()) {
        return Ok(known);
    }
    let described = Table::open(table).and_then(|table| describe_table(&table)).map_err(|e| of_artifact(&e))?;
    // Only a memory.
    let beside = kept.with_extension(format!("{}.tmp", crate::web::request_id()));
    if fs::write(&beside, serde_json::to_vec(&described.stats).unwrap_or_default()).is_ok() {
        let _ = fs::rename(&beside, &kept);
    }
    Ok(described.stats)
}

/// What is kept of a dataset's file beside it.
pub(super) fn forget(service: &Service, row: &DatasetRow) {
    let Ok(name) = state(Path::new(&row.path)) else { return };
    if let Ok(copies) = service.data.copies() {
        for ending in ["arrow", "json"] {
            let _ = fs::remove_file(copies.join(format!("{name}.{ending}")));
        }
    }
}

pub(super) fn of_artifact(error: &ArtifactError) -> Problem {
    Problem::new(Code::BadTable, error.to_string()).hint(Some("import or register the file again"))
}

/// The file's state as a name: another state has another copy.
fn state(path: &Path) -> Result<String, Problem> {
    let meta = fs::metadata(path).map_err(|e| {
        Problem::new(Code::BadTable, format!("the dataset's file can't be read: {}", e.kind()))
            .hint(Some("register it again"))
    })?;
    let text = format!(
        "{}\n{} {} {} {}.{} {}.{}",
        path.display(),
        meta.dev(),
        meta.ino(),
        meta.size(),
        meta.mtime(),
        meta.mtime_nsec(),
        meta.ctime(),
        meta.ctime_nsec()
    );
    Ok(blake3::hash(text.as_bytes()).to_hex()[..32].to_string())
}

fn is_arrow(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("arrow") || e.eq_ignore_ascii_case("feather"))
}

fn make_room(copies: &Path) {
    let mut there: Vec<_> = fs::read_dir(copies)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "arrow"))
        .filter_map(|entry| Some((entry.metadata().ok()?.accessed().ok()?, entry.path())))
        .collect();
    there.sort();
    for (_, oldest) in there.iter().take((there.len() + 1).saturating_sub(MAX_COPIES)) {
        let _ = fs::remove_file(oldest);
    }
}
