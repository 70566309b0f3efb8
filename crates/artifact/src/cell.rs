//! Single values as JSON, exact where JSON can be exact.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use serde_json::{Value, json};

use crate::keys::{Keys, with_bytes};
use crate::time_text::time_text;

/// Largest integer that every JSON reader keeps exactly (2^53); larger ones become text.
const MAX_EXACT_INTEGER: u64 = 1 << 53;
/// Nested values below this depth are shown as an ellipsis.
const MAX_SHOWN_DEPTH: usize = 8;

/// How much of a long value is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    /// Characters of a text; a binary value shows half as many bytes.
    pub chars: usize,
    /// Items of a list or map.
    pub items: usize,
}

/// One cell as JSON: numbers as numbers, but integers beyond 2^53, NaN, infinities and decimals as text; times as ISO
/// 8601; binary as hex; lists and structs as JSON. What is left out is marked by `…`.
pub(crate) fn cell(array: &dyn Array, row: usize, shown: Shown) -> Value {
    at_depth(array, row, shown, 0)
}

fn at_depth(array: &dyn Array, row: usize, shown: Shown, depth: usize) -> Value {
    use DataType::*;
    if row >= array.len() || array.is_null(row) {
        return Value::Null;
    }
    if depth > MAX_SHOWN_DEPTH {
        return Value::from("…");
    }
    let item = |items: &ArrayRef, start: usize, length: usize| {
        let mut values: Vec<Value> =
            (start..start + length.min(shown.items)).map(|i| at_depth(items.as_ref(), i, shown, depth + 1)).collect();
        if length > shown.items {
            values.push(Value::from("…"));
        }
        Value::Array(values)
    };
    match array.data_type() {
        Null => Value::Null,
        Boolean => Value::Bool(array.as_boolean().value(row)),
        Utf8 | LargeUtf8 | Utf8View => with_bytes(array, |value| text(value(row), shown)),
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => with_bytes(array, |value| hex(value(row), shown)),
        Dictionary(_, _) => match array.as_any_dictionary_opt() {
            Some(dictionary) => {
                let one = array.slice(row, 1);
                let key = one.as_any_dictionary_opt().map_or(0, |one| Keys::of_dictionary(one).at(0));
                at_depth(dictionary.values().as_ref(), key, shown, depth)
            }
            None => Value::Null,
        },
        List(_) => {
            let list = array.as_list::<i32>();
            let (start, end) = (list.value_offsets()[row] as usize, list.value_offsets()[row + 1] as usize);
            item(list.values(), start, end - start)
        }
        LargeList(_) => {
            let list = array.as_list::<i64>();
            let (start, end) = (list.value_offsets()[row] as usize, list.value_offsets()[row + 1] as usize);
            item(list.values(), start, end - start)
        }
        FixedSizeList(_, _) => {
            let list = array.as_fixed_size_list();
            let width = list.value_length() as usize;
            item(list.values(), list.value_offset_at(row), width)
        }
        Map(_, _) => {
            let map = array.as_map();
            let entries: ArrayRef = std::sync::Arc::new(map.entries().clone());
            let (start, end) = (map.value_offsets()[row] as usize, map.value_offsets()[row + 1] as usize);
            item(&entries, start, end - start)
        }
        Struct(fields) => {
            let columns = array.as_struct().columns();
            let pairs = fields.iter().zip(columns).take(shown.items);
            let pairs = pairs.map(|(f, column)| (f.name().clone(), at_depth(column.as_ref(), row, shown, depth + 1)));
            Value::Object(pairs.collect())
        }
        other if other.is_primitive() => primitive(array, row),
        other => Value::from(format!("({})", crate::type_name(other))),
    }
}

fn primitive(array: &dyn Array, row: usize) -> Value {
    use DataType::*;
    if let Some(value) = as_i64(array, row)
        && let Some(text) = time_text(array.data_type(), value)
    {
        return Value::from(text);
    }
    match array.data_type() {
        Int8 | Int16 | Int32 | Int64 => as_i64(array, row).map_or(Value::Null, integer),
        UInt8 | UInt16 | UInt32 => as_i64(array, row).map_or(Value::Null, integer),
        UInt64 => unsigned(array.as_primitive::<arrow_array::types::UInt64Type>().value(row)),
        Float16 => float(array.as_primitive::<arrow_array::types::Float16Type>().value(row).to_f64()),
        // The shortest text that reads back as this 32-bit number: 0.1 is shown, not 0.10000000149011612.
        Float32 => {
            let value = array.as_primitive::<arrow_array::types::Float32Type>().value(row);
            float(value.to_string().parse().unwrap_or(f64::from(value)))
        }
        Float64 => float(array.as_primitive::<arrow_array::types::Float64Type>().value(row)),
        Decimal32(_, _) => Value::from(array.as_primitive::<arrow_array::types::Decimal32Type>().value_as_string(row)),
        Decimal64(_, _) => Value::from(array.as_primitive::<arrow_array::types::Decimal64Type>().value_as_string(row)),
        Decimal128(_, _) => {
            Value::from(array.as_primitive::<arrow_array::types::Decimal128Type>().value_as_string(row))
        }
        Decimal256(_, _) => {
            Value::from(array.as_primitive::<arrow_array::types::Decimal256Type>().value_as_string(row))
        }
        other => Value::from(format!("({})", crate::type_name(other))),
    }
}

/// The stored number of an integer or time type that fits 64 signed bits.
fn as_i64(array: &dyn Array, row: usize) -> Option<i64> {
    use arrow_array::types::*;
    use arrow_schema::TimeUnit::*;
    let value = match array.data_type() {
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).into(),
        DataType::Date32 => array.as_primitive::<Date32Type>().value(row).into(),
        DataType::Date64 => array.as_primitive::<Date64Type>().value(row),
        DataType::Time32(Second) => array.as_primitive::<Time32SecondType>().value(row).into(),
        DataType::Time32(_) => array.as_primitive::<Time32MillisecondType>().value(row).into(),
        DataType::Time64(Nanosecond) => array.as_primitive::<Time64NanosecondType>().value(row),
        DataType::Time64(_) => array.as_primitive::<Time64MicrosecondType>().value(row),
        DataType::Timestamp(Second, _) => array.as_primitive::<TimestampSecondType>().value(row),
        DataType::Timestamp(Millisecond, _) => array.as_primitive::<TimestampMillisecondType>().value(row),
        DataType::Timestamp(Microsecond, _) => array.as_primitive::<TimestampMicrosecondType>().value(row),
        DataType::Timestamp(Nanosecond, _) => array.as_primitive::<TimestampNanosecondType>().value(row),
        DataType::Duration(Second) => array.as_primitive::<DurationSecondType>().value(row),
        DataType::Duration(Millisecond) => array.as_primitive::<DurationMillisecondType>().value(row),
        DataType::Duration(Microsecond) => array.as_primitive::<DurationMicrosecondType>().value(row),
        DataType::Duration(Nanosecond) => array.as_primitive::<DurationNanosecondType>().value(row),
        _ => return None,
    };
    Some(value)
}

/// An integer, as text if a JSON reader could round it.
pub(crate) fn integer(value: i64) -> Value {
    if value.unsigned_abs() > MAX_EXACT_INTEGER { Value::from(value.to_string()) } else { Value::from(value) }
}

/// As [`integer`], without a sign.
pub(crate) fn unsigned(value: u64) -> Value {
    if value > MAX_EXACT_INTEGER { Value::from(value.to_string()) } else { Value::from(value) }
}

/// A float; `"NaN"`, `"Infinity"` or `"-Infinity"` where JSON has no number for it.
pub(crate) fn float(value: f64) -> Value {
    match value {
        _ if value.is_finite() => json!(value),
        _ if value.is_nan() => Value::from("NaN"),
        _ if value > 0.0 => Value::from("Infinity"),
        _ => Value::from("-Infinity"),
    }
}

/// Text, cut after so many characters.
pub(crate) fn text(bytes: &[u8], shown: Shown) -> Value {
    // Four bytes hold at least one character: no need to look at more of a very long value.
    let head = &bytes[..bytes.len().min(shown.chars.saturating_add(1).saturating_mul(4))];
    let head = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or(""),
    };
    match head.char_indices().nth(shown.chars) {
        Some((end, _)) => Value::from(format!("{}…", &head[..end])),
        None => Value::from(head),
    }
}

/// Hex digits, cut likewise.
pub(crate) fn hex(bytes: &[u8], shown: Shown) -> Value {
    use std::fmt::Write;
    let mut text = String::new();
    for byte in bytes.iter().take(shown.chars / 2) {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    if bytes.len() > shown.chars / 2 {
        text.push('…');
    }
    Value::from(text)
}
