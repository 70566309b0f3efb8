//! Columns whose values have no parts: numbers, times, booleans, text and binary, plain or dictionary-encoded.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::BooleanBuffer;
use arrow_schema::DataType;

use super::MAX_EXPANDED_BYTES;
use super::stream::{Bits, Stream};
use crate::error::Flaw;
use crate::keys::{Keys, with_bytes};

/// Rows copied at a time where values can't be hashed where they lie.
const COPY_ROWS: usize = 4_096;

/// The type of the values, dictionaries looked through.
fn value_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, value) => value,
        other => other,
    }
}

pub(super) fn is_bytes(data_type: &DataType) -> bool {
    use DataType::*;
    matches!(value_type(data_type), Utf8 | LargeUtf8 | Utf8View | Binary | LargeBinary | BinaryView)
}

/// Bytes per value, for types of fixed width.
pub(super) fn fixed_width(data_type: &DataType) -> Option<usize> {
    match value_type(data_type) {
        DataType::FixedSizeBinary(width) => usize::try_from(*width).ok(),
        other => other.primitive_width(),
    }
}

pub(super) fn validity(out: &mut Stream, parts: &[ArrayRef]) {
    let nulls: Vec<_> = parts.iter().map(|part| part.logical_nulls().filter(|n| n.null_count() > 0)).collect();
    if nulls.iter().all(Option::is_none) {
        return out.put(&[0]);
    }
    out.put(&[1]);
    let mut bits = Bits::new(out);
    for (part, nulls) in parts.iter().zip(&nulls) {
        match nulls {
            Some(nulls) => push_bits(&mut bits, nulls.inner()),
            None => push_ones(&mut bits, part.len()),
        }
    }
    bits.finish();
}

pub(super) fn booleans(out: &mut Stream, parts: &[ArrayRef]) {
    let mut bits = Bits::new(out);
    for part in parts {
        let array = part.as_boolean();
        match array.nulls().filter(|n| n.null_count() > 0) {
            Some(nulls) => push_bits(&mut bits, &(array.values() & nulls.inner())),
            None => push_bits(&mut bits, array.values()),
        }
    }
    bits.finish();
}

fn push_bits(bits: &mut Bits<'_>, source: &BooleanBuffer) {
    let chunks = source.bit_chunks();
    chunks.iter().for_each(|word| bits.push_word(word, 64));
    if chunks.remainder_len() > 0 {
        bits.push_word(chunks.remainder_bits(), chunks.remainder_len() as u32);
    }
}

fn push_ones(bits: &mut Bits<'_>, count: usize) {
    (0..count / 64).for_each(|_| bits.push_word(u64::MAX, 64));
    let left = (count % 64) as u32;
    if left > 0 {
        bits.push_word((1 << left) - 1, left);
    }
}

/// What has to be done to a value's bits before they are compared.
#[derive(Clone, Copy)]
enum Float {
    No,
    Half,
    Single,
    Double,
}

pub(super) fn fixed(out: &mut Stream, parts: &[ArrayRef]) -> Result<(), Flaw> {
    let Some(first) = parts.first() else { return Ok(()) };
    let width = fixed_width(first.data_type()).unwrap_or(0);
    if width == 0 {
        return Ok(());
    }
    let float = match value_type(first.data_type()) {
        DataType::Float16 => Float::Half,
        DataType::Float32 => Float::Single,
        DataType::Float64 => Float::Double,
        _ => Float::No,
    };
    let rows: usize = parts.iter().map(|part| part.len()).sum();
    check_expanded(rows as u64 * width as u64)?;
    let mut copy = Vec::with_capacity(COPY_ROWS * width.min(64));
    for part in parts {
        let nulls = part.logical_nulls().filter(|n| n.null_count() > 0);
        let keys = Keys::of(part.as_ref());
        let values = match part.as_any_dictionary_opt() {
            Some(dictionary) => dictionary.values().to_data(),
            None => part.to_data(),
        };
        let bytes = values.buffers().first().map_or(&[][..], |buffer| buffer.as_slice());
        let bytes = bytes.get(values.offset() * width..).unwrap_or(&[]);
        let mut start = 0;
        while start < part.len() {
            let end = part.len().min(start + COPY_ROWS);
            let straight = &bytes.get(start * width..end * width);
            match (&keys, &nulls, straight) {
                (None, None, Some(block)) if !has_nan(block, float) => out.put(block),
                _ => {
                    copy.clear();
                    for row in start..end {
                        let at = keys.as_ref().map_or(row, |keys| keys.at(row));
                        match bytes.get(at * width..(at + 1) * width) {
                            Some(value) if nulls.as_ref().is_none_or(|n| n.is_valid(row)) => {
                                copy.extend_from_slice(value)
                            }
                            _ => copy.resize(copy.len() + width, 0),
                        }
                    }
                    unify_nans(&mut copy, float);
                    out.put(&copy);
                }
            }
            start = end;
        }
    }
    Ok(())
}

/// Magnitudes above infinity are the NaNs; the loops have no branches, so that they are vectorised.
fn has_nan(bytes: &[u8], float: Float) -> bool {
    match float {
        Float::No => false,
        Float::Half => bytes.as_chunks().0.iter().fold(false, |any, b| any | is_nan16(u16::from_le_bytes(*b))),
        Float::Single => bytes.as_chunks().0.iter().fold(false, |any, b| any | f32::from_le_bytes(*b).is_nan()),
        Float::Double => bytes.as_chunks().0.iter().fold(false, |any, b| any | f64::from_le_bytes(*b).is_nan()),
    }
}

fn is_nan16(bits: u16) -> bool {
    bits & 0x7fff > 0x7c00
}

fn unify_nans(bytes: &mut [u8], float: Float) {
    match float {
        Float::No => {}
        Float::Half => bytes.as_chunks_mut().0.iter_mut().for_each(|b| {
            if is_nan16(u16::from_le_bytes(*b)) {
                *b = 0x7e00_u16.to_le_bytes();
            }
        }),
        Float::Single => bytes.as_chunks_mut().0.iter_mut().for_each(|b| {
            if f32::from_le_bytes(*b).is_nan() {
                *b = 0x7fc0_0000_u32.to_le_bytes();
            }
        }),
        Float::Double => bytes.as_chunks_mut().0.iter_mut().for_each(|b| {
            if f64::from_le_bytes(*b).is_nan() {
                *b = 0x7ff8_0000_0000_0000_u64.to_le_bytes();
            }
        }),
    }
}

pub(super) fn byte_strings(out: &mut Stream, parts: &[ArrayRef]) -> Result<(), Flaw> {
    let mut total = 0_u64;
    for part in parts {
        let nulls = part.logical_nulls().filter(|n| n.null_count() > 0);
        with_bytes(part.as_ref(), |value| {
            for row in 0..part.len() {
                let valid = nulls.as_ref().is_none_or(|n| n.is_valid(row));
                let length = if valid { value(row).len() } else { 0 };
                total = total.saturating_add(length as u64);
                out.put_length(length);
            }
        });
    }
    check_expanded(total)?;
    for part in parts {
        let nulls = part.logical_nulls().filter(|n| n.null_count() > 0);
        match whole_bytes(part.as_ref()) {
            Some(bytes) if nulls.is_none() => out.put(bytes),
            _ => with_bytes(part.as_ref(), |value| {
                for row in 0..part.len() {
                    if nulls.as_ref().is_none_or(|n| n.is_valid(row)) {
                        out.put(value(row));
                    }
                }
            }),
        }
    }
    Ok(())
}

/// All bytes of a part, where they lie one after the other.
fn whole_bytes(array: &dyn Array) -> Option<&[u8]> {
    fn between<'a, O: arrow_array::OffsetSizeTrait>(offsets: &[O], bytes: &'a [u8]) -> Option<&'a [u8]> {
        bytes.get(offsets.first()?.as_usize()..offsets.last()?.as_usize())
    }
    match array.data_type() {
        DataType::Utf8 => between(array.as_string::<i32>().value_offsets(), array.as_string::<i32>().value_data()),
        DataType::LargeUtf8 => between(array.as_string::<i64>().value_offsets(), array.as_string::<i64>().value_data()),
        DataType::Binary => between(array.as_binary::<i32>().value_offsets(), array.as_binary::<i32>().value_data()),
        DataType::LargeBinary => {
            between(array.as_binary::<i64>().value_offsets(), array.as_binary::<i64>().value_data())
        }
        _ => None,
    }
}

fn check_expanded(bytes: u64) -> Result<(), Flaw> {
    match bytes > MAX_EXPANDED_BYTES {
        true => Err(Flaw::TooLarge { what: format!("a column of {bytes} decoded bytes"), limit: MAX_EXPANDED_BYTES }),
        false => Ok(()),
    }
}

/// Widest value that is compared from a copy.
const MAX_COPIED_WIDTH: usize = 64;

/// The rows where two arrays of one logical type and one length differ; nothing if they are not flat.
pub(crate) fn flat_differences(a: &ArrayRef, b: &ArrayRef) -> Result<Option<Vec<usize>>, Flaw> {
    let (nulls_a, nulls_b) = (a.logical_nulls(), b.logical_nulls());
    let valid_a = |row| nulls_a.as_ref().is_none_or(|nulls| nulls.is_valid(row));
    let valid_b = |row| nulls_b.as_ref().is_none_or(|nulls| nulls.is_valid(row));
    let rows = 0..a.len().min(b.len());
    if is_bytes(a.data_type()) && is_bytes(b.data_type()) {
        return Ok(Some(with_bytes(a.as_ref(), |value_a| {
            with_bytes(b.as_ref(), |value_b| {
                let differs = |row: &usize| match (valid_a(*row), valid_b(*row)) {
                    (true, true) => value_a(*row) != value_b(*row),
                    (a, b) => a != b,
                };
                rows.filter(differs).collect()
            })
        })));
    }
    match (fixed_width(a.data_type()), fixed_width(b.data_type())) {
        (Some(width), Some(same)) if width == same && (1..=MAX_COPIED_WIDTH).contains(&width) => {
            let copy = |array: &ArrayRef| {
                let mut out = Stream::keeping();
                fixed(&mut out, std::slice::from_ref(array)).map(|()| out.into_bytes())
            };
            let (bytes_a, bytes_b) = (copy(a)?, copy(b)?);
            let pairs = bytes_a.chunks(width).zip(bytes_b.chunks(width));
            let differs = rows.zip(pairs).filter(|(row, (a, b))| a != b || valid_a(*row) != valid_b(*row));
            Ok(Some(differs.map(|(row, _)| row).collect()))
        }
        _ => Ok(None),
    }
}
