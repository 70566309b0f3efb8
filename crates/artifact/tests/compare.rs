//! Differences between two tables.

mod tables;

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::*;
use proptest::prelude::*;
use serde_json::json;
use suanzi_artifact::{ColumnDiff, SchemaDiff, TableDiff, compare};
use tables::{batch, every_type, single, stored};

fn diff(a: &[RecordBatch], b: &[RecordBatch]) -> TableDiff {
    compare(&stored(a).path, &stored(b).path, 3).unwrap()
}

#[test]
fn the_same_table_has_no_differences() {
    let table = every_type(60);
    assert!(diff(&[table.slice(0, 7), table.slice(7, 53)], &[table]).is_empty());
}

#[test]
fn differing_cells_are_shown() {
    let table = |amounts: Vec<f64>, names: Vec<Option<&str>>| {
        batch(vec![("amount", Arc::new(Float64Array::from(amounts))), ("name", Arc::new(StringArray::from(names)))])
    };
    let a = table(vec![1.0, f64::NAN, 3.0, 4.0], vec![Some("x"), None, Some("z"), Some("w")]);
    let b = table(vec![1.0, f64::NAN, 3.5], vec![Some("x"), Some(""), Some("z")]);
    let found = diff(&[a], &[b]);
    assert_eq!((found.rows_a, found.rows_b, found.differing_rows), (4, 3, 2));
    let expected = json!([
        {"row": 1, "cells": [{"column": "name", "a": null, "b": ""}]},
        {"row": 2, "cells": [{"column": "amount", "a": 3.0, "b": 3.5}]},
    ]);
    assert_eq!(json!(found.first), expected);
    assert!(!found.is_empty());
}

#[test]
fn changed_columns_are_named() {
    let column = |values: Vec<i32>| -> ArrayRef { Arc::new(Int32Array::from(values)) };
    let text: ArrayRef = Arc::new(StringArray::from(vec!["p", "q"]));
    let encoded: ArrayRef = Arc::new(["p", "r"].into_iter().collect::<DictionaryArray<Int32Type>>());
    let a =
        batch(vec![("gone", column(vec![1, 2])), ("k", column(vec![1, 2])), ("t", text), ("n", column(vec![1, 2]))]);
    let wide: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let b = batch(vec![("t", encoded), ("k", column(vec![1, 2])), ("n", wide), ("new", column(vec![0, 0]))]);
    let found = diff(&[a], &[b]);
    let (name, int) = (|name: &str| name.to_owned(), || "int32".to_owned());
    assert_eq!(
        found.schema,
        [
            SchemaDiff::Removed { column: name("gone"), type_name: int() },
            SchemaDiff::Added { column: name("new"), type_name: int() },
            SchemaDiff::Moved { column: name("k"), from: 1, to: 1 },
            SchemaDiff::TypeChanged { column: name("t"), from: name("string"), to: name("dictionary<int32, string>") },
            SchemaDiff::Moved { column: name("t"), from: 2, to: 0 },
            SchemaDiff::TypeChanged { column: name("n"), from: int(), to: name("int64") },
        ]
    );
    assert_eq!(found.compared, ["k", "t"]);
    assert_eq!(found.columns, [ColumnDiff { column: name("t"), differing_rows: 1 }]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn counts_are_those_of_a_row_by_row_comparison(
        rows in prop::collection::vec((prop::option::of(0_i32..3), prop::option::of(0_i32..3)), 1..3_000),
        cut in any::<prop::sample::Index>(), kind in 0..4,
    ) {
        let build = |cells: Vec<Option<i32>>| -> RecordBatch {
            match kind {
                0 => single(Int32Array::from(cells)),
                1 => single(StringArray::from_iter(cells.into_iter().map(|cell| cell.map(|n| n.to_string())))),
                2 => single(BooleanArray::from_iter(cells.into_iter().map(|cell| cell.map(|n| n > 0)))),
                _ => {
                    let lists = cells.into_iter().map(|cell| cell.map(|n| vec![Some(n)]));
                    single(ListArray::from_iter_primitive::<Int32Type, _, _>(lists))
                }
            }
        };
        let same = |a: &Option<i32>, b: &Option<i32>| match kind {
            2 => a.map(|n| n > 0) == b.map(|n| n > 0),
            _ => a == b,
        };
        let expected: Vec<u64> =
            rows.iter().enumerate().filter(|(_, (a, b))| !same(a, b)).map(|(row, _)| row as u64).collect();
        let (a, b): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let (a, b) = (build(a), build(b));
        let cut = cut.index(a.num_rows());
        let found = diff(&[a.slice(0, cut), a.slice(cut, a.num_rows() - cut)], &[b]);
        prop_assert_eq!(found.differing_rows, expected.len() as u64);
        let shown: Vec<u64> = found.first.iter().map(|row| row.row).collect();
        prop_assert_eq!(&shown[..], &expected[..expected.len().min(3)]);
    }
}
