//! The database that an engine left behind, by plain SQL that all three understand. Every cell as text.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};

pub type Row = Vec<Option<String>>;

#[derive(Debug, Clone)]
pub enum Database {
    /// Of this home.
    Sqlite(PathBuf),
    #[cfg(feature = "servers")]
    Server(super::server_database::ServerDatabase),
}

impl Database {
    pub fn of_home(home: &Path) -> Database {
        Database::Sqlite(home.join("suanzi.db"))
    }

    /// `SUANZI_DATABASE_URL` for the program.
    pub fn url(&self) -> Option<&str> {
        match self {
            Database::Sqlite(_) => None,
            #[cfg(feature = "servers")]
            Database::Server(server) => Some(&server.url),
        }
    }

    pub fn rows(&self, sql: &str) -> Result<Vec<Row>, String> {
        match self {
            Database::Sqlite(file) => of_sqlite(file, sql).map_err(|e| format!("the database can't be read: {e}")),
            #[cfg(feature = "servers")]
            Database::Server(server) => server.rows(sql),
        }
    }

    /// An engine died before it had made the tables, or the file.
    pub fn is_new(&self) -> Result<bool, String> {
        let sql = match self {
            Database::Sqlite(file) if !file.exists() => return Ok(true),
            Database::Sqlite(_) => "SELECT 1 FROM sqlite_schema WHERE name = 'runs'",
            #[cfg(feature = "servers")]
            Database::Server(server) => server.has_tables(),
        };
        Ok(self.rows(sql)?.is_empty())
    }

    /// A column of bytes that hold text, as an expression whose cells can be read.
    pub fn text_of(&self, column: &str) -> String {
        match self {
            Database::Sqlite(_) => column.to_string(),
            #[cfg(feature = "servers")]
            Database::Server(server) => server.text_of(column),
        }
    }
}

fn of_sqlite(file: &Path, sql: &str) -> rusqlite::Result<Vec<Row>> {
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement = db.prepare(sql)?;
    let columns = statement.column_count();
    let text = |value: ValueRef<'_>| match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    };
    let rows = statement.query_map([], |row| (0..columns).map(|at| row.get_ref(at).map(text)).collect())?;
    rows.collect()
}
