//! What is known of files outside: content ids by stat, and registered datasets.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::quarantine::Quarantine;
use super::text::{optional_unsigned, signed};
use crate::{DatasetRow, FileStat, Result};

pub(super) fn content(connection: &Connection, stat: &FileStat) -> Result<Option<String>> {
    let mut select = connection.prepare_cached(
        "SELECT content_id FROM file_contents
         WHERE path = ?1 AND device = ?2 AND inode = ?3 AND size = ?4 AND mtime_ns = ?5 AND ctime_ns = ?6",
    )?;
    let exactly =
        params![stat.path, signed(stat.device), signed(stat.inode), signed(stat.size), stat.mtime_ns, stat.ctime_ns];
    Ok(select.query_row(exactly, |row| row.get(0)).optional()?)
}

pub(super) fn put_content(connection: &Connection, stat: &FileStat, content_id: &str) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO file_contents (path, device, inode, size, mtime_ns, ctime_ns, content_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            stat.path,
            signed(stat.device),
            signed(stat.inode),
            signed(stat.size),
            stat.mtime_ns,
            stat.ctime_ns,
            content_id
        ])?;
    Ok(())
}

const DATASET: &str =
    "SELECT id, path, created_at, description, title, format, rows, bytes, columns, managed FROM datasets";

fn dataset_row(row: &Row) -> rusqlite::Result<DatasetRow> {
    Ok(DatasetRow {
        id: row.get(0)?,
        path: row.get(1)?,
        created_at: row.get(2)?,
        description: row.get(3)?,
        title: row.get(4)?,
        format: row.get(5)?,
        rows: optional_unsigned(row, 6)?,
        bytes: optional_unsigned(row, 7)?,
        columns: row.get(8)?,
        managed: row.get(9)?,
    })
}

pub(super) fn put_dataset(connection: &Connection, dataset: &DatasetRow) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO datasets
             (id, path, created_at, description, title, format, rows, bytes, columns, managed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            dataset.id,
            dataset.path,
            dataset.created_at,
            dataset.description,
            dataset.title,
            dataset.format,
            dataset.rows.map(signed),
            dataset.bytes.map(signed),
            dataset.columns,
            dataset.managed
        ])?;
    Ok(())
}

pub(super) fn dataset(connection: &Connection, quarantine: &Quarantine, id: &str) -> Result<Option<DatasetRow>> {
    let mut select = connection.prepare_cached(&format!("{DATASET} WHERE id = ?1"))?;
    quarantine.one("datasets", &mut select, [id], dataset_row)
}

pub(super) fn datasets(connection: &Connection, quarantine: &Quarantine) -> Result<Vec<DatasetRow>> {
    let mut select = connection.prepare_cached(&format!("{DATASET} ORDER BY id"))?;
    quarantine.list("datasets", &mut select, [], dataset_row)
}

pub(super) fn remove_dataset(connection: &Connection, id: &str) -> Result<bool> {
    Ok(connection.prepare_cached("DELETE FROM datasets WHERE id = ?1")?.execute([id])? > 0)
}
