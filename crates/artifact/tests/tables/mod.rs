//! Tables for the tests, built in Rust and written as workers write them.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder, MapBuilder, StringBuilder, StringDictionaryBuilder};
use arrow_array::types::{Float16Type, Int32Type};
use arrow_array::*;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, Schema};

/// The bytes of an Arrow IPC file.
pub fn file_of(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = FileWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

/// A table in a folder that vanishes with the value.
pub struct Stored {
    pub path: PathBuf,
    _folder: tempfile::TempDir,
}

pub fn stored_bytes(bytes: &[u8]) -> Stored {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.arrow");
    std::fs::write(&path, bytes).unwrap();
    Stored { path, _folder: folder }
}

pub fn stored(batches: &[RecordBatch]) -> Stored {
    stored_bytes(&file_of(batches))
}

pub fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let rows = columns.first().map_or(0, |(_, array)| array.len());
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).unwrap()
}

pub fn single(array: impl Array + 'static) -> RecordBatch {
    batch(vec![("x", Arc::new(array))])
}

pub fn content_id(batches: &[RecordBatch]) -> String {
    suanzi_artifact::content_id(&stored(batches).path).unwrap()
}

pub fn describe(batches: &[RecordBatch]) -> suanzi_artifact::TableDescription {
    suanzi_artifact::describe(&stored(batches).path).unwrap()
}

pub fn table_name() -> &'static Path {
    Path::new("test.arrow")
}

/// A table with a column of nearly every type, nulls in each.
pub fn every_type(rows: usize) -> RecordBatch {
    let some = |row: usize, every: usize| row % every != 1;
    let numbers = || (0..rows).map(|row| some(row, 3).then_some(row as i64 * 7 - 40));
    let texts = || (0..rows).map(|row| some(row, 4).then(|| format!("值{}", row % 11)));
    let bytes = || (0..rows).map(|row| some(row, 5).then(|| vec![row as u8; row % 6]));

    let mut dictionary = StringDictionaryBuilder::<Int32Type>::new();
    texts().for_each(|text| dictionary.append_option(text));
    let mut list = ListBuilder::new(Int32Builder::new());
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    for row in 0..rows {
        (0..row % 4).for_each(|item| list.values().append_option((item != 2).then_some(item as i32)));
        list.append(some(row, 6));
        (0..row % 3).for_each(|item| {
            map.keys().append_value(format!("k{item}"));
            map.values().append_value(item as i32);
        });
        map.append(some(row, 7)).unwrap();
    }
    let inner: ArrayRef = Arc::new(Int32Array::from_iter((0..rows).map(|row| some(row, 2).then_some(row as i32))));
    let fields: arrow_schema::Fields = vec![Field::new("a", DataType::Int32, true)].into();
    let validity = (0..rows).map(|row| some(row, 5)).collect::<Vec<_>>();
    let structs = StructArray::new(fields, vec![inner], Some(validity.into()));
    let fixed = FixedSizeListArray::from_iter_primitive::<Int32Type, _, _>(
        (0..rows).map(|row| some(row, 3).then(|| vec![Some(row as i32), None])),
        2,
    );
    let halves = (0..rows).map(|row| some(row, 3).then(|| half::f16::from_f32(row as f32 / 4.0)));
    batch(vec![
        ("null", Arc::new(NullArray::new(rows))),
        ("bool", Arc::new(BooleanArray::from_iter((0..rows).map(|row| some(row, 3).then_some(row % 2 == 0))))),
        ("i8", Arc::new(Int8Array::from_iter(numbers().map(|n| n.map(|n| n as i8))))),
        ("i16", Arc::new(Int16Array::from_iter(numbers().map(|n| n.map(|n| n as i16))))),
        ("i32", Arc::new(Int32Array::from_iter(numbers().map(|n| n.map(|n| n as i32))))),
        ("i64", Arc::new(Int64Array::from_iter(numbers()))),
        ("u8", Arc::new(UInt8Array::from_iter(numbers().map(|n| n.map(|n| n as u8))))),
        ("u64", Arc::new(UInt64Array::from_iter(numbers().map(|n| n.map(|n| n as u64))))),
        ("f16", Arc::new(PrimitiveArray::<Float16Type>::from_iter(halves))),
        ("f32", Arc::new(Float32Array::from_iter(numbers().map(|n| n.map(|n| n as f32 / 3.0))))),
        ("f64", Arc::new(Float64Array::from_iter(numbers().map(|n| n.map(|n| n as f64 / 3.0))))),
        ("text", Arc::new(StringArray::from_iter(texts()))),
        ("large_text", Arc::new(LargeStringArray::from_iter(texts()))),
        ("text_view", Arc::new(StringViewArray::from_iter(texts().map(|t| t.map(|t| t.repeat(4)))))),
        ("binary", Arc::new(BinaryArray::from_iter(bytes()))),
        (
            "fixed_binary",
            Arc::new(
                FixedSizeBinaryArray::try_from_sparse_iter_with_size(
                    (0..rows).map(|row| some(row, 3).then_some([row as u8; 3])),
                    3,
                )
                .unwrap(),
            ),
        ),
        ("date", Arc::new(Date32Array::from_iter(numbers().map(|n| n.map(|n| n as i32))))),
        ("date64", Arc::new(Date64Array::from_iter(numbers().map(|n| n.map(|n| n * 86_400_000))))),
        ("time", Arc::new(Time64MicrosecondArray::from_iter(numbers().map(|n| n.map(i64::abs))))),
        ("stamp", Arc::new(TimestampMicrosecondArray::from_iter(numbers()).with_timezone("Asia/Shanghai"))),
        ("duration", Arc::new(DurationMillisecondArray::from_iter(numbers()))),
        (
            "decimal",
            Arc::new(
                Decimal128Array::from_iter(numbers().map(|n| n.map(i128::from)))
                    .with_precision_and_scale(20, 2)
                    .unwrap(),
            ),
        ),
        ("dictionary", Arc::new(dictionary.finish())),
        ("list", Arc::new(list.finish())),
        ("map", Arc::new(map.finish())),
        ("struct", Arc::new(structs)),
        ("fixed_list", Arc::new(fixed)),
    ])
}
