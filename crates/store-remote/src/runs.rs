//! Runs: created, taken over, asked to stop, listed.

use suanzi_store::implementing::Word;
use suanzi_store::*;

use crate::quarantine::{Quarantine, known, one};
use crate::rows;
use crate::session::{Answer, Fault, Session};
use crate::value::{Read, Row, Value, values};

const COLUMNS: &str = "SELECT r.key, r.run_id, r.dag_version, d.identity, r.state, r.config, r.total, r.token_seed, \
    r.owner, r.owner_epoch, r.cancel_requested, r.seq, r.created_at, r.ended_at, r.dag, v.version \
    FROM runs r JOIN dags d ON d.key = r.dag JOIN dag_versions v ON v.key = r.dag_version";

fn row(row: &Row) -> Read<RunRow> {
    Ok(RunRow {
        key: RunKey(row.unsigned(0)?),
        run_id: row.text(1)?,
        dag_version: DagVersionKey(row.unsigned(2)?),
        dag: DagKey(row.unsigned(14)?),
        version: row.number(15)?,
        dag_identity: row.text(3)?,
        state: row.state(4)?,
        config: row.text(5)?,
        total: row.number(6)?,
        token_seed: row.unsigned(7)?,
        owner: row.text(8)?,
        owner_epoch: row.unsigned(9)?,
        cancel_requested: row.flag(10)?,
        seq: row.unsigned(11)?,
        created_at: row.int(12)?,
        ended_at: row.optional(13, Row::int)?,
    })
}

pub(crate) fn create(session: &mut dyn Session, run: &NewRun, owner: &str) -> Answer<RunKey> {
    let sql = "SELECT dag FROM dag_versions WHERE \"key\" = ?";
    let Some(dag) = session.one(sql, &values![run.dag_version.0])? else {
        return Err(Fault::Store(StoreError::Conflict(format!("there is no DAG version {}", run.dag_version.0))));
    };
    let dag = known("dag_versions", &dag, |row| row.int(0))?;
    if session.one("SELECT \"key\" FROM runs WHERE run_id = ?", &values![&run.run_id])?.is_some() {
        return Err(Fault::Store(StoreError::Conflict(format!("run {} exists already", run.run_id))));
    }
    let key = session.insert(
        "INSERT INTO runs (run_id, dag, dag_version, state, config, total, token_seed, owner, owner_epoch, \
         cancel_requested, seq, created_at) VALUES (?, ?, ?, 'running', ?, ?, ?, ?, 1, 0, 0, ?)",
        &values![&run.run_id, dag, run.dag_version.0, &run.config, run.total, run.token_seed, owner, run.created_at],
    )?;
    Ok(RunKey(key as u64))
}

pub(crate) fn claim(
    session: &mut dyn Session,
    quarantine: &Quarantine,
    owner: &str,
    only: Option<RunKey>,
) -> Answer<Vec<RunRow>> {
    let mut sql = "SELECT \"key\" FROM runs WHERE state = 'running' AND owner <> ?".to_string();
    let mut params = values![owner].to_vec();
    if let Some(run) = only {
        sql.push_str(" AND \"key\" = ?");
        params.push(run.0.into());
    }
    sql.push_str(" ORDER BY \"key\" FOR UPDATE");
    let keys: Vec<Value> =
        session.query(&sql, &params)?.into_iter().filter_map(|row| row.0.into_iter().next()).collect();
    let open = rows::select_in(session, &format!("{COLUMNS} WHERE r.key IN ({{}}) ORDER BY r.key"), 1, &keys)?;
    let mut claimed = quarantine.keep("runs", open, row);
    let mut mine = values![owner].to_vec();
    mine.extend(claimed.iter().map(|run| Value::from(run.key.0)));
    for chunk in mine[1..].chunks(rows::CHUNK_ROWS) {
        let sql = format!(
            "UPDATE runs SET owner = ?, owner_epoch = owner_epoch + 1 WHERE \"key\" IN ({})",
            rows::marks(chunk.len())
        );
        session.execute(&sql, &[&mine[..1], chunk].concat())?;
    }
    for run in &mut claimed {
        run.owner = owner.to_string();
        run.owner_epoch += 1;
    }
    Ok(claimed)
}

pub(crate) fn by_key(session: &mut dyn Session, run: RunKey) -> Answer<Option<RunRow>> {
    one(session, "runs", &format!("{COLUMNS} WHERE r.key = ?"), &values![run.0], row)
}

pub(crate) fn by_id(session: &mut dyn Session, run_id: &str) -> Answer<Option<RunRow>> {
    one(session, "runs", &format!("{COLUMNS} WHERE r.run_id = ?"), &values![run_id], row)
}

pub(crate) fn list(session: &mut dyn Session, quarantine: &Quarantine, filter: &RunFilter) -> Answer<Vec<RunRow>> {
    let (mut sql, mut params) = (format!("{COLUMNS} WHERE 1 = 1"), Vec::new());
    if let Some(before) = filter.before {
        sql.push_str(" AND r.key < ?");
        params.push(Value::Int(i64::try_from(before.0).unwrap_or(i64::MAX)));
    }
    if let Some(identity) = &filter.dag_identity {
        sql.push_str(" AND r.dag = (SELECT \"key\" FROM dags WHERE identity = ?)");
        params.push(identity.into());
    }
    if !filter.states.is_empty() {
        let all = [RunState::Running, RunState::Success, RunState::Failed, RunState::Cancelled];
        let words = all.iter().filter(|state| filter.states.contains(state)).map(|state| state.word());
        let list: Vec<String> = words.map(|word| format!("'{word}'")).collect();
        sql.push_str(&format!(" AND r.state IN ({})", list.join(", ")));
    }
    let limit = if filter.limit == 0 { RUNS_PAGE_MAX_ROWS } else { filter.limit.min(RUNS_PAGE_MAX_ROWS) };
    sql.push_str(&format!(" ORDER BY r.key DESC LIMIT {limit}"));
    quarantine.list(session, "runs", &sql, &params, row)
}

pub(crate) fn request_cancel(session: &mut dyn Session, run: RunKey) -> Answer<()> {
    let sql = "UPDATE runs SET cancel_requested = 1 WHERE \"key\" = ? AND state = 'running'";
    if session.execute(sql, &values![run.0])? > 0 {
        return Ok(());
    }
    match session.one("SELECT \"key\" FROM runs WHERE \"key\" = ?", &values![run.0])? {
        Some(_) => Ok(()),
        None => Err(Fault::Store(StoreError::Conflict(format!("there is no run {}", run.0)))),
    }
}
