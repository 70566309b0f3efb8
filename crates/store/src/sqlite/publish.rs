//! What a successful attempt leaves: artifacts, outputs, a result and the keys it is found under. All of it behind the attempt's fence.

use rusqlite::{Connection, OptionalExtension, params};

use super::apply::{Ended, Written};
use super::statements::Statements;
use super::text::signed;
use crate::{ArtifactId, CacheKey, Result, RunKey};

/// Called once the task's compare-and-set has succeeded.
pub(super) fn result(connection: &Connection, statements: &mut Statements, ended: &Ended) -> Result<Written> {
    let Some(result) = ended.result else { return Ok(Written::Yes) };
    let (run, op) = (signed(ended.run.0), ended.op);
    for output in &result.outputs {
        let added = statements.insert_artifact.execute(params![
            output.id.0,
            run,
            op,
            output.port_type,
            output.path,
            output.inline,
            signed(output.bytes),
            output.rows.map(signed),
            output.manifest,
            output.identity,
            ended.end.at
        ])?;
        if added == 0 {
            return Ok(Written::HalfWay);
        }
        statements.insert_output.execute(params![run, op, output.port, connection.last_insert_rowid()])?;
    }
    statements.insert_result.execute(params![run, op, ended.attempt_no, result.self_hash])?;
    let key = connection.last_insert_rowid();
    for cache_key in &result.keys {
        statements.put_key.execute(params![cache_key, key])?;
    }
    Ok(Written::Yes)
}

pub(super) fn more_keys(
    statements: &mut Statements,
    run: RunKey,
    op: u32,
    attempt_no: u32,
    keys: &[CacheKey],
) -> Result<Written> {
    let of_attempt = params![signed(run.0), op, attempt_no];
    let result: Option<i64> = statements.whole_result.query_row(of_attempt, |row| row.get(0)).optional()?;
    let Some(result) = result else { return Ok(Written::Stale) };
    for key in keys {
        statements.put_key_if_newer.execute(params![key, result])?;
    }
    Ok(Written::Yes)
}

/// The keys of artifacts a settled task refers to, by port; none where one doesn't exist any more.
pub(super) fn present_artifacts(
    statements: &mut Statements,
    outputs: &[(u16, ArtifactId)],
) -> Result<Option<Vec<(u16, i64)>>> {
    let mut found = Vec::with_capacity(outputs.len());
    for (port, id) in outputs {
        let key = statements.present_artifact.query_row([&id.0], |row| row.get(0)).optional()?;
        let Some(key) = key else { return Ok(None) };
        found.push((*port, key));
    }
    Ok(Some(found))
}
