//! The first output, in the order of the graph, whose content differs between two runs: where a difference began.

use super::side::Side;
use crate::fail::Failure;
use crate::session::Session;
use crate::show::report::read_json;
use serde::Serialize;
use suanzi_artifact::{SchemaDiff, TableDiff};
use suanzi_store::ArtifactRow;

/// Differing rows that are shown.
const ROWS_SHOWN: usize = 10;
/// Cells of one row that are shown in text.
const CELLS_SHOWN: usize = 6;

#[derive(Serialize)]
pub struct Divergence {
    pub operator: String,
    pub port: u16,
    #[serde(rename = "type")]
    pub port_type: String,
    /// Operators that read it.
    pub readers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<TableDiff>,
    /// Where the tables themselves can't be compared any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

pub fn first(session: &Session, before: &Side, after: &Side) -> Result<Option<Divergence>, Failure> {
    for id in after.in_order() {
        let mut ports: Vec<u16> = after.outputs.keys().filter(|(op, _)| *op == id).map(|(_, port)| *port).collect();
        ports.sort_unstable();
        for port in ports {
            let key = (id.clone(), port);
            let (Some(new), Some(old)) = (after.outputs.get(&key), before.outputs.get(&key)) else { continue };
            if new.id == old.id || !differs(session, old, new) {
                continue;
            }
            let (table, note) = tables(session, old, new);
            return Ok(Some(Divergence {
                readers: readers(after, &id, port),
                operator: id,
                port,
                port_type: new.port_type.clone(),
                table,
                note,
            }));
        }
    }
    Ok(None)
}

/// Tables by content id, JSON by value, models by what they were made from: a pickle's bytes say nothing.
fn differs(session: &Session, old: &ArtifactRow, new: &ArtifactRow) -> bool {
    match new.port_type.as_str() {
        "data" => match (&old.content_id, &new.content_id) {
            (Some(a), Some(b)) => a != b,
            _ => true,
        },
        "model" | "transform" | "estimator" => false,
        _ => match (read_json(old, &session.home), read_json(new, &session.home)) {
            (Some(a), Some(b)) => a != b,
            _ => old.bytes != new.bytes,
        },
    }
}

fn tables(session: &Session, old: &ArtifactRow, new: &ArtifactRow) -> (Option<TableDiff>, Option<String>) {
    if new.port_type != "data" {
        return (None, None);
    }
    if !old.present || !new.present {
        return (None, Some("one of the tables was collected; run its operator again to see the rows".into()));
    }
    let root = session.home.artifacts();
    match suanzi_artifact::compare(&root.join(&old.path), &root.join(&new.path), ROWS_SHOWN) {
        Ok(diff) => (Some(diff), None),
        Err(error) => (None, Some(error.to_string())),
    }
}

fn readers(side: &Side, id: &str, port: u16) -> Vec<String> {
    let operators = &side.document.dag.operators;
    side.document
        .dag
        .edges
        .iter()
        .filter(|e| *operators[e.source as usize].id.0 == *id && e.source_index == port)
        .map(|e| operators[e.target as usize].id.to_string())
        .collect()
}

pub fn print(divergence: &Divergence) {
    say!("\nfirst output that differs: {}, output {} ({})", divergence.operator, divergence.port, divergence.port_type);
    if !divergence.readers.is_empty() {
        say!("  read by {}", divergence.readers.join(", "));
    }
    if let Some(note) = &divergence.note {
        say!("  {note}");
    }
    let Some(table) = &divergence.table else { return };
    if table.rows_a != table.rows_b {
        say!("  rows {} → {}", table.rows_a, table.rows_b);
    }
    for change in &table.schema {
        match change {
            SchemaDiff::Added { column, type_name } => say!("  + column {column} ({type_name})"),
            SchemaDiff::Removed { column, type_name } => say!("  - column {column} ({type_name})"),
            SchemaDiff::TypeChanged { column, from, to } => say!("  column {column}: {from} → {to}"),
            SchemaDiff::Moved { column, from, to } => say!("  column {column} moved from place {from} to {to}"),
        }
    }
    let rows = table.rows_a.min(table.rows_b);
    let columns: Vec<String> = table.columns.iter().map(|c| format!("{} ({})", c.column, c.differing_rows)).collect();
    match columns.is_empty() {
        true => say!("  no row differs in the columns that both have"),
        false => say!("  {} of {rows} rows differ, in {}", table.differing_rows, columns.join(", ")),
    }
    for row in &table.first {
        let cells: Vec<String> =
            row.cells.iter().take(CELLS_SHOWN).map(|c| format!("{} {} → {}", c.column, c.a, c.b)).collect();
        let more = if row.cells.len() > CELLS_SHOWN { ", …" } else { "" };
        say!("    row {}: {}{more}", row.row, cells.join(", "));
    }
}
