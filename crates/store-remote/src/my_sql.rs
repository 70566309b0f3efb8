//! Connections to MySQL and MariaDB.

use std::time::Duration;

use mysql::consts::CapabilityFlags;
use mysql::prelude::Queryable;
use mysql::{Conn, Opts, OptsBuilder, Params};
use suanzi_store::StoreError;

use crate::connections::{CONNECT_TIMEOUT, LOCK_WAIT_SECONDS, Purpose};
use crate::session::{Answer, Dialect, Fault, Session};
use crate::url::Server;
use crate::value::{Row, Value};

const STATEMENTS_KEPT_COUNT: usize = 128;

pub(crate) struct MySql {
    connection: Conn,
}

/// What makes sessions behave the same whatever the server's defaults: quotes for names as in the standard, errors
/// instead of cut values, no reliance on gap locks, and no goodbye while idle.
fn begin(purpose: Purpose) -> Vec<String> {
    let isolation = match purpose {
        Purpose::Write => "READ COMMITTED",
        // One state of the database for a question of several statements; nothing is written by what was read here.
        Purpose::Read => "REPEATABLE READ",
    };
    vec![
        "SET NAMES utf8mb4".into(),
        "SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'"
            .into(),
        format!("SET SESSION TRANSACTION ISOLATION LEVEL {isolation}"),
        "SET SESSION wait_timeout = 2000000".into(),
        format!("SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}"),
    ]
}

impl MySql {
    pub(crate) fn connect(server: &Server, purpose: Purpose) -> Answer<MySql> {
        let options = OptsBuilder::new()
            .ip_or_hostname(Some(server.host.clone()))
            .tcp_port(server.port)
            .user(Some(server.user.clone()))
            .pass(Some(server.password.clone()))
            .db_name(Some(server.database.clone()))
            .prefer_socket(false)
            .tcp_connect_timeout(Some(CONNECT_TIMEOUT))
            .tcp_keepalive_time_ms(Some(Duration::from_secs(30).as_millis() as u32))
            .stmt_cache_size(STATEMENTS_KEPT_COUNT)
            // Otherwise a row that is set to what it was counts as not changed, and looks like a lost race.
            .additional_capabilities(CapabilityFlags::CLIENT_FOUND_ROWS)
            .init(begin(purpose));
        let connection = Conn::new(Opts::from(options)).map_err(|error| match error {
            // It is just stopping, or starting.
            mysql::Error::MySqlError(error) if is_going(error.code) => {
                Fault::Lost(format!("{server}: {}", error.message))
            }
            mysql::Error::MySqlError(error) => Fault::Store(refused(server, &error)),
            // Its own words alone, without the driver's names for kinds of errors.
            mysql::Error::DriverError(why) => Fault::Lost(format!("{server}: the server can't be reached: {why}")),
            error => Fault::Lost(format!("{server}: the server can't be reached: {error}")),
        })?;
        Ok(MySql { connection })
    }
}

fn refused(server: &Server, error: &mysql::MySqlError) -> StoreError {
    let why = match error.code {
        1045 | 1698 => "the server refuses this user and password".to_string(),
        1044 => "this user has no right to use this database".to_string(),
        1049 => "there is no such database on the server".to_string(),
        1040 | 1203 => "the server has no connection to spare".to_string(),
        _ => error.message.clone(),
    };
    StoreError::Open(format!("{server}: {why}"))
}

/// Errors of a server that is stopping or of a connection that is gone.
fn is_going(code: u16) -> bool {
    matches!(code, 1053 | 1077 | 1079 | 1927 | 2006 | 2013)
}

fn fault(error: mysql::Error) -> Fault {
    let mysql::Error::MySqlError(error) = error else { return Fault::Lost(error.to_string()) };
    match error.code {
        1062 | 1586 => Fault::Duplicate(error.message),
        1213 => Fault::Again(error.message),
        1205 => Fault::Waited,
        1021 | 1114 => Fault::Store(StoreError::Full),
        code if is_going(code) => Fault::Lost(error.message),
        _ => Fault::Store(StoreError::Database(format!("{} ({})", error.message, error.code))),
    }
}

fn params(values: &[Value]) -> Params {
    if values.is_empty() {
        return Params::Empty;
    }
    let to = |value: &Value| match value {
        Value::Null => mysql::Value::NULL,
        Value::Int(number) => mysql::Value::Int(*number),
        Value::Text(text) => mysql::Value::Bytes(text.clone().into_bytes()),
        Value::Bytes(bytes) => mysql::Value::Bytes(bytes.clone()),
    };
    Params::Positional(values.iter().map(to).collect())
}

fn value(value: mysql::Value) -> Value {
    match value {
        mysql::Value::NULL => Value::Null,
        mysql::Value::Int(number) => Value::Int(number),
        mysql::Value::UInt(number) => Value::Int(number as i64),
        mysql::Value::Bytes(bytes) => Value::Bytes(bytes),
        other => Value::Text(format!("{other:?}")),
    }
}

impl Session for MySql {
    fn dialect(&self) -> Dialect {
        Dialect::MySql
    }

    fn execute(&mut self, sql: &str, values: &[Value]) -> Answer<u64> {
        self.connection.exec_drop(sql, params(values)).map_err(fault)?;
        Ok(self.connection.affected_rows())
    }

    fn query(&mut self, sql: &str, values: &[Value]) -> Answer<Vec<Row>> {
        // Statements that MySQL can't prepare; their columns are text.
        let rows: Vec<mysql::Row> = match sql.starts_with("SHOW ") {
            true => self.connection.query(sql).map_err(fault)?,
            false => self.connection.exec(sql, params(values)).map_err(fault)?,
        };
        Ok(rows.into_iter().map(|row| Row(row.unwrap().into_iter().map(value).collect())).collect())
    }

    fn insert(&mut self, sql: &str, values: &[Value]) -> Answer<i64> {
        self.connection.exec_drop(sql, params(values)).map_err(fault)?;
        Ok(self.connection.last_insert_id() as i64)
    }

    fn plain(&mut self, sql: &str) -> Answer<()> {
        match self.connection.query_drop(sql) {
            // A table, column or index that is there already: a killed migration is being run again.
            Err(mysql::Error::MySqlError(error)) if matches!(error.code, 1050 | 1060 | 1061) => Ok(()),
            answer => answer.map_err(fault),
        }
    }
}
