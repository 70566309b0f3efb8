//! Messages about runs' ends, waiting to be sent or done with.

use rusqlite::{Connection, Row, params};

use super::quarantine::Quarantine;
use super::text::{Word, signed, state, unsigned};
use crate::{EpochMillis, NewNotification, NotificationRow, Result};

const COLUMNS: &str = "SELECT key, run_id, url, body, state, attempts, next_at, reason, created_at FROM notifications";

fn row(row: &Row) -> rusqlite::Result<NotificationRow> {
    Ok(NotificationRow {
        key: unsigned(row, 0)?,
        run_id: row.get(1)?,
        url: row.get(2)?,
        body: row.get(3)?,
        state: state(row, 4)?,
        attempts: row.get(5)?,
        next_at: row.get(6)?,
        reason: row.get(7)?,
        created_at: row.get(8)?,
    })
}

pub(super) fn put(connection: &Connection, new: &NewNotification) -> Result<bool> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO notifications (run_id, url, body, state, next_at, created_at)
             VALUES (?1, ?2, ?3, 'waiting', ?4, ?4) ON CONFLICT (run_id, url) DO NOTHING",
        )?
        .execute(params![new.run_id, new.url, new.body, new.created_at])?;
    Ok(inserted > 0)
}

pub(super) fn waiting(connection: &Connection, quarantine: &Quarantine, limit: u32) -> Result<Vec<NotificationRow>> {
    let mut select =
        connection.prepare_cached(&format!("{COLUMNS} WHERE state = 'waiting' ORDER BY next_at, key LIMIT ?1"))?;
    quarantine.list("notifications", &mut select, [limit], row)
}

pub(super) fn settle(connection: &Connection, settled: &NotificationRow) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE notifications SET state = ?2, attempts = ?3, next_at = ?4, reason = ?5
             WHERE key = ?1 AND state = 'waiting'",
        )?
        .execute(params![
            signed(settled.key),
            settled.state.word(),
            settled.attempts,
            settled.next_at,
            settled.reason
        ])?;
    Ok(())
}

pub(super) fn prune(connection: &Connection, before: EpochMillis) -> Result<u64> {
    let pruned = connection
        .prepare_cached("DELETE FROM notifications WHERE state <> 'waiting' AND created_at < ?1")?
        .execute([before])?;
    Ok(pruned as u64)
}
