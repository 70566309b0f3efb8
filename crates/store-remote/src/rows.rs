//! Statements of many rows: inserts in chunks that every server takes, and lists of parameters.

use crate::session::{Answer, Clash, Session};
use crate::value::{Row, Value};

/// Most rows of one statement, and of one list of parameters.
pub(crate) const CHUNK_ROWS: usize = 500;
/// A statement is sent once it has this many bytes, far below what servers take by default (16 MiB).
const CHUNK_BYTES: usize = 2 << 20;

/// `?, ?, ?`
pub(crate) fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// `(?, ?), (?, ?)`
pub(crate) fn pairs(count: usize) -> String {
    vec!["(?, ?)"; count].join(", ")
}

pub(crate) fn insert<const WIDTH: usize>(
    session: &mut dyn Session,
    table: &str,
    columns: &[&str; WIDTH],
    clash: Clash,
    rows: impl IntoIterator<Item = [Value; WIDTH]>,
) -> Answer<()> {
    let tail = session.dialect().clash(clash);
    let one = format!("({})", marks(columns.len()));
    let (mut params, mut count, mut bytes) = (Vec::new(), 0, 0);
    let mut send = |params: &mut Vec<Value>, count: &mut usize| -> Answer<()> {
        if *count > 0 {
            let sql = format!(
                "INSERT INTO {table} ({}) VALUES {}{tail}",
                columns.join(", "),
                vec![one.as_str(); *count].join(", ")
            );
            session.execute(&sql, params)?;
            params.clear();
            *count = 0;
        }
        Ok(())
    };
    for row in rows {
        let size: usize = row.iter().map(Value::size).sum();
        if count == CHUNK_ROWS || bytes + size > CHUNK_BYTES {
            send(&mut params, &mut count)?;
            bytes = 0;
        }
        params.extend(row);
        count += 1;
        bytes += size;
    }
    send(&mut params, &mut count)
}

/// Rows of a query whose text has `{}` where a list of `keys` goes. Each key has `width` parameters.
pub(crate) fn select_in(session: &mut dyn Session, sql: &str, width: usize, keys: &[Value]) -> Answer<Vec<Row>> {
    let mut found = Vec::new();
    for chunk in keys.chunks(CHUNK_ROWS * width) {
        let list = if width == 1 { marks(chunk.len()) } else { pairs(chunk.len() / width) };
        found.extend(session.query(&sql.replace("{}", &list), chunk)?);
    }
    Ok(found)
}

/// As [`select_in`], for changes. Gives how many rows matched.
pub(crate) fn change_in(session: &mut dyn Session, sql: &str, width: usize, keys: &[Value]) -> Answer<u64> {
    let mut matched = 0;
    for chunk in keys.chunks(CHUNK_ROWS * width) {
        let list = if width == 1 { marks(chunk.len()) } else { pairs(chunk.len() / width) };
        matched += session.execute(&sql.replace("{}", &list), chunk)?;
    }
    Ok(matched)
}
