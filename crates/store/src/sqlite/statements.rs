//! The statements of the hot path, compiled once per connection and looked up once per batch.
//!
//! One row per execution: in SQLite a prepared single-row statement costs no round trip, and the fence stays in its own `WHERE`.

use rusqlite::{CachedStatement, Connection};

use super::apply::Fences;
use crate::Result;

/// A new attempt: the task is running, unless it is final or had this or a newer attempt.
/// ?1 run, ?2 op, ?3 attempt_no, ?4 token, ?5 seq, ?6 at
const DISPATCH_TASK: &str = "
INSERT INTO tasks (run, op, state, attempt_no, token, failures, seq, changed_at)
VALUES (?1, ?2, 'running', ?3, ?4, 0, ?5, ?6)
ON CONFLICT (run, op) DO UPDATE
SET state = 'running', attempt_no = ?3, token = ?4, seq = ?5, changed_at = ?6
WHERE state IN ('running', 'retrying') AND attempt_no < ?3";

/// The same with its end in the same batch: the task goes straight to the state after it.
/// ?1 run, ?2 op, ?3 attempt_no, ?4 token, ?5 seq, ?6 at, ?7 state, ?8 failures
const DISPATCH_AND_END_TASK: &str = "
INSERT INTO tasks (run, op, state, attempt_no, token, failures, seq, changed_at)
VALUES (?1, ?2, ?7, ?3, ?4, ?8, ?5, ?6)
ON CONFLICT (run, op) DO UPDATE
SET state = ?7, attempt_no = ?3, token = ?4, failures = ?8, seq = ?5, changed_at = ?6
WHERE state IN ('running', 'retrying') AND attempt_no < ?3";

/// The fence of results: ?1 run, ?2 op, ?3 attempt_no, ?4 token, ?5 seq, ?6 at, ?7 state, ?8 failures
const END_TASK: &str = "
UPDATE tasks SET state = ?7, failures = ?8, seq = ?5, changed_at = ?6
WHERE run = ?1 AND op = ?2 AND state = 'running' AND attempt_no = ?3 AND token = ?4";

#[cfg(any(test, feature = "planted-defects"))]
const END_TASK_UNFENCED: &str = "
UPDATE tasks SET state = ?7, failures = ?8, seq = ?5, changed_at = ?6
WHERE run = ?1 AND op = ?2 AND state IN ('running', 'retrying') AND ?3 = ?3 AND ?4 = ?4";

/// ?1 run, ?2 op, ?3 state, ?4 seq, ?5 at
const SETTLE_TASK: &str = "
INSERT INTO tasks (run, op, state, attempt_no, token, failures, seq, changed_at)
VALUES (?1, ?2, ?3, 0, 0, 0, ?4, ?5)
ON CONFLICT (run, op) DO UPDATE
SET state = ?3, seq = ?4, changed_at = ?5
WHERE state IN ('running', 'retrying')";

const INSERT_ATTEMPT: &str = "
INSERT INTO attempts (run, op, attempt_no, token, state, dispatched_at) VALUES (?1, ?2, ?3, ?4, 'running', ?5)";

/// ?1 run, ?2 op, ?3 attempt_no, then as in [`END_ATTEMPT`], ?15 token, ?16 dispatched_at
const INSERT_ENDED_ATTEMPT: &str = "
INSERT INTO attempts (run, op, attempt_no, state, ended_at, wall_us, cpu_us, peak_rss_bytes, worker, failure,
    log_file, log_start, log_end, history_key, token, dispatched_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

const END_ATTEMPT: &str = "
UPDATE attempts SET state = ?4, ended_at = ?5, wall_us = ?6, cpu_us = ?7, peak_rss_bytes = ?8, worker = ?9,
    failure = ?10, log_file = ?11, log_start = ?12, log_end = ?13, history_key = ?14
WHERE run = ?1 AND op = ?2 AND attempt_no = ?3 AND state = 'running'";

/// Attempts nobody will hear of again: a newer one began or the task was settled without them.
/// ?1 run, ?2 op, ?3 below this attempt_no, ?4 at
const LOSE_ATTEMPTS: &str = "
UPDATE attempts SET state = 'lost', ended_at = ?4
WHERE run = ?1 AND op = ?2 AND attempt_no < ?3 AND state = 'running'";

const INSERT_RESULT: &str = "INSERT INTO results (run, op, attempt_no, self_hash) VALUES (?1, ?2, ?3, ?4)";

const INSERT_ARTIFACT: &str = "
INSERT INTO artifacts (id, run, op, port_type, path, inline, bytes, rows, manifest, identity, created_at, last_used)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11) ON CONFLICT (id) DO NOTHING";

const INSERT_OUTPUT: &str = "INSERT INTO task_outputs (run, op, port, artifact) VALUES (?1, ?2, ?3, ?4)";

/// For the newest result there is.
const PUT_KEY: &str = "
INSERT INTO cache_keys (key, result) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET result = ?2";

/// For a result that may be older than the one a key has: it only replaces older ones and those with an evicted artifact.
const PUT_KEY_IF_NEWER: &str = "
INSERT INTO cache_keys (key, result) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET result = ?2
WHERE result < ?2 OR EXISTS (
    SELECT 1 FROM results r JOIN task_outputs o ON o.run = r.run AND o.op = r.op JOIN artifacts a ON a.key = o.artifact
    WHERE r.key = cache_keys.result AND a.present = 0)";

/// A result whose artifacts are all there, by ?1 run, ?2 op, ?3 attempt_no.
const WHOLE_RESULT: &str = "
SELECT r.key FROM results r WHERE r.run = ?1 AND r.op = ?2 AND r.attempt_no = ?3 AND NOT EXISTS (
    SELECT 1 FROM task_outputs o JOIN artifacts a ON a.key = o.artifact
    WHERE o.run = r.run AND o.op = r.op AND a.present = 0)";

const PRESENT_ARTIFACT: &str = "SELECT key FROM artifacts WHERE id = ?1 AND present = 1";
const DESCRIBE: &str = "UPDATE artifacts SET content_id = ?2, stats = ?3 WHERE id = ?1";
const MARK_DURABLE: &str = "UPDATE artifacts SET durable = 1 WHERE id = ?1";
const END_RUN: &str = "UPDATE runs SET state = ?2, ended_at = ?3 WHERE key = ?1 AND state = 'running'";

pub(super) struct Statements<'c> {
    pub dispatch_task: CachedStatement<'c>,
    pub dispatch_and_end_task: CachedStatement<'c>,
    pub end_task: CachedStatement<'c>,
    pub settle_task: CachedStatement<'c>,
    pub insert_attempt: CachedStatement<'c>,
    pub insert_ended_attempt: CachedStatement<'c>,
    pub end_attempt: CachedStatement<'c>,
    pub lose_attempts: CachedStatement<'c>,
    pub insert_result: CachedStatement<'c>,
    pub insert_artifact: CachedStatement<'c>,
    pub insert_output: CachedStatement<'c>,
    pub put_key: CachedStatement<'c>,
    pub put_key_if_newer: CachedStatement<'c>,
    pub whole_result: CachedStatement<'c>,
    pub present_artifact: CachedStatement<'c>,
    pub describe: CachedStatement<'c>,
    pub mark_durable: CachedStatement<'c>,
    pub end_run: CachedStatement<'c>,
}

impl<'c> Statements<'c> {
    pub(super) fn new(connection: &'c Connection, fences: Fences) -> Result<Self> {
        let end_task = match fences.attempt {
            #[cfg(any(test, feature = "planted-defects"))]
            false => END_TASK_UNFENCED,
            _ => END_TASK,
        };
        Ok(Statements {
            dispatch_task: connection.prepare_cached(DISPATCH_TASK)?,
            dispatch_and_end_task: connection.prepare_cached(DISPATCH_AND_END_TASK)?,
            end_task: connection.prepare_cached(end_task)?,
            settle_task: connection.prepare_cached(SETTLE_TASK)?,
            insert_attempt: connection.prepare_cached(INSERT_ATTEMPT)?,
            insert_ended_attempt: connection.prepare_cached(INSERT_ENDED_ATTEMPT)?,
            end_attempt: connection.prepare_cached(END_ATTEMPT)?,
            lose_attempts: connection.prepare_cached(LOSE_ATTEMPTS)?,
            insert_result: connection.prepare_cached(INSERT_RESULT)?,
            insert_artifact: connection.prepare_cached(INSERT_ARTIFACT)?,
            insert_output: connection.prepare_cached(INSERT_OUTPUT)?,
            put_key: connection.prepare_cached(PUT_KEY)?,
            put_key_if_newer: connection.prepare_cached(PUT_KEY_IF_NEWER)?,
            whole_result: connection.prepare_cached(WHOLE_RESULT)?,
            present_artifact: connection.prepare_cached(PRESENT_ARTIFACT)?,
            describe: connection.prepare_cached(DESCRIBE)?,
            mark_durable: connection.prepare_cached(MARK_DURABLE)?,
            end_run: connection.prepare_cached(END_RUN)?,
        })
    }
}
