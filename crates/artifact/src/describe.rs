//! What is recorded about a table once it is published: its size, its content id, its statistics.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::content::{column_digest, id_from_digests};
use crate::error::guard;
use crate::stats::column_stats;
use crate::{ArtifactError, Table, TableStats, layout_id};

/// A description of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableDescription {
    pub rows: u64,
    /// As [`crate::content_id`].
    pub content_id: String,
    /// As [`layout_id`]: whoever stops work because the content is unchanged should ask for this to be unchanged too.
    pub layout_id: String,
    pub stats: TableStats,
}

/// Reads a table once, column after column, and describes it.
///
/// # Errors
/// As [`Table::open`].
pub fn describe(path: &Path) -> Result<TableDescription, ArtifactError> {
    describe_table(&Table::open(path)?)
}

/// As [`describe`], of a table that is already open.
///
/// # Errors
/// [`ArtifactError::Malformed`] or [`ArtifactError::TooLarge`].
pub fn describe_table(table: &Table) -> Result<TableDescription, ArtifactError> {
    guard(table.path(), || {
        let rows = table.rows();
        let mut digests = Vec::new();
        let mut columns = Vec::new();
        for (field, parts) in table.schema().fields().iter().zip(table.columns()?) {
            digests.push(column_digest(&parts)?);
            columns.push(column_stats(field, &parts));
        }
        Ok(TableDescription {
            rows,
            content_id: id_from_digests(table.schema(), rows, &digests),
            layout_id: layout_id(table.schema()),
            stats: TableStats { rows, columns },
        })
    })
}
