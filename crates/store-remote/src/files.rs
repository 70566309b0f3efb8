//! What is known of files outside: content ids by stat, and registered datasets.

use suanzi_store::{DatasetRow, FileStat};

use crate::quarantine::{Quarantine, one};
use crate::rows;
use crate::session::{Answer, Clash, Session};
use crate::value::{Read, Row, values};

/// MySQL's keys end there. The content of a file with a longer path is worked out each time.
const PATH_MAX_CHARS: usize = 700;

pub(crate) fn content(session: &mut dyn Session, stat: &FileStat) -> Answer<Option<String>> {
    let sql = "SELECT content_id FROM file_contents \
               WHERE path = ? AND device = ? AND inode = ? AND size = ? AND mtime_ns = ? AND ctime_ns = ?";
    let exactly = values![&stat.path, stat.device, stat.inode, stat.size, stat.mtime_ns, stat.ctime_ns];
    one(session, "file_contents", sql, &exactly, |row| row.text(0))
}

pub(crate) fn put_content(session: &mut dyn Session, stat: &FileStat, content_id: &str) -> Answer<()> {
    if stat.path.chars().count() > PATH_MAX_CHARS {
        return Ok(());
    }
    let columns = ["path", "device", "inode", "size", "mtime_ns", "ctime_ns", "content_id"];
    let row = values![&stat.path, stat.device, stat.inode, stat.size, stat.mtime_ns, stat.ctime_ns, content_id];
    rows::insert(session, "file_contents", &columns, Clash::Overwrite(&["path"], &columns[1..]), [row])
}

const DATASET_COLUMNS: [&str; 10] =
    ["id", "path", "created_at", "description", "title", "format", "\"rows\"", "bytes", "columns", "managed"];

fn dataset_row(row: &Row) -> Read<DatasetRow> {
    Ok(DatasetRow {
        id: row.text(0)?,
        path: row.text(1)?,
        created_at: row.int(2)?,
        description: row.text(3)?,
        title: row.text(4)?,
        format: row.text(5)?,
        rows: row.optional(6, Row::unsigned)?,
        bytes: row.optional(7, Row::unsigned)?,
        columns: row.text(8)?,
        managed: row.flag(9)?,
    })
}

pub(crate) fn put_dataset(session: &mut dyn Session, d: &DatasetRow) -> Answer<()> {
    let row = values![
        &d.id,
        &d.path,
        d.created_at,
        &d.description,
        &d.title,
        &d.format,
        d.rows,
        d.bytes,
        &d.columns,
        d.managed
    ];
    rows::insert(session, "datasets", &DATASET_COLUMNS, Clash::Overwrite(&["id"], &DATASET_COLUMNS[1..]), [row])
}

pub(crate) fn dataset(session: &mut dyn Session, id: &str) -> Answer<Option<DatasetRow>> {
    let sql = format!("SELECT {} FROM datasets WHERE id = ?", DATASET_COLUMNS.join(", "));
    one(session, "datasets", &sql, &values![id], dataset_row)
}

pub(crate) fn datasets(session: &mut dyn Session, quarantine: &Quarantine) -> Answer<Vec<DatasetRow>> {
    let sql = format!("SELECT {} FROM datasets ORDER BY id", DATASET_COLUMNS.join(", "));
    quarantine.list(session, "datasets", &sql, &[], dataset_row)
}

pub(crate) fn remove_dataset(session: &mut dyn Session, id: &str) -> Answer<bool> {
    Ok(session.execute("DELETE FROM datasets WHERE id = ?", &values![id])? > 0)
}
