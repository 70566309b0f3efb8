//! One connection to a server, and the words in which servers differ.

use suanzi_store::StoreError;

use crate::value::{Row, Value};

/// What a statement can end with.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Of this store; asking again gives the same.
    Store(StoreError),
    /// A key is taken: somebody else was faster, so the transaction is tried again and will see it.
    Duplicate(String),
    /// Deadlock or serialization: the transaction was rolled back and is tried again.
    Again(String),
    /// Waited too long for another session's lock.
    Waited,
    /// The connection is gone.
    Lost(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        Fault::Store(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> StoreError {
        match fault {
            Fault::Store(error) => error,
            Fault::Duplicate(why) => StoreError::Conflict(why),
            Fault::Again(why) => StoreError::Database(why),
            Fault::Waited => StoreError::Locked,
            Fault::Lost(why) => StoreError::Away(why),
        }
    }
}

pub(crate) type Answer<T> = Result<T, Fault>;

/// Statements have `?` for parameters, and `"key"` and `"rows"` in quotes, as they are words of MySQL's.
pub(crate) trait Session: Send {
    fn dialect(&self) -> Dialect;
    /// How many rows matched, changed or not.
    fn execute(&mut self, sql: &str, params: &[Value]) -> Answer<u64>;
    fn query(&mut self, sql: &str, params: &[Value]) -> Answer<Vec<Row>>;
    /// Inserts one row of a table whose `key` the database gives, and returns that.
    fn insert(&mut self, sql: &str, params: &[Value]) -> Answer<i64>;
    /// A statement without parameters that can't be prepared everywhere.
    fn plain(&mut self, sql: &str) -> Answer<()>;
}

impl dyn Session + '_ {
    pub(crate) fn one(&mut self, sql: &str, params: &[Value]) -> Answer<Option<Row>> {
        Ok(self.query(sql, params)?.into_iter().next())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    MySql,
    Postgres,
}

/// What an insert does where a key is taken.
#[derive(Clone, Copy)]
pub(crate) enum Clash<'a> {
    Fault,
    /// `(the key's columns, those to overwrite)`
    Overwrite(&'a [&'a str], &'a [&'a str]),
}

impl Dialect {
    /// What follows the rows of an insert.
    pub(crate) fn clash(self, clash: Clash) -> String {
        let Clash::Overwrite(keys, columns) = clash else { return String::new() };
        let set = |word: &dyn Fn(&str) -> String| {
            columns.iter().map(|column| format!("{column} = {}", word(column))).collect::<Vec<_>>().join(", ")
        };
        match self {
            Dialect::MySql => format!(" ON DUPLICATE KEY UPDATE {}", set(&|column| format!("VALUES({column})"))),
            Dialect::Postgres => {
                let keys = keys.join(", ");
                format!(" ON CONFLICT ({keys}) DO UPDATE SET {}", set(&|column| format!("excluded.{column}")))
            }
        }
    }
}
