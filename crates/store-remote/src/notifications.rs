//! Messages about runs' ends, waiting to be sent or done with.

use suanzi_store::implementing::Word;
use suanzi_store::{EpochMillis, NewNotification, NotificationRow};

use crate::quarantine::Quarantine;
use crate::session::{Answer, Session};
use crate::value::values;

pub(crate) fn put(session: &mut dyn Session, new: &NewNotification) -> Answer<bool> {
    let sql = "SELECT \"key\" FROM notifications WHERE run_id = ? AND url = ?";
    if session.one(sql, &values![&new.run_id, &new.url])?.is_some() {
        return Ok(false);
    }
    session.execute(
        "INSERT INTO notifications (run_id, url, body, state, attempts, next_at, reason, created_at) \
         VALUES (?, ?, ?, 'waiting', 0, ?, '', ?)",
        &values![&new.run_id, &new.url, &new.body, new.created_at, new.created_at],
    )?;
    Ok(true)
}

pub(crate) fn waiting(session: &mut dyn Session, quarantine: &Quarantine, limit: u32) -> Answer<Vec<NotificationRow>> {
    let sql = format!(
        "SELECT \"key\", run_id, url, body, state, attempts, next_at, reason, created_at FROM notifications \
         WHERE state = 'waiting' ORDER BY next_at, \"key\" LIMIT {limit}"
    );
    quarantine.list(session, "notifications", &sql, &[], |row| {
        Ok(NotificationRow {
            key: row.unsigned(0)?,
            run_id: row.text(1)?,
            url: row.text(2)?,
            body: row.text(3)?,
            state: row.state(4)?,
            attempts: row.number(5)?,
            next_at: row.int(6)?,
            reason: row.text(7)?,
            created_at: row.int(8)?,
        })
    })
}

pub(crate) fn settle(session: &mut dyn Session, s: &NotificationRow) -> Answer<()> {
    let sql = "UPDATE notifications SET state = ?, attempts = ?, next_at = ?, reason = ? \
               WHERE \"key\" = ? AND state = 'waiting'";
    session.execute(sql, &values![s.state.word(), s.attempts, s.next_at, &s.reason, s.key])?;
    Ok(())
}

pub(crate) fn prune(session: &mut dyn Session, before: EpochMillis) -> Answer<u64> {
    session.execute("DELETE FROM notifications WHERE state <> 'waiting' AND created_at < ?", &values![before])
}
