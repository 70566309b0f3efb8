//! Databases on a MariaDB, MySQL or PostgreSQL server.

use super::database::Row;
use mysql::prelude::Queryable;
use postgres::SimpleQueryMessage;

#[derive(Debug, Clone)]
pub struct ServerDatabase {
    pub url: String,
}

impl ServerDatabase {
    /// A new one on the server at `base`, whose user may make databases.
    pub fn create(base: &str, name: &str) -> Result<ServerDatabase, String> {
        tell(base, &format!("CREATE DATABASE {name}"))?;
        Ok(ServerDatabase { url: format!("{base}/{name}") })
    }

    pub fn drop(self) -> Result<(), String> {
        let (base, name) = self.url.rsplit_once('/').ok_or("a URL without a database")?;
        let force = if is_mysql(base) { "" } else { " WITH (FORCE)" };
        tell(base, &format!("DROP DATABASE {name}{force}"))
    }

    pub(super) fn rows(&self, sql: &str) -> Result<Vec<Row>, String> {
        read(&self.url, sql).map_err(|e| format!("the database can't be read: {e}"))
    }

    pub(super) fn has_tables(&self) -> &'static str {
        if is_mysql(&self.url) {
            "SELECT 1 FROM information_schema.tables WHERE table_name = 'runs' AND table_schema = database()"
        } else {
            "SELECT 1 FROM information_schema.tables WHERE table_name = 'runs' AND table_schema = current_schema()"
        }
    }

    pub(super) fn text_of(&self, column: &str) -> String {
        if is_mysql(&self.url) { column.to_string() } else { format!("convert_from({column}, 'UTF8')") }
    }
}

fn is_mysql(url: &str) -> bool {
    url.starts_with("mysql:")
}

fn tell(base: &str, sql: &str) -> Result<(), String> {
    let url = if is_mysql(base) { base.to_string() } else { format!("{base}/postgres") };
    read(&url, sql).map(drop)
}

fn read(url: &str, sql: &str) -> Result<Vec<Row>, String> {
    if is_mysql(url) { of_mysql(url, sql).map_err(|e| e.to_string()) } else { of_postgres(url, sql) }
}

fn of_mysql(url: &str, sql: &str) -> Result<Vec<Row>, mysql::Error> {
    let mut connection = mysql::Conn::new(mysql::Opts::from_url(url)?)?;
    let rows: Vec<mysql::Row> = connection.query(sql)?;
    let text = |value| match value {
        mysql::Value::NULL => None,
        mysql::Value::Bytes(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        other => Some(other.as_sql(true)),
    };
    Ok(rows.into_iter().map(|row| row.unwrap().into_iter().map(text).collect()).collect())
}

fn of_postgres(url: &str, sql: &str) -> Result<Vec<Row>, String> {
    let mut client = postgres::Client::connect(url, postgres::NoTls).map_err(|e| e.to_string())?;
    let messages = client.simple_query(sql).map_err(|e| e.to_string())?;
    let row = |message| match message {
        SimpleQueryMessage::Row(row) => Some((0..row.len()).map(|at| row.get(at).map(str::to_string)).collect()),
        _ => None,
    };
    Ok(messages.into_iter().filter_map(row).collect())
}
