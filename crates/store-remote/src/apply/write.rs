//! Writes what a batch came to, a few statements of many rows per table.

use std::collections::HashMap;

use suanzi_store::implementing::Word;
use suanzi_store::*;

use super::{ArtifactRef, Desk, ResultRef};
use crate::quarantine::known;
use crate::rows;
use crate::session::{Answer, Clash, Fault, Session};
use crate::value::{Row, Value, values};

pub(super) fn all(session: &mut dyn Session, batch: &Batch, desk: &mut Desk) -> Answer<()> {
    let artifact_keys = artifacts(session, desk)?;
    let result_keys = results(session, desk)?;
    outputs(session, desk, &artifact_keys)?;
    tasks(session, desk)?;
    attempts(session, desk)?;
    cache_keys(session, desk, &result_keys)?;
    facts(session, desk)?;
    runs(session, batch, desk)
}

fn missing(what: &str) -> Fault {
    Fault::Store(StoreError::Database(format!("{what} that was just inserted isn't there")))
}

/// The keys of the new ones, in their order: a server needn't say which key each of many rows got.
fn artifacts(session: &mut dyn Session, desk: &Desk) -> Answer<Vec<i64>> {
    let columns = [
        "id",
        "run",
        "op",
        "port_type",
        "path",
        "inline",
        "bytes",
        "\"rows\"",
        "manifest",
        "identity",
        "content_id",
        "stats",
        "durable",
        "present",
        "created_at",
        "last_used",
    ];
    let fresh = desk.fresh_artifacts.iter().map(|a| {
        let ((run, op), new) = (a.task, a.new);
        let (content_id, stats) = a.described.unzip();
        values![
            &new.id.0,
            run.0,
            op,
            &new.port_type,
            &new.path,
            new.inline.as_ref(),
            new.bytes,
            new.rows,
            &new.manifest,
            new.identity.as_ref(),
            content_id,
            stats,
            a.durable,
            true,
            a.created_at,
            a.created_at
        ]
    });
    rows::insert(session, "artifacts", &columns, Clash::Fault, fresh)?;
    let ids: Vec<Value> = desk.fresh_artifacts.iter().map(|artifact| Value::from(&artifact.new.id.0)).collect();
    let mut keys = HashMap::new();
    for row in rows::select_in(session, "SELECT id, \"key\" FROM artifacts WHERE id IN ({})", 1, &ids)? {
        let (id, key) = known("artifacts", &row, |row| Ok((row.text(0)?, row.int(1)?)))?;
        keys.insert(id, key);
    }
    desk.fresh_artifacts.iter().map(|a| keys.get(&a.new.id.0).copied().ok_or_else(|| missing("an artifact"))).collect()
}

fn results(session: &mut dyn Session, desk: &Desk) -> Answer<Vec<i64>> {
    let fresh = desk.fresh_results.iter();
    let fresh = fresh.map(|((run, op), attempt_no, hash)| values![run.0, *op, *attempt_no, hash.as_ref()]);
    rows::insert(session, "results", &["run", "op", "attempt_no", "self_hash"], Clash::Fault, fresh)?;
    let pairs: Vec<Value> = desk.fresh_results.iter().flat_map(|((run, op), _, _)| values![run.0, *op]).collect();
    let mut keys = HashMap::new();
    for row in rows::select_in(session, "SELECT \"key\", run, op FROM results WHERE (run, op) IN ({})", 2, &pairs)? {
        let read = |row: &Row| Ok(((RunKey(row.unsigned(1)?), row.number::<u32>(2)?), row.int(0)?));
        let (task, key) = known("results", &row, read)?;
        keys.insert(task, key);
    }
    desk.fresh_results.iter().map(|(task, ..)| keys.get(task).copied().ok_or_else(|| missing("a result"))).collect()
}

fn outputs(session: &mut dyn Session, desk: &Desk, keys: &[i64]) -> Answer<()> {
    let rows = desk.outputs.iter().map(|((run, op), port, artifact)| {
        let artifact = match artifact {
            ArtifactRef::Kept(key) => *key,
            ArtifactRef::Fresh(at) => keys[*at],
        };
        values![run.0, *op, *port, artifact]
    });
    rows::insert(session, "task_outputs", &["run", "op", "port", "artifact"], Clash::Fault, rows)
}

fn tasks(session: &mut dyn Session, desk: &Desk) -> Answer<()> {
    let columns = ["run", "op", "state", "attempt_no", "token", "failures", "seq", "changed_at"];
    let mut changed: Vec<_> = desk.tasks.iter().filter(|(_, task)| task.changed).collect();
    changed.sort_unstable_by_key(|(id, _)| **id);
    let rows = changed.into_iter().map(|((run, op), t)| {
        values![run.0, *op, t.state.word(), t.attempt_no, t.token, t.failures, t.seq, t.changed_at]
    });
    rows::insert(session, "tasks", &columns, Clash::Overwrite(&["run", "op"], &columns[2..]), rows)
}

/// Where the attempt began earlier its row is there: only the end's columns are written over.
fn attempts(session: &mut dyn Session, desk: &Desk) -> Answer<()> {
    let columns = [
        "run",
        "op",
        "attempt_no",
        "token",
        "dispatched_at",
        "state",
        "ended_at",
        "wall_us",
        "cpu_us",
        "peak_rss_bytes",
        "worker",
        "failure",
        "log_file",
        "log_start",
        "log_end",
        "history_key",
    ];
    let rows = desk.attempts.iter().map(|((run, op, attempt_no), attempt)| {
        let nothing = AttemptEnd::default();
        let (state, at, (end, history_key)) = match &attempt.end {
            None => (AttemptState::Running, None, (&nothing, "")),
            Some((state, at, end)) => (*state, Some(*at), end.unwrap_or((&nothing, ""))),
        };
        values![
            run.0,
            *op,
            *attempt_no,
            attempt.token,
            attempt.dispatched_at,
            state.word(),
            at,
            end.wall_us,
            end.cpu_us,
            end.peak_rss_bytes,
            &end.worker,
            &end.failure,
            end.log_file,
            end.log_start,
            end.log_end,
            history_key
        ]
    });
    let clash = Clash::Overwrite(&["run", "op", "attempt_no"], &columns[5..]);
    rows::insert(session, "attempts", &columns, clash, rows)
}

fn cache_keys(session: &mut dyn Session, desk: &Desk, keys: &[i64]) -> Answer<()> {
    let changed = desk.keys.iter().filter(|(_, keyed)| keyed.changed).map(|(key, keyed)| {
        let result = match keyed.result {
            ResultRef::Kept(key) => key,
            ResultRef::Fresh(at) => keys[at],
        };
        values![key, result]
    });
    let clash = Clash::Overwrite(&["\"key\""], &["result"]);
    rows::insert(session, "cache_keys", &["\"key\"", "result"], clash, changed)
}

fn facts(session: &mut dyn Session, desk: &Desk) -> Answer<()> {
    for (key, content_id, stats) in &desk.described {
        let sql = "UPDATE artifacts SET content_id = ?, stats = ? WHERE \"key\" = ?";
        session.execute(sql, &values![*content_id, *stats, *key])?;
    }
    let durable: Vec<Value> = desk.durable.iter().copied().map(Value::from).collect();
    rows::change_in(session, "UPDATE artifacts SET durable = 1 WHERE \"key\" IN ({})", 1, &durable)?;
    Ok(())
}

/// The fence once more, in the statement itself: a run that isn't this owner's any more fails the whole batch.
fn runs(session: &mut dyn Session, batch: &Batch, desk: &Desk) -> Answer<()> {
    for (run, epoch) in &batch.runs {
        let Some(Some(own)) = desk.runs.get(run) else { continue };
        if own.seq == own.seq_in_database && own.ended.is_none() {
            continue;
        }
        let sql = match own.ended {
            Some(_) => {
                "UPDATE runs SET seq = ?, state = ?, ended_at = ? WHERE \"key\" = ? AND owner = ? AND owner_epoch = ?"
            }
            None => "UPDATE runs SET seq = ? WHERE \"key\" = ? AND owner = ? AND owner_epoch = ?",
        };
        let mut params = values![own.seq].to_vec();
        if let Some((state, at)) = own.ended {
            params.extend(values![state.word(), at]);
        }
        params.extend(values![run.0, batch.owner.as_str(), *epoch]);
        if session.execute(sql, &params)? != 1 {
            return Err(Fault::Again(format!("run {} changed its owner under a lock", run.0)));
        }
    }
    Ok(())
}
