//! Connections to PostgreSQL.

use std::collections::HashMap;
use std::error::Error;

use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls, Statement};
use suanzi_store::StoreError;

use crate::connections::{CONNECT_TIMEOUT, LOCK_WAIT_SECONDS, Purpose};
use crate::session::{Answer, Dialect, Fault, Session};
use crate::url::Server;
use crate::value::{Row, Value};

/// Statements of many rows come in many lengths: beyond this many, all are prepared anew.
const STATEMENTS_KEPT_COUNT: usize = 128;
/// PostgreSQL's text can't hold U+0000: it is kept as this private sign and `0`, the sign itself as two of it.
const SIGN: char = '\u{10FFFF}';

pub(crate) struct Postgres {
    client: Client,
    statements: HashMap<String, Statement>,
}

impl Postgres {
    pub(crate) fn connect(server: &Server, purpose: Purpose) -> Answer<Postgres> {
        let isolation = match purpose {
            Purpose::Write => "read committed",
            Purpose::Read => "repeatable read",
        };
        let mut config = Config::new();
        config
            .host(&server.host)
            .port(server.port)
            .user(&server.user)
            .password(&server.password)
            .dbname(&server.database)
            .application_name("suanzi")
            .connect_timeout(CONNECT_TIMEOUT);
        let mut client = config.connect(NoTls).map_err(|error| refused(server, &error))?;
        let settings = format!(
            "SET default_transaction_isolation = '{isolation}'; SET lock_timeout = '{LOCK_WAIT_SECONDS}s'; \
             SET synchronous_commit = on; SET client_min_messages = warning; SET idle_session_timeout = 0; \
             SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"
        );
        client.batch_execute(&settings).map_err(fault)?;
        Ok(Postgres { client, statements: HashMap::new() })
    }

    fn prepared(&mut self, sql: &str) -> Answer<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&numbered(sql)).map_err(fault)?;
        if self.statements.len() >= STATEMENTS_KEPT_COUNT {
            self.statements.clear();
        }
        self.statements.insert(sql.to_string(), statement.clone());
        Ok(statement)
    }
}

/// `?` becomes `$1`, `$2`, …
fn numbered(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 64);
    for (position, part) in sql.split('?').enumerate() {
        if position > 0 {
            text.push_str(&format!("${position}"));
        }
        text.push_str(part);
    }
    text
}

fn refused(server: &Server, error: &postgres::Error) -> Fault {
    let why = match (error.code().map(|code| code.code()), error.as_db_error()) {
        (Some("28P01" | "28000"), _) => "the server refuses this user and password".to_string(),
        (Some("3D000"), _) => "there is no such database on the server".to_string(),
        (Some("42501"), _) => "this user has no right to use this database".to_string(),
        (Some("53300"), _) => "the server has no connection to spare".to_string(),
        // It is just stopping, or starting.
        (Some(code), Some(said)) if is_going(code) => return Fault::Lost(format!("{server}: {}", said.message())),
        (_, Some(said)) => said.message().to_string(),
        _ => {
            let cause = error.source().map_or_else(|| error.to_string(), |cause| cause.to_string());
            return Fault::Lost(format!("{server}: the server can't be reached: {cause}"));
        }
    };
    Fault::Store(StoreError::Open(format!("{server}: {why}")))
}

/// States of a server that is stopping or starting, or of a connection that is gone.
fn is_going(state: &str) -> bool {
    matches!(state, "57P01" | "57P02" | "57P03") || state.starts_with("08")
}

fn fault(error: postgres::Error) -> Fault {
    let Some(said) = error.as_db_error() else {
        return match error.is_closed() || error.source().is_some_and(|cause| cause.is::<std::io::Error>()) {
            true => Fault::Lost(error.to_string()),
            false => Fault::Store(StoreError::Database(whole(&error))),
        };
    };
    let why = said.message().to_string();
    match said.code().code() {
        "23505" => Fault::Duplicate(why),
        "40001" | "40P01" => Fault::Again(why),
        "55P03" => Fault::Waited,
        "53100" => Fault::Store(StoreError::Full),
        "XX001" | "XX002" => Fault::Store(StoreError::Corrupt(why)),
        code if is_going(code) => Fault::Lost(why),
        code => Fault::Store(StoreError::Database(format!("{why} ({code})"))),
    }
}

fn whole(error: &postgres::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

impl ToSql for Value {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(number) if *of == Type::INT4 => i32::try_from(*number)?.to_sql(of, out),
            Value::Int(number) => number.to_sql(of, out),
            Value::Text(text) if text.contains(['\0', SIGN]) => hidden(text).to_sql(of, out),
            Value::Text(text) => text.to_sql(of, out),
            Value::Bytes(bytes) => bytes.to_sql(of, out),
        }
    }

    fn accepts(of: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::TEXT, Type::BYTEA].contains(of)
    }

    to_sql_checked!();
}

fn hidden(text: &str) -> String {
    text.replace(SIGN, "\u{10FFFF}\u{10FFFF}").replace('\0', "\u{10FFFF}0")
}

fn shown(text: String) -> String {
    if !text.contains(SIGN) {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        plain.push(match letter {
            SIGN if rest.next() == Some('0') => '\0',
            letter => letter,
        });
    }
    plain
}

fn row(row: &postgres::Row) -> Answer<Row> {
    let mut values = Vec::with_capacity(row.len());
    for (position, column) in row.columns().iter().enumerate() {
        let value = match *column.type_() {
            Type::INT8 => row.try_get(position).map(|number: Option<i64>| Value::from(number)),
            Type::INT4 => row.try_get(position).map(|number: Option<i32>| Value::from(number.map(i64::from))),
            Type::BOOL => row.try_get(position).map(|flag: Option<bool>| Value::from(flag)),
            Type::BYTEA => row.try_get(position).map(|bytes: Option<Vec<u8>>| bytes.map_or(Value::Null, Value::Bytes)),
            _ => row.try_get(position).map(|text: Option<String>| text.map_or(Value::Null, |t| Value::Text(shown(t)))),
        };
        values.push(value.map_err(fault)?);
    }
    Ok(Row(values))
}

fn pointers(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl Session for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Answer<u64> {
        let statement = self.prepared(sql)?;
        self.client.execute(&statement, &pointers(params)).map_err(fault)
    }

    fn query(&mut self, sql: &str, params: &[Value]) -> Answer<Vec<Row>> {
        let statement = self.prepared(sql)?;
        let rows = self.client.query(&statement, &pointers(params)).map_err(fault)?;
        rows.iter().map(row).collect()
    }

    fn insert(&mut self, sql: &str, params: &[Value]) -> Answer<i64> {
        let rows = self.query(&format!("{sql} RETURNING \"key\""), params)?;
        let key = rows.first().and_then(|row| row.int(0).ok());
        key.ok_or_else(|| Fault::Store(StoreError::Database("an insert gave no key".into())))
    }

    fn plain(&mut self, sql: &str) -> Answer<()> {
        self.client.batch_execute(sql).map_err(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_and_ordinary_text_is_kept_as_it_is() {
        for text in ["", "算子", "\0", "\u{10FFFF}", "0\u{10FFFF}0\0\u{10FFFF}\0", "\u{10FFFF}\u{10FFFF}0"] {
            let kept = hidden(text);
            assert!(!kept.contains('\0'));
            assert_eq!(shown(kept), text);
        }
        assert_eq!(hidden("plain"), "plain");
    }
}
