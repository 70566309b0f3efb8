//! Versions of DAGs.

use std::collections::HashSet;

use suanzi_store::{DagKey, DagVersionKey, DagVersionRow, NewDagVersion, StoreError};

use crate::quarantine::{known, one};
use crate::rows;
use crate::session::{Answer, Clash, Fault, Session};
use crate::value::values;

pub(crate) fn put_version(session: &mut dyn Session, version: &NewDagVersion) -> Answer<DagVersionKey> {
    let find = "SELECT \"key\" FROM dags WHERE identity = ? FOR UPDATE";
    let dag = match session.one(find, &values![&version.identity])? {
        Some(row) => known("dags", &row, |row| row.int(0))?,
        None => insert_dag(session, &version.identity, "")?,
    };
    let newest = "SELECT \"key\", version, source_hash FROM dag_versions WHERE dag = ? ORDER BY version DESC LIMIT 1";
    let newest = one(session, "dag_versions", newest, &values![dag], |row| {
        Ok((row.unsigned(0)?, row.number::<u32>(1)?, row.text(2)?))
    })?;
    let number = match newest {
        Some((key, _, hash)) if hash == version.source_hash => return Ok(DagVersionKey(key)),
        Some((_, number, _)) => number + 1,
        None => 1,
    };
    // Told before anything is written: a taken key would look like a lost race.
    let mut seen = HashSet::new();
    if let Some(twice) = version.operators.iter().find(|operator| !seen.insert(operator.op)) {
        let why = format!("operator {} appears twice in {}", twice.op, version.identity);
        return Err(Fault::Store(StoreError::Conflict(why)));
    }
    let key = session.insert(
        "INSERT INTO dag_versions (dag, version, source, source_hash, created_at) VALUES (?, ?, ?, ?, ?)",
        &values![dag, number, &version.source, &version.source_hash, version.created_at],
    )?;
    rows::insert(
        session,
        "operators",
        &["dag_version", "op", "operator_id", "algo_name", "category", "inputs", "outputs", "params", "config"],
        Clash::Fault,
        version.operators.iter().map(|o| {
            values![key, o.op, &o.operator_id, &o.algo_name, &o.category, &o.inputs, &o.outputs, &o.params, &o.config]
        }),
    )?;
    rows::insert(
        session,
        "relations",
        &["dag_version", "position", "source", "source_index", "target", "target_index"],
        Clash::Fault,
        version
            .relations
            .iter()
            .enumerate()
            .map(|(position, r)| values![key, position as u64, r.source, r.source_index, r.target, r.target_index]),
    )?;
    Ok(DagVersionKey(key as u64))
}

pub(crate) fn insert_dag(session: &mut dyn Session, identity: &str, title: &str) -> Answer<i64> {
    session.insert(
        "INSERT INTO dags (identity, title, hidden, draft_revision, draft_at) VALUES (?, ?, 0, 0, 0)",
        &values![identity, title],
    )
}

pub(crate) fn version(session: &mut dyn Session, key: DagVersionKey) -> Answer<Option<DagVersionRow>> {
    let sql = "SELECT v.key, d.identity, v.version, v.source, v.source_hash, v.created_at, v.dag \
               FROM dag_versions v JOIN dags d ON d.key = v.dag WHERE v.key = ?";
    one(session, "dag_versions", sql, &values![key.0], |row| {
        Ok(DagVersionRow {
            key,
            dag: DagKey(row.unsigned(6)?),
            identity: row.text(1)?,
            version: row.number(2)?,
            source: row.text(3)?,
            source_hash: row.text(4)?,
            created_at: row.int(5)?,
        })
    })
}
