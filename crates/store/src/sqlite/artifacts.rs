//! Artifact rows: read, listed for collection, marked evicted.

use rusqlite::{Connection, Row, params};

use super::quarantine::Quarantine;
use super::text::{optional_unsigned, unsigned};
use crate::{ArtifactFilter, ArtifactId, ArtifactRow, Result, RunKey};

/// In the order [`row`] reads them; of a table or alias `a`.
pub(super) const COLUMNS: &str = "a.id, a.run, a.op, a.port_type, a.path, a.inline, a.bytes, a.rows, a.manifest, \
    a.identity, a.content_id, a.stats, a.durable, a.present, a.created_at, a.last_used";

/// Outputs of runs in progress (their own and those taken from the cache) and registered models.
const NOT_PINNED: &str = "a.key NOT IN (SELECT o.artifact FROM runs r JOIN task_outputs o ON o.run = r.key \
        WHERE r.state = 'running') \
    AND NOT EXISTS (SELECT 1 FROM model_versions m WHERE m.artifact = a.key)";

/// Reads an artifact whose columns start at `first`.
pub(super) fn row_from(row: &Row, first: usize) -> rusqlite::Result<ArtifactRow> {
    Ok(ArtifactRow {
        id: ArtifactId(row.get(first)?),
        run: RunKey(unsigned(row, first + 1)?),
        op: row.get(first + 2)?,
        port_type: row.get(first + 3)?,
        path: row.get(first + 4)?,
        inline: row.get(first + 5)?,
        bytes: unsigned(row, first + 6)?,
        rows: optional_unsigned(row, first + 7)?,
        manifest: row.get(first + 8)?,
        identity: row.get(first + 9)?,
        content_id: row.get(first + 10)?,
        stats: row.get(first + 11)?,
        durable: row.get(first + 12)?,
        present: row.get(first + 13)?,
        created_at: row.get(first + 14)?,
        last_used: row.get(first + 15)?,
    })
}

fn row(row: &Row) -> rusqlite::Result<ArtifactRow> {
    row_from(row, 0)
}

pub(super) fn list(
    connection: &Connection,
    quarantine: &Quarantine,
    filter: &ArtifactFilter,
) -> Result<Vec<ArtifactRow>> {
    let mut sql = format!("SELECT {COLUMNS} FROM artifacts a WHERE true");
    if filter.not_durable {
        sql.push_str(" AND a.durable = 0");
    }
    if filter.present {
        sql.push_str(" AND a.present = 1");
    }
    if filter.collectable {
        sql.push_str(&format!(" AND a.present = 1 AND a.path <> '' AND {NOT_PINNED}"));
    }
    if filter.ids.is_empty() {
        sql.push_str(if filter.collectable { " ORDER BY a.last_used, a.key" } else { " ORDER BY a.key" });
        sql.push_str(" LIMIT ?1");
        let limit = if filter.limit == 0 { -1 } else { i64::from(filter.limit) };
        let mut select = connection.prepare_cached(&sql)?;
        return quarantine.list("artifacts", &mut select, [limit], row);
    }
    sql.push_str(" AND a.id = ?1");
    let mut select = connection.prepare_cached(&sql)?;
    let mut found = Vec::new();
    for id in different(&filter.ids) {
        found.extend(quarantine.list("artifacts", &mut select, [&id.0], row)?);
    }
    if filter.collectable {
        found.sort_by_key(|artifact: &ArtifactRow| artifact.last_used);
    }
    if filter.limit > 0 {
        found.truncate(filter.limit as usize);
    }
    Ok(found)
}

pub(super) fn evict(connection: &Connection, quarantine: &Quarantine, ids: &[ArtifactId]) -> Result<Vec<ArtifactRow>> {
    let mut mark = connection.prepare_cached(&format!(
        "UPDATE artifacts AS a SET present = 0, inline = NULL WHERE a.id = ?1 AND a.present = 1 AND {NOT_PINNED}"
    ))?;
    let mut select = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM artifacts a WHERE a.id = ?1"))?;
    let mut marked = Vec::new();
    for id in different(ids) {
        if mark.execute(params![id.0])? > 0 {
            marked.extend(quarantine.list("artifacts", &mut select, [&id.0], row)?);
        }
    }
    Ok(marked)
}

/// The ids in their order, each once.
fn different(ids: &[ArtifactId]) -> impl Iterator<Item = &ArtifactId> {
    let mut seen = std::collections::HashSet::new();
    ids.iter().filter(move |id| seen.insert(*id))
}
