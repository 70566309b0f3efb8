//! What a power cut took: files that were never synced are told apart from those that survived, and tasks that relied on lost ones are opened again.

use suanzi_store::ArtifactId;
use suanzi_store::implementing::now_ms;

use crate::artifacts::ids;
use crate::quarantine::known;
use crate::rows;
use crate::session::{Answer, Session};
use crate::value::values;

pub(crate) fn settle(session: &mut dyn Session, durable: &[ArtifactId], lost: &[ArtifactId]) -> Answer<u64> {
    rows::change_in(session, "UPDATE artifacts SET durable = 1 WHERE id IN ({})", 1, &ids(durable))?;
    let mut opened = 0;
    for id in lost {
        let lose = "UPDATE artifacts SET present = 0, inline = NULL WHERE id = ? AND present = 1";
        if session.execute(lose, &values![&id.0])? > 0 {
            opened += open_tasks(session, id)?;
        }
    }
    Ok(opened)
}

/// Tasks of unended runs with a final result among whose outputs the artifact is.
fn open_tasks(session: &mut dyn Session, lost: &ArtifactId) -> Answer<u64> {
    let relying = "SELECT t.run, t.op, t.attempt_no FROM artifacts a \
                   JOIN task_outputs o ON o.artifact = a.key \
                   JOIN tasks t ON t.run = o.run AND t.op = o.op AND t.state IN ('success', 'cached') \
                   JOIN runs r ON r.key = t.run AND r.state = 'running' WHERE a.id = ? FOR UPDATE";
    let tasks = session.query(relying, &values![&lost.0])?;
    for row in &tasks {
        let (run, op, attempt_no) = known("tasks", row, |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)))?;
        session.execute("UPDATE runs SET seq = seq + 1 WHERE \"key\" = ?", &values![run])?;
        session.execute(
            "UPDATE tasks SET state = 'retrying', changed_at = ?, seq = (SELECT seq FROM runs WHERE \"key\" = ?) \
             WHERE run = ? AND op = ?",
            &values![now_ms(), run, run, op],
        )?;
        session.execute(
            "UPDATE attempts SET state = 'lost' WHERE run = ? AND op = ? AND attempt_no = ? AND state = 'success'",
            &values![run, op, attempt_no],
        )?;
        for forget in [
            "DELETE FROM cache_keys WHERE result IN (SELECT \"key\" FROM results WHERE run = ? AND op = ?)",
            "DELETE FROM results WHERE run = ? AND op = ?",
            "DELETE FROM task_outputs WHERE run = ? AND op = ?",
        ] {
            session.execute(forget, &values![run, op])?;
        }
    }
    Ok(tasks.len() as u64)
}
