//! Reads what a batch is judged over.

use std::collections::HashSet;

use suanzi_store::*;

use super::{Artifact, ArtifactRef, Desk, Keyed, OwnRun, PublishedResult, ResultRef, Task};
use crate::quarantine::known;
use crate::rows;
use crate::session::{Answer, Session};
use crate::value::{Row, Value, values};

/// Locks the batch's runs, in one order for everybody, and sees whose they are.
pub(super) fn owners<'b>(session: &mut dyn Session, batch: &'b Batch, desk: &mut Desk<'b>) -> Answer<()> {
    let mut keys: Vec<u64> = batch.runs.iter().map(|(run, _)| run.0).collect();
    keys.sort_unstable();
    keys.dedup();
    let keys: Vec<Value> = keys.into_iter().map(Value::from).collect();
    let sql =
        "SELECT \"key\", owner, owner_epoch, state, seq FROM runs WHERE \"key\" IN ({}) ORDER BY \"key\" FOR UPDATE";
    let mut found = std::collections::HashMap::new();
    for row in rows::select_in(session, sql, 1, &keys)? {
        let read = |row: &Row| {
            Ok((RunKey(row.unsigned(0)?), (row.text(1)?, row.unsigned(2)?, row.text(3)?, row.unsigned(4)?)))
        };
        let (run, what) = known("runs", &row, read)?;
        found.insert(run, what);
    }
    for (run, epoch) in &batch.runs {
        match found.get(run) {
            Some((owner, at, state, seq)) if *owner == batch.owner && at == epoch => {
                let own = OwnRun { running: state == "running", ended: None, seq: *seq, seq_in_database: *seq };
                if !matches!(desk.runs.get(run), Some(None)) {
                    desk.runs.insert(*run, Some(own));
                }
            }
            _ => refuse(desk, *run),
        }
    }
    for record in &batch.records {
        if !desk.runs.contains_key(&record.run()) {
            refuse(desk, record.run());
        }
    }
    Ok(())
}

fn refuse(desk: &mut Desk, run: RunKey) {
    if !matches!(desk.runs.insert(run, None), Some(None)) {
        desk.outcome.refused.push(run);
    }
}

/// Rows of tasks, artifacts, results and cache keys that the records of accepted runs name.
pub(super) fn rows<'b>(session: &mut dyn Session, batch: &'b Batch, desk: &mut Desk<'b>) -> Answer<()> {
    let (mut of_tasks, mut of_results) = (HashSet::new(), HashSet::new());
    let (mut names, mut keys): (HashSet<&'b str>, HashSet<CacheKey>) = Default::default();
    for record in batch.records.iter().filter(|record| matches!(desk.runs.get(&record.run()), Some(Some(_)))) {
        match record {
            StoreRecord::Dispatched { run, op, .. } => _ = of_tasks.insert((*run, *op)),
            StoreRecord::Ended { run, op, result, .. } => {
                of_tasks.insert((*run, *op));
                names.extend(result.iter().flat_map(|result| &result.outputs).map(|output| output.id.0.as_str()));
            }
            StoreRecord::Settled { run, op, outputs, .. } => {
                of_tasks.insert((*run, *op));
                names.extend(outputs.iter().map(|(_, id)| id.0.as_str()));
            }
            StoreRecord::Described { artifact, .. } => _ = names.insert(&artifact.0),
            StoreRecord::Durable { artifacts, .. } => names.extend(artifacts.iter().map(|id| id.0.as_str())),
            StoreRecord::Keyed { run, op, keys: more, .. } => {
                of_results.insert((*run, *op));
                keys.extend(more);
            }
            StoreRecord::RunEnded { .. } => {}
        }
    }
    tasks(session, of_tasks, desk)?;
    artifacts(session, names, desk)?;
    results(session, of_results, desk)?;
    cache_keys(session, keys, desk)
}

fn pairs(tasks: HashSet<(RunKey, u32)>) -> Vec<Value> {
    let mut tasks: Vec<_> = tasks.into_iter().collect();
    tasks.sort_unstable();
    tasks.into_iter().flat_map(|(run, op)| values![run.0, op]).collect()
}

fn tasks(session: &mut dyn Session, wanted: HashSet<(RunKey, u32)>, desk: &mut Desk) -> Answer<()> {
    let sql = "SELECT run, op, state, attempt_no, token, failures, seq, changed_at FROM tasks WHERE (run, op) IN ({})";
    for row in rows::select_in(session, sql, 2, &pairs(wanted))? {
        let read = |row: &Row| {
            let task = Task {
                state: row.state(2)?,
                attempt_no: row.number(3)?,
                token: row.unsigned(4)?,
                failures: row.number(5)?,
                seq: row.unsigned(6)?,
                changed_at: row.int(7)?,
                changed: false,
            };
            Ok(((RunKey(row.unsigned(0)?), row.number(1)?), task))
        };
        let (id, task) = known("tasks of run", &row, read)?;
        desk.tasks.insert(id, task);
    }
    Ok(())
}

fn artifacts<'b>(session: &mut dyn Session, wanted: HashSet<&'b str>, desk: &mut Desk<'b>) -> Answer<()> {
    let params: Vec<Value> = wanted.iter().map(|id| Value::from(*id)).collect();
    // Locked, so that what a settled task takes over isn't evicted meanwhile.
    let sql = "SELECT \"key\", id, present FROM artifacts WHERE id IN ({}) ORDER BY \"key\" FOR UPDATE";
    for row in rows::select_in(session, sql, 1, &params)? {
        let (key, id, present) = known("artifacts", &row, |row| Ok((row.int(0)?, row.text(1)?, row.flag(2)?)))?;
        if let Some(id) = wanted.get(id.as_str()) {
            desk.artifacts.insert(id, Artifact { at: ArtifactRef::Kept(key), present });
        }
    }
    Ok(())
}

/// Of a result `r`: one of its artifacts is gone.
const BROKEN: &str = "EXISTS (SELECT 1 FROM task_outputs o JOIN artifacts a ON a.key = o.artifact \
                      WHERE o.run = r.run AND o.op = r.op AND a.present = 0)";

fn results(session: &mut dyn Session, wanted: HashSet<(RunKey, u32)>, desk: &mut Desk) -> Answer<()> {
    let sql = format!(
        "SELECT r.key, r.run, r.op, r.attempt_no, CASE WHEN {BROKEN} THEN 0 ELSE 1 END FROM results r \
         WHERE (r.run, r.op) IN ({{}})"
    );
    for row in rows::select_in(session, &sql, 2, &pairs(wanted))? {
        let read = |row: &Row| {
            let at = ResultRef::Kept(row.int(0)?);
            let result = PublishedResult { at, attempt_no: row.number(3)?, whole: row.flag(4)? };
            Ok(((RunKey(row.unsigned(1)?), row.number(2)?), result))
        };
        let (task, result) = known("results", &row, read)?;
        desk.results.insert(task, result);
    }
    Ok(())
}

fn cache_keys(session: &mut dyn Session, wanted: HashSet<CacheKey>, desk: &mut Desk) -> Answer<()> {
    let params: Vec<Value> = wanted.iter().map(Value::from).collect();
    let sql = format!(
        "SELECT k.key, k.result, CASE WHEN {BROKEN} THEN 0 ELSE 1 END FROM cache_keys k \
         LEFT JOIN results r ON r.key = k.result WHERE k.key IN ({{}})"
    );
    for row in rows::select_in(session, &sql, 1, &params)? {
        let read = |row: &Row| {
            let result = ResultRef::Kept(row.int(1)?);
            Ok((row.hash(0)?, Keyed { result, whole: row.flag(2)?, changed: false }))
        };
        let (key, keyed) = known("cache_keys", &row, read)?;
        desk.keys.insert(key, keyed);
    }
    Ok(())
}
