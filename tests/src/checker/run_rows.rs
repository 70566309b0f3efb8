//! A run as the database of a stopped engine has it.

use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Debug, Default, Clone)]
pub struct RunRows {
    pub state: String,
    /// Operator → its task.
    pub tasks: BTreeMap<String, Task>,
    /// Operator → its attempts: number and state.
    pub attempts: BTreeMap<String, Vec<(u32, String)>>,
    pub outputs: Vec<Output>,
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

fn open(home: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(home.join("suanzi.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// The newest run and whether it goes on, or `None` where there is none yet.
pub fn newest(home: &Path) -> Result<Option<(String, bool)>, String> {
    if !home.join("suanzi.db").exists() {
        return Ok(None);
    }
    let find = || -> rusqlite::Result<Option<(String, bool)>> {
        let db = open(home)?;
        let tables: u32 =
            db.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'runs'", [], |row| row.get(0))?;
        if tables == 0 {
            return Ok(None);
        }
        let mut statement = db.prepare("SELECT run_id, state = 'running' FROM runs ORDER BY key DESC LIMIT 1")?;
        let mut rows = statement.query([])?;
        rows.next()?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    };
    find().map_err(|e| format!("the database can't be read: {e}"))
}

const OF_RUN: &str =
    "FROM runs r JOIN %T t ON t.run = r.key JOIN operators o ON o.dag_version = r.dag_version AND o.op = t.op";

pub fn load(home: &Path, run_id: &str) -> Result<RunRows, String> {
    read(home, run_id).map_err(|e| format!("run {run_id} can't be read from the database: {e}"))
}

fn read(home: &Path, run_id: &str) -> rusqlite::Result<RunRows> {
    let db = open(home)?;
    let mut rows = RunRows {
        state: db.query_row("SELECT state FROM runs WHERE run_id = ?1", [run_id], |row| row.get(0))?,
        ..RunRows::default()
    };
    let from = |table: &str| OF_RUN.replace("%T", table);
    let sql = format!("SELECT o.operator_id, t.state, t.attempt_no {} WHERE r.run_id = ?1", from("tasks"));
    let mut statement = db.prepare(&sql)?;
    let mut found = statement.query([run_id])?;
    while let Some(row) = found.next()? {
        rows.tasks.insert(row.get(0)?, Task { state: row.get(1)?, attempt_no: row.get(2)? });
    }
    let sql = format!(
        "SELECT o.operator_id, t.attempt_no, t.state {} WHERE r.run_id = ?1 ORDER BY t.op, t.attempt_no",
        from("attempts")
    );
    let mut statement = db.prepare(&sql)?;
    let mut found = statement.query([run_id])?;
    while let Some(row) = found.next()? {
        rows.attempts.entry(row.get(0)?).or_default().push((row.get(1)?, row.get(2)?));
    }
    let sql = format!(
        "SELECT o.operator_id, a.id, a.path, a.inline, a.bytes, a.durable, a.present {} JOIN artifacts a ON a.key = t.artifact WHERE r.run_id = ?1",
        from("task_outputs")
    );
    let mut statement = db.prepare(&sql)?;
    let mut found = statement.query([run_id])?;
    while let Some(row) = found.next()? {
        rows.outputs.push(Output {
            operator: row.get(0)?,
            artifact: row.get(1)?,
            path: row.get(2)?,
            inline: row.get(3)?,
            bytes: row.get::<_, i64>(4)? as u64,
            durable: row.get(5)?,
            present: row.get(6)?,
        });
    }
    Ok(rows)
}
