//! A run as the database of a stopped engine has it.

use super::database::{Database, Row};
use std::collections::BTreeMap;
use std::str::FromStr;

#[derive(Debug, Default, Clone)]
pub struct RunRows {
    pub state: String,
    /// Operator → its task.
    pub tasks: BTreeMap<String, Task>,
    /// Operator → its attempts: number and state.
    pub attempts: BTreeMap<String, Vec<(u32, String)>>,
    pub outputs: Vec<Output>,
    /// Operators whose model has a version, once for each version.
    pub registered: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub state: String,
    pub attempt_no: u32,
}

#[derive(Debug, Clone)]
pub struct Output {
    pub operator: String,
    pub artifact: String,
    /// Below the home's `artifacts`; empty for inline ones.
    pub path: String,
    pub inline: Option<Vec<u8>>,
    pub bytes: u64,
    pub durable: bool,
    pub present: bool,
}

/// The newest run and whether it goes on, or `None` where there is none yet.
pub fn newest(database: &Database) -> Result<Option<(String, bool)>, String> {
    if database.is_new()? {
        return Ok(None);
    }
    let rows = database.rows("SELECT r.run_id, r.state FROM runs r ORDER BY r.key DESC LIMIT 1")?;
    rows.first().map(|row| Ok((text(row, 0)?, text(row, 1)? == "running"))).transpose()
}

const OF_RUN: &str =
    "FROM runs r JOIN %T t ON t.run = r.key JOIN operators o ON o.dag_version = r.dag_version AND o.op = t.op";

pub fn load(database: &Database, run_id: &str) -> Result<RunRows, String> {
    read(database, run_id).map_err(|e| format!("run {run_id}: {e}"))
}

/// Ids of runs have letters, digits and hyphens alone.
fn read(database: &Database, run_id: &str) -> Result<RunRows, String> {
    let of_run = |columns: &str, table: &str, more: &str| {
        let from = OF_RUN.replace("%T", table);
        database.rows(&format!("SELECT {columns} {from} {more} WHERE r.run_id = '{run_id}' ORDER BY 1, 2"))
    };
    let state = database.rows(&format!("SELECT r.state FROM runs r WHERE r.run_id = '{run_id}'"))?;
    let mut rows = RunRows { state: text(state.first().ok_or("it is gone")?, 0)?, ..RunRows::default() };
    for row in of_run("o.operator_id, t.state, t.attempt_no", "tasks", "")? {
        rows.tasks.insert(text(&row, 0)?, Task { state: text(&row, 1)?, attempt_no: number(&row, 2)? });
    }
    for row in of_run("o.operator_id, t.attempt_no, t.state", "attempts", "")? {
        rows.attempts.entry(text(&row, 0)?).or_default().push((number(&row, 1)?, text(&row, 2)?));
    }
    let inline = database.text_of("a.inline");
    let columns = format!("o.operator_id, a.id, a.path, {inline}, a.bytes, a.durable, a.present");
    for row in of_run(&columns, "task_outputs", "JOIN artifacts a ON a.key = t.artifact")? {
        rows.outputs.push(Output {
            operator: text(&row, 0)?,
            artifact: text(&row, 1)?,
            path: text(&row, 2)?,
            inline: row[3].clone().map(String::into_bytes),
            bytes: number(&row, 4)?,
            durable: text(&row, 5)? == "1",
            present: text(&row, 6)? == "1",
        });
    }
    for row in of_run("o.operator_id, t.version", "model_versions", "")? {
        rows.registered.push(text(&row, 0)?);
    }
    Ok(rows)
}

fn text(row: &Row, at: usize) -> Result<String, String> {
    row.get(at).cloned().flatten().ok_or_else(|| format!("nothing in column {at} of {row:?}"))
}

fn number<T: FromStr>(row: &Row, at: usize) -> Result<T, String> {
    text(row, at)?.parse().map_err(|_| format!("no number in column {at} of {row:?}"))
}
