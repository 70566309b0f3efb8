//! Artifact rows: read, listed for collection, marked evicted.

use std::collections::{BTreeMap, HashMap};

use suanzi_store::implementing::Touches;
use suanzi_store::{ArtifactFilter, ArtifactId, ArtifactRow, EpochMillis, RunKey};

use crate::quarantine::{Quarantine, known};
use crate::rows;
use crate::session::{Answer, Session};
use crate::value::{Read, Row, Value};

/// In the order [`row_from`] reads them; of a table or alias `a`.
pub(crate) const COLUMNS: &str = "a.id, a.run, a.op, a.port_type, a.path, a.inline, a.bytes, a.rows, a.manifest, \
    a.identity, a.content_id, a.stats, a.durable, a.present, a.created_at, a.last_used";

/// Outputs of runs in progress (their own and those taken from the cache) and registered models.
const NOT_PINNED: &str = "NOT EXISTS (SELECT 1 FROM task_outputs o JOIN runs r ON r.key = o.run \
        WHERE o.artifact = a.key AND r.state = 'running') \
    AND NOT EXISTS (SELECT 1 FROM model_versions m WHERE m.artifact = a.key)";

/// Reads an artifact whose columns start at `first`.
pub(crate) fn row_from(row: &Row, first: usize) -> Read<ArtifactRow> {
    Ok(ArtifactRow {
        id: ArtifactId(row.text(first)?),
        run: RunKey(row.unsigned(first + 1)?),
        op: row.number(first + 2)?,
        port_type: row.text(first + 3)?,
        path: row.text(first + 4)?,
        inline: row.optional(first + 5, Row::bytes)?,
        bytes: row.unsigned(first + 6)?,
        rows: row.optional(first + 7, Row::unsigned)?,
        manifest: row.text(first + 8)?,
        identity: row.optional(first + 9, Row::text)?,
        content_id: row.optional(first + 10, Row::text)?,
        stats: row.optional(first + 11, Row::text)?,
        durable: row.flag(first + 12)?,
        present: row.flag(first + 13)?,
        created_at: row.int(first + 14)?,
        last_used: row.int(first + 15)?,
    })
}

pub(crate) fn ids(ids: &[ArtifactId]) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    ids.iter().filter(|id| seen.insert(*id)).map(|id| Value::from(&id.0)).collect()
}

pub(crate) fn list(
    session: &mut dyn Session,
    quarantine: &Quarantine,
    filter: &ArtifactFilter,
) -> Answer<Vec<ArtifactRow>> {
    let mut sql = format!("SELECT {COLUMNS} FROM artifacts a WHERE 1 = 1");
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
        if filter.limit > 0 {
            sql.push_str(&format!(" LIMIT {}", filter.limit));
        }
        return quarantine.list(session, "artifacts", &sql, &[], |row| row_from(row, 0));
    }
    sql.push_str(" AND a.id IN ({})");
    let asked = ids(&filter.ids);
    let rows = rows::select_in(session, &sql, 1, &asked)?;
    let mut found: HashMap<ArtifactId, ArtifactRow> = quarantine
        .keep("artifacts", rows, |row| row_from(row, 0))
        .into_iter()
        .map(|row| (row.id.clone(), row))
        .collect();
    let mut found: Vec<ArtifactRow> = filter.ids.iter().filter_map(|id| found.remove(id)).collect();
    if filter.collectable {
        found.sort_by_key(|artifact| artifact.last_used);
    }
    if filter.limit > 0 {
        found.truncate(filter.limit as usize);
    }
    Ok(found)
}

pub(crate) fn evict(
    session: &mut dyn Session,
    quarantine: &Quarantine,
    asked: &[ArtifactId],
) -> Answer<Vec<ArtifactRow>> {
    let sql = format!(
        "SELECT a.key, a.id FROM artifacts a WHERE a.present = 1 AND a.id IN ({{}}) AND {NOT_PINNED} FOR UPDATE"
    );
    let mut keys = Vec::new();
    let mut marked = Vec::new();
    for row in rows::select_in(session, &sql, 1, &ids(asked))? {
        let (key, id) = known("artifacts", &row, |row| Ok((row.int(0)?, row.text(1)?)))?;
        keys.push(Value::Int(key));
        marked.push(ArtifactId(id));
    }
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    rows::change_in(session, "UPDATE artifacts SET present = 0, inline = NULL WHERE \"key\" IN ({})", 1, &keys)?;
    let ordered: Vec<ArtifactId> = asked.iter().filter(|id| marked.contains(id)).cloned().collect();
    list(session, quarantine, &ArtifactFilter { ids: ordered, ..ArtifactFilter::default() })
}

/// Noted uses, within the caller's transaction. If that fails, they are forgotten.
pub(crate) fn touch(session: &mut dyn Session, uses: &[(ArtifactId, EpochMillis)]) -> Answer<()> {
    let mut by_time: BTreeMap<EpochMillis, Vec<Value>> = BTreeMap::new();
    for (artifact, at) in uses {
        by_time.entry(*at).or_default().push(Value::from(&artifact.0));
    }
    for (at, artifacts) in by_time {
        let sql = format!("UPDATE artifacts SET last_used = {at} WHERE last_used < {at} AND id IN ({{}})");
        rows::change_in(session, &sql, 1, &artifacts)?;
    }
    Ok(())
}

pub(crate) fn noted(touches: &Touches) -> Vec<(ArtifactId, EpochMillis)> {
    touches.take().into_iter().collect()
}
