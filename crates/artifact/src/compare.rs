//! What differs between two tables, row by row in their order.

use std::collections::HashMap;
use std::path::Path;

use arrow_array::{Array, ArrayRef};
use arrow_schema::Schema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::{Stream, flat_differences, write_column};
use crate::cell::{Shown, cell};
use crate::error::{Flaw, guard};
use crate::type_name::logical;
use crate::{ArtifactError, Table, type_name};

/// Most differing rows shown; a larger limit is cut to this.
pub const MAX_DIFF_ROWS: usize = 1_000;
/// Rows compared at a time by their hash before they are looked at one by one.
const WINDOW_ROWS: usize = 1_024;
/// How long values are cut.
const SHOWN: Shown = Shown { chars: 200, items: 20 };

/// The differences between table `a` and table `b`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableDiff {
    pub rows_a: u64,
    pub rows_b: u64,
    /// Columns that came, went, moved or changed their type.
    pub schema: Vec<SchemaDiff>,
    /// Columns whose values were compared: those of the same name and logical type.
    pub compared: Vec<String>,
    /// Of the compared columns those with differences, in their order in `a`.
    pub columns: Vec<ColumnDiff>,
    /// Rows that differ in a compared column; rows that only one table has are not counted.
    pub differing_rows: u64,
    /// The first of them.
    pub first: Vec<RowDiff>,
}

impl TableDiff {
    /// The tables hold the same.
    pub fn is_empty(&self) -> bool {
        self.rows_a == self.rows_b && self.schema.is_empty() && self.differing_rows == 0
    }
}

/// A difference in the columns themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum SchemaDiff {
    Added {
        column: String,
        #[serde(rename = "type")]
        type_name: String,
    },
    Removed {
        column: String,
        #[serde(rename = "type")]
        type_name: String,
    },
    /// Also where only the encoding changed; the values are compared then.
    TypeChanged { column: String, from: String, to: String },
    /// The place among the columns, counted from 0, where not merely columns before it came or went.
    Moved { column: String, from: usize, to: usize },
}

/// How many cells of a column differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnDiff {
    pub column: String,
    pub differing_rows: u64,
}

/// A row that differs, with the cells that do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowDiff {
    /// Counted from 0.
    pub row: u64,
    pub cells: Vec<CellDiff>,
}

/// A cell that differs; values as in a [`crate::Preview`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellDiff {
    pub column: String,
    pub a: Value,
    pub b: Value,
}

/// Compares two table files and shows up to `limit` differing rows. Values are equal as in [`crate::content_id`].
///
/// # Errors
/// As [`Table::open`], naming the file that is at fault.
pub fn compare(a: &Path, b: &Path, limit: usize) -> Result<TableDiff, ArtifactError> {
    compare_tables(&Table::open(a)?, &Table::open(b)?, limit)
}

/// As [`compare`], of tables that are already open.
///
/// # Errors
/// [`ArtifactError::Malformed`] or [`ArtifactError::TooLarge`].
pub fn compare_tables(a: &Table, b: &Table, limit: usize) -> Result<TableDiff, ArtifactError> {
    let columns_a = guard(a.path(), || a.columns())?;
    let columns_b = guard(b.path(), || b.columns())?;
    let (schema, pairs) = match_columns(a.schema(), b.schema());
    guard(b.path(), || {
        let rows = a.rows().min(b.rows());
        let mut differs = vec![0_u64; rows.div_ceil(64) as usize];
        let mut columns = Vec::new();
        let mut found = Vec::new();
        for pair in &pairs {
            let sides = Sides { name: &pair.name, a: &columns_a[pair.in_a], b: &columns_b[pair.in_b] };
            let mut count = 0;
            sides.each_difference(&mut |row| {
                count += 1;
                if let Some(word) = differs.get_mut((row / 64) as usize) {
                    *word |= 1 << (row % 64);
                }
            })?;
            if count > 0 {
                columns.push(ColumnDiff { column: pair.name.clone(), differing_rows: count });
                found.push(sides);
            }
        }
        let differing_rows = differs.iter().map(|word| u64::from(word.count_ones())).sum();
        let first = (0..rows).filter(|row| differs[(row / 64) as usize] >> (row % 64) & 1 == 1);
        let first = first.take(limit.min(MAX_DIFF_ROWS)).map(|row| row_diff(&found, row)).collect::<Result<_, _>>()?;
        let compared = pairs.into_iter().map(|pair| pair.name).collect();
        Ok(TableDiff { rows_a: a.rows(), rows_b: b.rows(), schema, compared, columns, differing_rows, first })
    })
}

/// A column that both tables have.
struct Pair {
    name: String,
    in_a: usize,
    in_b: usize,
}

/// Pairs columns by name; of several with one name, the first with the first and so on.
fn match_columns(a: &Schema, b: &Schema) -> (Vec<SchemaDiff>, Vec<Pair>) {
    let mut in_b: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, field) in b.fields().iter().enumerate().rev() {
        in_b.entry(field.name()).or_default().push(index);
    }
    let (mut changes, mut both) = (Vec::new(), Vec::new());
    for (index, field) in a.fields().iter().enumerate() {
        match in_b.get_mut(field.name().as_str()).and_then(Vec::pop) {
            Some(other) => both.push((index, other)),
            None => changes
                .push(SchemaDiff::Removed { column: field.name().clone(), type_name: type_name(field.data_type()) }),
        }
    }
    let mut added: Vec<usize> = in_b.into_values().flatten().collect();
    added.sort_unstable();
    changes.extend(added.into_iter().map(|index| {
        let field = b.field(index);
        SchemaDiff::Added { column: field.name().clone(), type_name: type_name(field.data_type()) }
    }));
    let mut order_b: Vec<usize> = both.iter().map(|(_, index)| *index).collect();
    order_b.sort_unstable();
    let mut pairs = Vec::new();
    for (rank, &(index_a, index_b)) in both.iter().enumerate() {
        let (field_a, field_b) = (a.field(index_a), b.field(index_b));
        let column = field_a.name().clone();
        let (from, to) = (field_a.data_type(), field_b.data_type());
        if from != to && type_name(from) != type_name(to) {
            changes.push(SchemaDiff::TypeChanged { column: column.clone(), from: type_name(from), to: type_name(to) });
        }
        if order_b[rank] != index_b {
            changes.push(SchemaDiff::Moved { column: column.clone(), from: index_a, to: index_b });
        }
        if type_name(&logical(from)) == type_name(&logical(to)) {
            pairs.push(Pair { name: column, in_a: index_a, in_b: index_b });
        }
    }
    (changes, pairs)
}

/// A column in both tables, each as its parts.
struct Sides<'a> {
    name: &'a str,
    a: &'a [ArrayRef],
    b: &'a [ArrayRef],
}

impl Sides<'_> {
    /// Calls `found` with every row, in order, where the two differ.
    fn each_difference(&self, found: &mut dyn FnMut(u64)) -> Result<(), Flaw> {
        let (mut parts_a, mut parts_b) = (self.a.iter(), self.b.iter());
        let (mut a, mut b): (Option<ArrayRef>, Option<ArrayRef>) = (None, None);
        let mut row = 0;
        loop {
            let (Some(now_a), Some(now_b)) = (refill(a, &mut parts_a), refill(b, &mut parts_b)) else { return Ok(()) };
            let rows = WINDOW_ROWS.min(now_a.len()).min(now_b.len());
            differences(&now_a.slice(0, rows), &now_b.slice(0, rows), row, found)?;
            row += rows as u64;
            a = Some(now_a.slice(rows, now_a.len() - rows));
            b = Some(now_b.slice(rows, now_b.len() - rows));
        }
    }
}

/// What is left of the current part, or the next part that has rows.
fn refill<'a>(left: Option<ArrayRef>, parts: &mut impl Iterator<Item = &'a ArrayRef>) -> Option<ArrayRef> {
    left.filter(|part| !part.is_empty()).or_else(|| parts.find(|part| !part.is_empty()).cloned())
}

/// Finds the rows of a window that differ. Flat values are compared one by one; a window of nested ones is halved until
/// it is equal or a single row.
fn differences(a: &ArrayRef, b: &ArrayRef, first_row: u64, found: &mut dyn FnMut(u64)) -> Result<(), Flaw> {
    if canonical(a)? == canonical(b)? {
        return Ok(());
    }
    if let Some(rows) = flat_differences(a, b)? {
        rows.into_iter().for_each(|row| found(first_row + row as u64));
        return Ok(());
    }
    if a.len() == 1 {
        found(first_row);
        return Ok(());
    }
    let half = a.len() / 2;
    differences(&a.slice(0, half), &b.slice(0, half), first_row, found)?;
    let rest = a.len() - half;
    differences(&a.slice(half, rest), &b.slice(half, rest), first_row + half as u64, found)
}

fn canonical(window: &ArrayRef) -> Result<blake3::Hash, Flaw> {
    let mut out = Stream::hashing();
    write_column(&mut out, std::slice::from_ref(window))?;
    Ok(out.digest())
}

fn row_diff(columns: &[Sides<'_>], row: u64) -> Result<RowDiff, Flaw> {
    let mut cells = Vec::new();
    for sides in columns {
        let (a, b) = (one_row(sides.a, row)?, one_row(sides.b, row)?);
        if canonical(&a)? != canonical(&b)? {
            let column = sides.name.to_owned();
            cells.push(CellDiff { column, a: cell(a.as_ref(), 0, SHOWN), b: cell(b.as_ref(), 0, SHOWN) });
        }
    }
    Ok(RowDiff { row, cells })
}

fn one_row(parts: &[ArrayRef], row: u64) -> Result<ArrayRef, Flaw> {
    let mut left = row;
    for part in parts {
        if left < part.len() as u64 {
            return Ok(part.slice(left as usize, 1));
        }
        left -= part.len() as u64;
    }
    Err(Flaw::malformed(format!("it has no row {row}")))
}
