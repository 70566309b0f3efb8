//! What stays of a table when it is collected: its first rows, in a small file beside the place where it lay.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;

use crate::error::{Flaw, guard};
use crate::{ArtifactError, Table};

/// Rows that are kept of a collected table.
pub const KEPT_PREVIEW_ROWS: u64 = 1_000;

const ENDING: &str = ".arrow";

/// Where the first rows of the table at `path` are kept; both are paths below the artifacts' root.
pub fn kept_preview_path(path: &str) -> String {
    format!("{}.preview{ENDING}", path.strip_suffix(ENDING).unwrap_or(path))
}

/// Writes the first [`KEPT_PREVIEW_ROWS`] rows of the table in the file `from` to the file `to`, under another name first.
///
/// # Errors
/// As [`Table::open`], and [`ArtifactError::Io`] if `to` can't be written.
pub fn keep_preview(from: &Path, to: &Path) -> Result<(), ArtifactError> {
    let table = Table::open(from)?;
    let rows = guard(from, || first_rows(&table))?;
    let unfinished = to.with_extension("tmp");
    let io = |error: std::io::Error| ArtifactError::io(to, error);
    let file = BufWriter::new(File::create(&unfinished).map_err(io)?);
    guard(to, || write(&table, &rows, file)).inspect_err(|_| {
        let _ = std::fs::remove_file(&unfinished);
    })?;
    std::fs::rename(&unfinished, to).map_err(io)
}

fn first_rows(table: &Table) -> Result<Vec<RecordBatch>, Flaw> {
    let mut wanted = KEPT_PREVIEW_ROWS;
    let mut batches = Vec::new();
    for (index, rows) in table.batch_rows().iter().enumerate() {
        if wanted == 0 {
            break;
        }
        let taken = wanted.min(*rows);
        batches.push(table.batch(index)?.slice(0, taken as usize));
        wanted -= taken;
    }
    Ok(batches)
}

fn write(table: &Table, rows: &[RecordBatch], file: BufWriter<File>) -> Result<(), Flaw> {
    let mut writer = FileWriter::try_new(file, table.schema())?;
    for batch in rows {
        writer.write(batch)?;
    }
    writer.finish()?;
    Ok(())
}
