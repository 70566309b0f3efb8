//! The canonical bytes of a column: equal for equal values, however Arrow happens to store them.
//!
//! They don't depend on batches, offsets, padding, what lies under nulls, dictionary or run-end encoding, or which of
//! Arrow's layouts holds text, binary or lists. Values are kept bit for bit, so `-0.0` differs from `0.0`; only NaNs
//! are made one. A column is written as its validity bits, then its values, part after part:
//!
//! - validity: one byte 0 if nothing is null, else 1 and a bit map;
//! - fixed-width values: little-endian, zero under nulls; booleans: a bit map;
//! - text and binary: the lengths of all values, then the bytes of all values;
//! - lists: the lengths, then the items as a column; structs: each field as a column, rows under nulls left out.

mod flat;
mod nested;
mod stream;

use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use crate::error::Flaw;
pub(crate) use flat::flat_differences;
pub(crate) use stream::Stream;

/// Most bytes a column may expand to when dictionaries are decoded and shared text is written out.
pub(crate) const MAX_EXPANDED_BYTES: u64 = 16 * 1024 * 1024 * 1024;

/// Writes a column, given as its parts, which must have one type.
pub(crate) fn write_column(out: &mut Stream, parts: &[ArrayRef]) -> Result<(), Flaw> {
    let parts: Vec<ArrayRef> = parts.iter().filter(|part| !part.is_empty()).cloned().collect();
    let Some(first) = parts.first() else { return Ok(()) };
    match first.data_type().clone() {
        DataType::Null => Ok(()),
        DataType::Boolean => {
            flat::validity(out, &parts);
            flat::booleans(out, &parts);
            Ok(())
        }
        data_type if flat::is_bytes(&data_type) => {
            flat::validity(out, &parts);
            flat::byte_strings(out, &parts)
        }
        data_type if flat::fixed_width(&data_type).is_some() => {
            flat::validity(out, &parts);
            flat::fixed(out, &parts)
        }
        _ => nested::write(out, &parts),
    }
}
