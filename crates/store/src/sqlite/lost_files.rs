//! What a power cut took: files that were never synced are told apart from those that survived, and tasks that relied on lost ones are opened again.

use rusqlite::{Connection, params};

use crate::clock::now_ms;
use crate::{ArtifactId, Result};

const LOSE: &str = "UPDATE artifacts SET present = 0, inline = NULL WHERE id = ?1 AND present = 1";
const MARK_DURABLE: &str = "UPDATE artifacts SET durable = 1 WHERE id = ?1";

/// Tasks of unended runs with a final result among whose outputs an artifact is missing: ?1 its id.
const RELYING: &str = "
SELECT t.run, t.op, t.attempt_no FROM artifacts a
JOIN task_outputs o ON o.artifact = a.key
JOIN tasks t ON t.run = o.run AND t.op = o.op AND t.state IN ('success', 'cached')
JOIN runs r ON r.key = t.run AND r.state = 'running'
WHERE a.id = ?1";

const TELL_RUN: &str = "UPDATE runs SET seq = seq + 1 WHERE key = ?1";
const OPEN_TASK: &str = "
UPDATE tasks SET state = 'retrying', changed_at = ?3, seq = (SELECT seq FROM runs WHERE key = ?1) WHERE run = ?1 AND op = ?2";
const LOSE_ATTEMPT: &str =
    "UPDATE attempts SET state = 'lost' WHERE run = ?1 AND op = ?2 AND attempt_no = ?3 AND state = 'success'";
const FORGET_KEYS: &str = "DELETE FROM cache_keys WHERE result IN (SELECT key FROM results WHERE run = ?1 AND op = ?2)";
const FORGET_RESULT: &str = "DELETE FROM results WHERE run = ?1 AND op = ?2";
const FORGET_OUTPUTS: &str = "DELETE FROM task_outputs WHERE run = ?1 AND op = ?2";

pub(super) fn settle(connection: &Connection, durable: &[ArtifactId], lost: &[ArtifactId]) -> Result<u64> {
    let mut mark = connection.prepare_cached(MARK_DURABLE)?;
    for id in durable {
        mark.execute([&id.0])?;
    }
    let mut lose = connection.prepare_cached(LOSE)?;
    let mut opened = 0;
    for id in lost {
        if lose.execute([&id.0])? > 0 {
            opened += open_tasks(connection, id)?;
        }
    }
    Ok(opened)
}

fn open_tasks(connection: &Connection, lost: &ArtifactId) -> Result<u64> {
    let mut relying = connection.prepare_cached(RELYING)?;
    let tasks = relying.query_map([&lost.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let tasks: Vec<(i64, u32, u32)> = tasks.collect::<rusqlite::Result<_>>()?;
    for (run, op, attempt_no) in &tasks {
        connection.prepare_cached(TELL_RUN)?.execute([run])?;
        connection.prepare_cached(OPEN_TASK)?.execute(params![run, op, now_ms()])?;
        connection.prepare_cached(LOSE_ATTEMPT)?.execute(params![run, op, attempt_no])?;
        for forget in [FORGET_KEYS, FORGET_RESULT, FORGET_OUTPUTS] {
            connection.prepare_cached(forget)?.execute(params![run, op])?;
        }
    }
    Ok(tasks.len() as u64)
}
