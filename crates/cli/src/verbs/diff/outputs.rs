//! The first output that differs, as text.

use suanzi_api::{Divergence, SchemaDiff};

/// Cells of one row that are shown in text.
const CELLS_SHOWN: usize = 6;

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
