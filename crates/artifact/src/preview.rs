//! A window of a table's rows as JSON, for paging through it.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cell::{Shown, cell};
use crate::error::guard;
use crate::{ArtifactError, Table, type_name};

/// Most rows one preview answers; a larger limit is cut to this.
pub const MAX_PREVIEW_ROWS: usize = 10_000;
/// Most cells one preview answers: very wide tables give fewer rows (at least one).
pub const MAX_PREVIEW_CELLS: usize = 1_000_000;
/// How long values are cut.
const SHOWN: Shown = Shown { chars: 1_000, items: 100 };

/// Rows of a table. Cells are in the order of the columns, so that two columns may have the same name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    pub columns: Vec<PreviewColumn>,
    /// Rows of the whole table.
    pub total_rows: u64,
    /// Row number of the first row here.
    pub offset: u64,
    /// Integers beyond 2^53, NaN, infinities and decimals are text; times ISO 8601; binary hex; long values are cut
    /// and end in `…`.
    pub rows: Vec<Vec<Value>>,
}

/// A column's heading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewColumn {
    pub name: String,
    /// As [`type_name`] spells it.
    #[serde(rename = "type")]
    pub type_name: String,
}

/// Reads up to `limit` rows from row `offset` on. Only the batches that hold them are decoded; an offset past the end
/// gives no rows.
///
/// # Errors
/// As [`Table::open`].
pub fn preview(path: &Path, offset: u64, limit: usize) -> Result<Preview, ArtifactError> {
    preview_table(&Table::open(path)?, offset, limit)
}

/// As [`preview`], of a table that is already open.
///
/// # Errors
/// [`ArtifactError::Malformed`] if a batch that is needed is damaged.
pub fn preview_table(table: &Table, offset: u64, limit: usize) -> Result<Preview, ArtifactError> {
    let fields = table.schema().fields();
    let columns: Vec<PreviewColumn> = fields
        .iter()
        .map(|field| PreviewColumn { name: field.name().clone(), type_name: type_name(field.data_type()) })
        .collect();
    let limit = limit.min(MAX_PREVIEW_ROWS).min((MAX_PREVIEW_CELLS / columns.len().max(1)).max(1));
    let rows = guard(table.path(), || {
        let mut rows = Vec::new();
        let mut first = 0_u64;
        for (index, count) in table.batch_rows().iter().copied().enumerate() {
            let (from, to) = (offset.max(first), offset.saturating_add(limit as u64).min(first + count));
            if from < to {
                let batch = table.batch(index)?;
                for row in (from - first) as usize..(to - first) as usize {
                    rows.push(batch.columns().iter().map(|column| cell(column.as_ref(), row, SHOWN)).collect());
                }
            }
            first += count;
        }
        Ok(rows)
    })?;
    Ok(Preview { columns, total_rows: table.rows(), offset, rows })
}
