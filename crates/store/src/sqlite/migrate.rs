//! Brings a database to this program's schema: numbered steps, each in a transaction with its mark, so that a killed one is simply run again.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::connect::cannot_open;
use super::transact;
use crate::{Result, StoreError};

/// "SUAN" in the file's header: whose database this is.
pub(super) const APPLICATION_ID: i64 = 0x5355_414E;

struct Migration {
    version: u32,
    name: &'static str,
    sql: &'static str,
}

/// In order, without gaps. Published ones never change.
const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "initial", sql: include_str!("migrations/0001_initial.sql") },
    Migration { version: 2, name: "saved DAGs", sql: include_str!("migrations/0002_saved_dags.sql") },
    Migration { version: 3, name: "data and schedules", sql: include_str!("migrations/0003_data_and_schedules.sql") },
    Migration { version: 4, name: "services", sql: include_str!("migrations/0004_services.sql") },
    Migration { version: 5, name: "model aliases", sql: include_str!("migrations/0005_model_aliases.sql") },
];

pub(super) const NEWEST_SCHEMA: u32 = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// Applies what is missing. Two processes at once, or a second call, do no harm.
pub(super) fn to_newest(connection: &mut Connection) -> Result<()> {
    check_not_newer(connection)?;
    transact(connection, |connection| {
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS schema_migrations (
                 version INTEGER PRIMARY KEY,
                 name TEXT NOT NULL,
                 applied_at TEXT NOT NULL
             ) STRICT",
        )?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        Ok(())
    })?;
    for migration in MIGRATIONS {
        apply(connection, migration)?;
    }
    Ok(())
}

/// For readers, who can't migrate.
pub(super) fn check_current(connection: &Connection, path: &Path) -> Result<()> {
    check_not_newer(connection)?;
    match schema_of(connection)? {
        NEWEST_SCHEMA => Ok(()),
        0 => Err(cannot_open(path, &"it is empty; Suanzi has not been started with it yet")),
        older => Err(cannot_open(
            path,
            &format!("its schema {older} is older than this Suanzi's {NEWEST_SCHEMA}; start Suanzi once to migrate it"),
        )),
    }
}

fn check_not_newer(connection: &Connection) -> Result<()> {
    let found = schema_of(connection)?;
    if found > NEWEST_SCHEMA { Err(StoreError::NewerSchema { found, known: NEWEST_SCHEMA }) } else { Ok(()) }
}

/// Newest migration in the database, 0 for an empty one.
fn schema_of(connection: &Connection) -> Result<u32> {
    let exists = connection
        .query_row("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'", [], |_| Ok(()))
        .optional()?;
    if exists.is_none() {
        return Ok(0);
    }
    Ok(connection.query_row("SELECT coalesce(max(version), 0) FROM schema_migrations", [], |row| row.get(0))?)
}

fn apply(connection: &mut Connection, migration: &Migration) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = transaction
        .query_row("SELECT 1 FROM schema_migrations WHERE version = ?1", [migration.version], |_| Ok(()))
        .optional()?;
    if done.is_none() {
        transaction.execute_batch(migration.sql)?;
        transaction.execute(
            "INSERT INTO schema_migrations (version, name, applied_at) VALUES (?1, ?2, datetime('now'))",
            params![migration.version, migration.name],
        )?;
    }
    transaction.commit().map_err(super::error::of_commit)
}
