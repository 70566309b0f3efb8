//! Columns whose values have parts: lists, structs, maps, unions, and encodings of such values.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, ArrayRef, RunArray};
use arrow_schema::DataType;

use super::stream::Stream;
use super::{flat, write_column};
use crate::error::Flaw;
use crate::keys::Keys;

/// Most pieces a column may be cut into where values are shared between rows (list views, dictionaries of lists, run
/// ends, unions): such columns can name the same value over and over.
const MAX_PIECES: usize = 16 * 1024 * 1024;

/// Rows picked from arrays, in order; neighbours are joined.
#[derive(Default)]
struct Pieces(Vec<(ArrayRef, usize, usize)>);

impl Pieces {
    fn push(&mut self, array: &ArrayRef, start: usize, length: usize) -> Result<(), Flaw> {
        if length == 0 {
            return Ok(());
        }
        let pieces = self.0.len();
        match self.0.last_mut() {
            Some((last, at, count)) if Arc::ptr_eq(last, array) && *at + *count == start => *count += length,
            _ if pieces >= MAX_PIECES => {
                return Err(Flaw::TooLarge { what: "nested column's pieces".into(), limit: MAX_PIECES as u64 });
            }
            _ => self.0.push((array.clone(), start, length)),
        }
        Ok(())
    }

    fn write(self, out: &mut Stream) -> Result<(), Flaw> {
        let slices: Vec<ArrayRef> = self.0.iter().map(|(array, start, length)| array.slice(*start, *length)).collect();
        write_column(out, &slices)
    }
}

pub(super) fn write(out: &mut Stream, parts: &[ArrayRef]) -> Result<(), Flaw> {
    use DataType::*;
    let Some(first) = parts.first() else { return Ok(()) };
    match first.data_type().clone() {
        List(_) => {
            lists(out, parts, |a, row| extent(a.as_list::<i32>().value_offsets(), row), |a| a.as_list::<i32>().values())
        }
        LargeList(_) => {
            lists(out, parts, |a, row| extent(a.as_list::<i64>().value_offsets(), row), |a| a.as_list::<i64>().values())
        }
        ListView(_) => lists(
            out,
            parts,
            |a, row| {
                (a.as_list_view::<i32>().value_offset(row) as usize, a.as_list_view::<i32>().value_size(row) as usize)
            },
            |a| a.as_list_view::<i32>().values(),
        ),
        LargeListView(_) => lists(
            out,
            parts,
            |a, row| {
                (a.as_list_view::<i64>().value_offset(row) as usize, a.as_list_view::<i64>().value_size(row) as usize)
            },
            |a| a.as_list_view::<i64>().values(),
        ),
        FixedSizeList(_, width) => {
            let width = usize::try_from(width).unwrap_or(0);
            lists(out, parts, move |_, row| (row * width, width), |a| a.as_fixed_size_list().values())
        }
        Map(_, _) => maps(out, parts),
        Struct(fields) => structs(out, parts, fields.len()),
        Union(fields, _) => unions(out, parts, fields.iter().map(|(id, _)| id).collect()),
        Dictionary(_, _) => dictionaries(out, parts),
        RunEndEncoded(ends, _) => match ends.data_type() {
            Int16 => runs::<Int16Type>(out, parts),
            Int32 => runs::<Int32Type>(out, parts),
            _ => runs::<Int64Type>(out, parts),
        },
        other => Err(Flaw::malformed(format!("a column of type {other} cannot be read"))),
    }
}

fn extent<O: arrow_array::OffsetSizeTrait>(offsets: &[O], row: usize) -> (usize, usize) {
    match (offsets.get(row), offsets.get(row + 1)) {
        (Some(start), Some(end)) => (start.as_usize(), end.as_usize().saturating_sub(start.as_usize())),
        _ => (0, 0),
    }
}

/// Any kind of list, given where a row's items lie.
fn lists(
    out: &mut Stream,
    parts: &[ArrayRef],
    extent: impl Fn(&dyn Array, usize) -> (usize, usize),
    items: impl Fn(&ArrayRef) -> &ArrayRef,
) -> Result<(), Flaw> {
    flat::validity(out, parts);
    let mut pieces = Pieces::default();
    for part in parts {
        let items = items(part);
        for row in 0..part.len() {
            let (start, length) = if part.is_valid(row) { extent(part.as_ref(), row) } else { (0, 0) };
            out.put_length(length);
            pieces.push(items, start, length)?;
        }
    }
    pieces.write(out)
}

fn maps(out: &mut Stream, parts: &[ArrayRef]) -> Result<(), Flaw> {
    flat::validity(out, parts);
    let mut pieces = Pieces::default();
    for part in parts {
        let map = part.as_map();
        let entries: ArrayRef = Arc::new(map.entries().clone());
        for row in 0..part.len() {
            let (start, length) = if part.is_valid(row) { extent(map.value_offsets(), row) } else { (0, 0) };
            out.put_length(length);
            pieces.push(&entries, start, length)?;
        }
    }
    pieces.write(out)
}

fn structs(out: &mut Stream, parts: &[ArrayRef], fields: usize) -> Result<(), Flaw> {
    flat::validity(out, parts);
    for field in 0..fields {
        let mut pieces = Pieces::default();
        for part in parts {
            let column = part.as_struct().column(field);
            match part.nulls() {
                Some(nulls) => {
                    for (start, end) in nulls.valid_slices() {
                        pieces.push(column, start, end - start)?;
                    }
                }
                None => pieces.push(column, 0, part.len())?,
            }
        }
        pieces.write(out)?;
    }
    Ok(())
}

/// The type of every row, then the values of each type in the order of rows.
fn unions(out: &mut Stream, parts: &[ArrayRef], ids: Vec<i8>) -> Result<(), Flaw> {
    for part in parts {
        part.as_union().type_ids().iter().for_each(|id| out.put(&id.to_le_bytes()));
    }
    for id in ids {
        let mut pieces = Pieces::default();
        for part in parts {
            let union = part.as_union();
            let child = union.child(id);
            for row in (0..part.len()).filter(|row| union.type_id(*row) == id) {
                pieces.push(child, union.value_offset(row), 1)?;
            }
        }
        pieces.write(out)?;
    }
    Ok(())
}

/// A dictionary of nested values, row by row; a null row is written as one null of the values' type.
fn dictionaries(out: &mut Stream, parts: &[ArrayRef]) -> Result<(), Flaw> {
    let mut pieces = Pieces::default();
    for part in parts {
        let Some(dictionary) = part.as_any_dictionary_opt() else { continue };
        let null = arrow_array::new_null_array(dictionary.values().data_type(), 1);
        let keys = Keys::of_dictionary(dictionary);
        for row in 0..part.len() {
            match dictionary.keys().is_valid(row) {
                true => pieces.push(dictionary.values(), keys.at(row), 1)?,
                false => pieces.push(&null, 0, 1)?,
            }
        }
    }
    pieces.write(out)
}

fn runs<R: RunEndIndexType>(out: &mut Stream, parts: &[ArrayRef]) -> Result<(), Flaw> {
    let mut pieces = Pieces::default();
    for part in parts {
        let Some(array) = part.as_any().downcast_ref::<RunArray<R>>() else { continue };
        for row in 0..part.len() {
            pieces.push(array.values(), array.get_physical_index(row), 1)?;
        }
    }
    pieces.write(out)
}
