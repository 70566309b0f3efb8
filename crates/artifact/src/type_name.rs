//! Names of Arrow types: as stored, and as a content id sees them.

use std::sync::Arc;

use arrow_schema::{DataType, Field, IntervalUnit, TimeUnit, UnionMode};

/// A type's name in the spelling pandas and pyarrow users know: `int64`, `timestamp[us, tz=UTC]`,
/// `dictionary<int32, string>`. Two types have the same name only if they are the same, nullability aside.
pub fn type_name(data_type: &DataType) -> String {
    use DataType::*;
    match data_type {
        Null => "null".into(),
        Boolean => "bool".into(),
        Int8 => "int8".into(),
        Int16 => "int16".into(),
        Int32 => "int32".into(),
        Int64 => "int64".into(),
        UInt8 => "uint8".into(),
        UInt16 => "uint16".into(),
        UInt32 => "uint32".into(),
        UInt64 => "uint64".into(),
        Float16 => "float16".into(),
        Float32 => "float32".into(),
        Float64 => "float64".into(),
        Utf8 => "string".into(),
        LargeUtf8 => "large_string".into(),
        Utf8View => "string_view".into(),
        Binary => "binary".into(),
        LargeBinary => "large_binary".into(),
        BinaryView => "binary_view".into(),
        FixedSizeBinary(width) => format!("fixed_size_binary[{width}]"),
        Date32 => "date32".into(),
        Date64 => "date64".into(),
        Time32(unit) => format!("time32[{}]", unit_name(*unit)),
        Time64(unit) => format!("time64[{}]", unit_name(*unit)),
        Timestamp(unit, None) => format!("timestamp[{}]", unit_name(*unit)),
        Timestamp(unit, Some(zone)) => format!("timestamp[{}, tz={zone}]", unit_name(*unit)),
        Duration(unit) => format!("duration[{}]", unit_name(*unit)),
        Interval(IntervalUnit::YearMonth) => "interval[month]".into(),
        Interval(IntervalUnit::DayTime) => "interval[day_time]".into(),
        Interval(IntervalUnit::MonthDayNano) => "interval[month_day_nano]".into(),
        Decimal32(precision, scale) => format!("decimal32({precision}, {scale})"),
        Decimal64(precision, scale) => format!("decimal64({precision}, {scale})"),
        Decimal128(precision, scale) => format!("decimal128({precision}, {scale})"),
        Decimal256(precision, scale) => format!("decimal256({precision}, {scale})"),
        List(item) => format!("list<{}>", type_name(item.data_type())),
        LargeList(item) => format!("large_list<{}>", type_name(item.data_type())),
        ListView(item) => format!("list_view<{}>", type_name(item.data_type())),
        LargeListView(item) => format!("large_list_view<{}>", type_name(item.data_type())),
        FixedSizeList(item, width) => format!("fixed_size_list<{}>[{width}]", type_name(item.data_type())),
        Struct(fields) => format!("struct<{}>", fields_text(fields.iter())),
        Map(entries, sorted) => {
            format!("map<{}{}>", type_name(entries.data_type()), if *sorted { ", sorted" } else { "" })
        }
        Dictionary(key, value) => format!("dictionary<{}, {}>", type_name(key), type_name(value)),
        RunEndEncoded(ends, values) => {
            format!("run_end_encoded<{}, {}>", type_name(ends.data_type()), type_name(values.data_type()))
        }
        Union(fields, mode) => {
            let mode = if *mode == UnionMode::Dense { "dense" } else { "sparse" };
            let parts: Vec<_> = fields.iter().map(|(id, field)| format!("{id}={}", field_text(field))).collect();
            format!("{mode}_union<{}>", parts.join(", "))
        }
    }
}

/// The type whose values these are, whichever way they are stored: dictionaries and run ends are decoded, the three
/// layouts of text, binary and list become one.
pub(crate) fn logical(data_type: &DataType) -> DataType {
    use DataType::*;
    match data_type {
        LargeUtf8 | Utf8View => Utf8,
        LargeBinary | BinaryView => Binary,
        Dictionary(_, value) => logical(value),
        RunEndEncoded(_, values) => logical(values.data_type()),
        List(item) | LargeList(item) | ListView(item) | LargeListView(item) => List(logical_field(item)),
        FixedSizeList(item, width) => FixedSizeList(logical_field(item), *width),
        Struct(fields) => Struct(fields.iter().map(logical_field).collect()),
        Map(entries, sorted) => Map(logical_field(entries), *sorted),
        Union(fields, _) => {
            Union(fields.iter().map(|(id, field)| (id, logical_field(field))).collect(), UnionMode::Dense)
        }
        other => other.clone(),
    }
}

fn logical_field(field: &Arc<Field>) -> Arc<Field> {
    Arc::new(Field::new(field.name(), logical(field.data_type()), true))
}

fn fields_text<'a>(fields: impl Iterator<Item = &'a Arc<Field>>) -> String {
    fields.map(field_text).collect::<Vec<_>>().join(", ")
}

/// The name is quoted: a name like `a: int8, b` must not read as two fields.
fn field_text(field: &Arc<Field>) -> String {
    format!("{:?}: {}", field.name(), type_name(field.data_type()))
}

fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "s",
        TimeUnit::Millisecond => "ms",
        TimeUnit::Microsecond => "us",
        TimeUnit::Nanosecond => "ns",
    }
}
