//! The database of a home as plain SQL sees it.

use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::path::Path;

/// One attempt of one operator.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub operator: String,
    pub attempt_no: u32,
    pub state: String,
    /// Milliseconds since 1970.
    pub dispatched_at: i64,
    pub ended_at: Option<i64>,
}

/// One operator of a run, as it stands.
#[derive(Debug, Clone)]
pub struct Task {
    pub operator: String,
    pub state: String,
    /// Rises with each change of state in a run.
    pub seq: i64,
    pub changed_at: i64,
}

/// Opens a home's database for reading alone.
pub fn open(home: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(home.join("suanzi.db"), flags).expect("the home has a database")
}

/// How many runs were ever begun; 0 where there is no database.
pub fn runs(home: &Path) -> u32 {
    if !home.join("suanzi.db").exists() {
        return 0;
    }
    open(home).query_row("SELECT count(*) FROM runs", [], |row| row.get(0)).expect("runs can be counted")
}

/// All attempts of a run, by dispatch.
pub fn attempts(home: &Path, run_id: &str) -> Vec<Attempt> {
    let db = open(home);
    let mut statement = db
        .prepare(
            "SELECT o.operator_id, a.attempt_no, a.state, a.dispatched_at, a.ended_at
             FROM runs r JOIN attempts a ON a.run = r.key
             JOIN operators o ON o.dag_version = r.dag_version AND o.op = a.op
             WHERE r.run_id = ?1 ORDER BY a.dispatched_at, a.op",
        )
        .expect("the tables are as documented");
    let rows = statement.query_map([run_id], |row| {
        Ok(Attempt {
            operator: row.get(0)?,
            attempt_no: row.get(1)?,
            state: row.get(2)?,
            dispatched_at: row.get(3)?,
            ended_at: row.get(4)?,
        })
    });
    rows.and_then(|rows| rows.collect()).expect("attempts can be read")
}

/// All tasks of a run, by their last change.
pub fn tasks(home: &Path, run_id: &str) -> Vec<Task> {
    let db = open(home);
    let mut statement = db
        .prepare(
            "SELECT o.operator_id, t.state, t.seq, t.changed_at
             FROM runs r JOIN tasks t ON t.run = r.key
             JOIN operators o ON o.dag_version = r.dag_version AND o.op = t.op
             WHERE r.run_id = ?1 ORDER BY t.seq",
        )
        .expect("the tables are as documented");
    let rows = statement.query_map([run_id], |row| {
        Ok(Task { operator: row.get(0)?, state: row.get(1)?, seq: row.get(2)?, changed_at: row.get(3)? })
    });
    rows.and_then(|rows| rows.collect()).expect("tasks can be read")
}

/// What an attempt printed.
#[derive(Debug, Clone)]
pub struct Log {
    pub operator: String,
    pub bytes: Vec<u8>,
}

/// The bytes of each attempt of a run, cut out of the workers' log files by the offsets in the database.
pub fn logs(home: &Path, run_id: &str) -> Vec<Log> {
    let db = open(home);
    let mut statement = db
        .prepare(
            "SELECT o.operator_id, a.log_file, a.log_start, a.log_end
             FROM runs r JOIN attempts a ON a.run = r.key
             JOIN operators o ON o.dag_version = r.dag_version AND o.op = a.op
             WHERE r.run_id = ?1",
        )
        .expect("the tables are as documented");
    let read = statement.query_map([run_id], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, isize>(2)?, row.get::<_, isize>(3)?))
    });
    let read: Vec<_> = read.and_then(|rows| rows.collect()).expect("attempts can be read");
    let mut files: BTreeMap<i64, Vec<u8>> = BTreeMap::new();
    let mut logs = Vec::new();
    for (operator, file, start, end) in read {
        let path = home.join(format!("logs/{file}.log"));
        let bytes = files.entry(file).or_insert_with(|| std::fs::read(path).expect("a log is there"));
        logs.push(Log {
            operator,
            bytes: bytes.get(start as usize..end as usize).expect("a range in its log").to_vec(),
        });
    }
    logs
}
