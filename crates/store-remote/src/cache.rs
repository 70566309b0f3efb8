//! Results found again by what they were computed from.

use std::collections::{HashMap, HashSet};

use suanzi_store::{ArtifactRow, CacheKey, CachedResult, RunKey};

use crate::artifacts;
use crate::quarantine::Quarantine;
use crate::rows;
use crate::session::{Answer, Session};
use crate::value::{Value, values};

/// Outputs of a task, by port.
type Ports = Vec<(u16, ArtifactRow)>;

/// A result that can't be read whole is no result: computing again is always right.
pub(crate) fn lookup(
    session: &mut dyn Session,
    quarantine: &Quarantine,
    keys: &[CacheKey],
) -> Answer<Vec<Option<CachedResult>>> {
    let sql = "SELECT r.run, r.op, runs.run_id, t.wall_us, k.key \
               FROM cache_keys k JOIN results r ON r.key = k.result JOIN runs ON runs.key = r.run \
               JOIN attempts t ON t.run = r.run AND t.op = r.op AND t.attempt_no = r.attempt_no WHERE k.key IN ({})";
    let rows = rows::select_in(session, sql, 1, &different(keys))?;
    let found = quarantine.keep("results of run", rows, |row| {
        let result = CachedResult {
            run: RunKey(row.unsigned(0)?),
            op: row.number(1)?,
            run_id: row.text(2)?,
            outputs: Vec::new(),
            wall_us: row.unsigned(3)?,
        };
        Ok((row.hash(4)?, result))
    });
    let mut tasks: Vec<(RunKey, u32)> = found.iter().map(|(_, result)| (result.run, result.op)).collect();
    tasks.sort_unstable();
    tasks.dedup();
    let pairs: Vec<Value> = tasks.iter().flat_map(|(run, op)| values![run.0, *op]).collect();
    let sql = format!(
        "SELECT o.port, o.run, o.op, {} FROM task_outputs o LEFT JOIN artifacts a ON a.key = o.artifact \
         WHERE (o.run, o.op) IN ({{}}) ORDER BY o.run, o.op, o.port",
        artifacts::COLUMNS
    );
    let rows = rows::select_in(session, &sql, 2, &pairs)?;
    let read = quarantine.keep("cached outputs, port", rows, |row| {
        let task = (RunKey(row.unsigned(1)?), row.number::<u32>(2)?);
        Ok((task, artifacts::row_from(row, 3).and_then(|artifact| Ok((row.number::<u16>(0)?, artifact)))))
    });
    let mut outputs: HashMap<(RunKey, u32), Option<Ports>> = HashMap::new();
    for (task, output) in read {
        let ports = outputs.entry(task).or_insert_with(|| Some(Vec::new()));
        match output {
            Ok((port, artifact)) if artifact.present => ports.iter_mut().for_each(|p| p.push((port, artifact.clone()))),
            _ => *ports = None,
        }
    }
    let mut results = HashMap::new();
    for (key, mut result) in found {
        match outputs.get(&(result.run, result.op)) {
            Some(Some(ports)) => result.outputs = ports.clone(),
            Some(None) => continue,
            None => {}
        }
        results.insert(key, result);
    }
    Ok(keys.iter().map(|key| results.get(key).cloned()).collect())
}

pub(crate) fn has_self_hash(session: &mut dyn Session, hashes: &[CacheKey]) -> Answer<Vec<bool>> {
    let sql = "SELECT DISTINCT self_hash FROM results WHERE self_hash IN ({})";
    let rows = rows::select_in(session, sql, 1, &different(hashes))?;
    let known: HashSet<CacheKey> = rows.iter().filter_map(|row| row.hash(0).ok()).collect();
    Ok(hashes.iter().map(|hash| known.contains(hash)).collect())
}

pub(crate) fn forget(session: &mut dyn Session, keys: &[CacheKey]) -> Answer<u64> {
    rows::change_in(session, "DELETE FROM cache_keys WHERE \"key\" IN ({})", 1, &different(keys))
}

fn different(keys: &[CacheKey]) -> Vec<Value> {
    let mut seen = HashSet::new();
    keys.iter().filter(|key| seen.insert(**key)).map(Value::from).collect()
}
