//! Brings a database to this program's schema: numbered steps under a lock. MySQL commits at every definition, so each
//! statement may be repeated: a killed step is run again from its start.

use suanzi_store::StoreError;

use crate::connections;
use crate::session::{Answer, Dialect, Fault, Session};
use crate::url::Server;
use crate::value::values;

struct Migration {
    version: u32,
    name: &'static str,
    /// With words in braces for what servers call differently.
    template: &'static str,
}

/// In order, without gaps. Published ones never change.
const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "initial", template: include_str!("migrations/0001_initial.sql") },
    Migration { version: 2, name: "services", template: include_str!("migrations/0002_services.sql") },
    Migration { version: 3, name: "model aliases", template: include_str!("migrations/0003_model_aliases.sql") },
];

const NEWEST_SCHEMA: u32 = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// Applies what is missing. Two processes at once, or a second call, do no harm.
pub(crate) fn to_newest(session: &mut dyn Session) -> Answer<()> {
    migrate(session, usize::MAX).map(|_| ())
}

/// Runs at most `limit` statements that define something and then stops, as if killed there. Gives how many it ran.
/// For tests of what a killed migration leaves.
///
/// # Errors
/// As opening a store.
#[cfg(feature = "servers")]
pub fn migrate_some(server: &Server, limit: usize) -> suanzi_store::Result<usize> {
    let mut session = connections::connect(server, connections::Purpose::Write)?;
    Ok(migrate(session.as_mut(), limit)?)
}

fn migrate(session: &mut dyn Session, limit: usize) -> Answer<usize> {
    // Most often there is nothing to do, and no lock is needed to see that.
    if schema_of(session)? == NEWEST_SCHEMA {
        return Ok(0);
    }
    connections::enter_migration(session)?;
    let done = step_by_step(session, limit)?;
    connections::leave_migration(session)?;
    Ok(done)
}

fn step_by_step(session: &mut dyn Session, limit: usize) -> Answer<usize> {
    let mut done = 0;
    let found = schema_of(session)?;
    if found > NEWEST_SCHEMA {
        return Err(Fault::Store(StoreError::NewerSchema { found, known: NEWEST_SCHEMA }));
    }
    let collation = collation(session)?;
    let marks = "CREATE TABLE IF NOT EXISTS schema_migrations (version {int} PRIMARY KEY, name {name} NOT NULL, \
                 applied_at {name} NOT NULL){options}";
    let marks = rendered(marks, session.dialect(), collation).remove(0);
    session.plain(&marks)?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > found) {
        session.plain("START TRANSACTION")?;
        for statement in rendered(migration.template, session.dialect(), collation) {
            if done == limit {
                return Ok(done);
            }
            session.plain(&statement)?;
            done += 1;
        }
        session.execute(
            "INSERT INTO schema_migrations (version, name, applied_at) VALUES (?, ?, CURRENT_TIMESTAMP)",
            &values![migration.version, migration.name],
        )?;
        session.plain("COMMIT")?;
    }
    Ok(done)
}

/// For readers, who make a database but don't change one under its owner.
pub(crate) fn make_or_check(session: &mut dyn Session, server: &Server) -> Answer<()> {
    match schema_of(session)? {
        NEWEST_SCHEMA => Ok(()),
        0 => to_newest(session),
        found if found > NEWEST_SCHEMA => Err(Fault::Store(StoreError::NewerSchema { found, known: NEWEST_SCHEMA })),
        older => {
            let why = format!(
                "its schema {older} is older than this Suanzi's {NEWEST_SCHEMA}; start Suanzi once to migrate it"
            );
            Err(Fault::Store(StoreError::Open(format!("{server}: {why}"))))
        }
    }
}

/// Newest step in the database, 0 for an empty one.
fn schema_of(session: &mut dyn Session) -> Answer<u32> {
    let place = match session.dialect() {
        Dialect::MySql => "table_schema = DATABASE()",
        Dialect::Postgres => "table_schema = current_schema()",
    };
    let sql =
        format!("SELECT count(*) FROM information_schema.tables WHERE table_name = 'schema_migrations' AND {place}");
    if session.one(&sql, &[])?.is_none_or(|row| row.int(0) == Ok(0)) {
        return Ok(0);
    }
    let row = session.one("SELECT coalesce(max(version), 0) FROM schema_migrations", &[])?;
    let found = row.map(|row| row.number(0)).transpose();
    found
        .map(Option::unwrap_or_default)
        .map_err(|why| Fault::Store(StoreError::Corrupt(format!("schema_migrations: {why}"))))
}

/// Comparison by bytes, trailing spaces included: both servers have one, under different names.
fn collation(session: &mut dyn Session) -> Answer<&'static str> {
    if session.dialect() == Dialect::Postgres {
        return Ok("C");
    }
    let version = session.one("SELECT VERSION()", &[])?.and_then(|row| row.text(0).ok()).unwrap_or_default();
    Ok(if version.contains("MariaDB") { "utf8mb4_nopad_bin" } else { "utf8mb4_0900_bin" })
}

fn rendered(template: &str, dialect: Dialect, collation: &str) -> Vec<String> {
    let lines = template.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
    let options = format!(" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={collation}");
    let words: &[(&str, &str)] = match dialect {
        Dialect::MySql => &[
            ("{id}", "BIGINT AUTO_INCREMENT PRIMARY KEY"),
            ("{int}", "BIGINT"),
            ("{name}", "VARCHAR(191)"),
            ("{url}", "VARCHAR(500)"),
            ("{text}", "VARCHAR(700)"),
            ("{long}", "LONGTEXT"),
            ("{hash}", "BINARY(32)"),
            ("{blob}", "LONGBLOB"),
            ("{options}", &options),
        ],
        Dialect::Postgres => &[
            ("{id}", "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"),
            ("{int}", "bigint"),
            ("{name}", "text COLLATE \"C\""),
            ("{url}", "text COLLATE \"C\""),
            ("{text}", "text COLLATE \"C\""),
            ("{long}", "text COLLATE \"C\""),
            ("{hash}", "bytea"),
            ("{blob}", "bytea"),
            ("{options}", ""),
        ],
    };
    let mut statements = Vec::new();
    for statement in lines.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        // Conditions of indexes: PostgreSQL's alone.
        let (body, condition) = statement.split_once("{where}").unwrap_or((statement, ""));
        let mut text = match (dialect, condition) {
            (Dialect::Postgres, condition) if !condition.is_empty() => format!("{body}WHERE{condition}"),
            _ => body.trim_end().to_string(),
        };
        for (word, meaning) in words {
            text = text.replace(word, meaning);
        }
        statements.push(text);
    }
    statements
}
