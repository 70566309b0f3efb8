//! Models that are served under a name.

use suanzi_store::{ServedVersion, ServiceRow, StoreError};

use crate::quarantine::{Quarantine, one};
use crate::rows;
use crate::session::{Answer, Clash, Fault, Session};
use crate::value::{Read, Row, values};

const SELECT: &str = "SELECT s.name, m.name, s.version, b.name, s.before_version, s.concurrency, s.created_at, s.changed_at \
     FROM services s JOIN models m ON m.key = s.model LEFT JOIN models b ON b.key = s.before_model";

pub(crate) fn list(session: &mut dyn Session, quarantine: &Quarantine) -> Answer<Vec<ServiceRow>> {
    quarantine.list(session, "services", &format!("{SELECT} ORDER BY s.name"), &[], read)
}

pub(crate) fn get(session: &mut dyn Session, name: &str) -> Answer<Option<ServiceRow>> {
    one(session, "services", &format!("{SELECT} WHERE s.name = ?"), &values![name], read)
}

fn read(row: &Row) -> Read<ServiceRow> {
    let before = row.optional(3, Row::text)?;
    Ok(ServiceRow {
        name: row.text(0)?,
        served: ServedVersion { model: row.text(1)?, version: row.number(2)? },
        before: match before {
            Some(model) => Some(ServedVersion { model, version: row.number(4)? }),
            None => None,
        },
        concurrency: row.number(5)?,
        created_at: row.int(6)?,
        changed_at: row.int(7)?,
    })
}

pub(crate) fn put(session: &mut dyn Session, service: &ServiceRow) -> Answer<()> {
    let served = key(session, &service.served)?;
    let before = match &service.before {
        Some(before) => Some(key(session, before)?),
        None => None,
    };
    let columns =
        ["name", "model", "version", "before_model", "before_version", "concurrency", "created_at", "changed_at"];
    let row = values![
        &service.name,
        served,
        service.served.version,
        before,
        service.before.as_ref().map(|before| before.version),
        service.concurrency,
        service.created_at,
        service.changed_at
    ];
    rows::insert(session, "services", &columns, Clash::Overwrite(&["name"], &columns[1..]), [row])
}

/// The model's key, if it has that version.
fn key(session: &mut dyn Session, version: &ServedVersion) -> Answer<i64> {
    let sql = "SELECT m.key FROM models m JOIN model_versions v ON v.model = m.key WHERE m.name = ? AND v.version = ?";
    let found = one(session, "models", sql, &values![&version.model, version.version], |row| row.int(0))?;
    found.ok_or_else(|| {
        Fault::Store(StoreError::Conflict(format!("model '{}' has no version {}", version.model, version.version)))
    })
}

pub(crate) fn remove(session: &mut dyn Session, name: &str) -> Answer<bool> {
    Ok(session.execute("DELETE FROM services WHERE name = ?", &values![name])? > 0)
}
