//! Statistics against computations by the book, and previews.

mod tables;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use suanzi_artifact::{
    ColumnKind, ColumnStats, Distinct, KEPT_PREVIEW_ROWS, TableStats, keep_preview, kept_preview_path, preview,
};
use tables::{batch, describe, every_type, single, stored};

fn column(array: impl Array + 'static) -> ColumnStats {
    describe(&[single(array)]).stats.columns.remove(0)
}

fn close(found: Option<f64>, expected: f64) -> bool {
    found.is_some_and(|found| (found - expected).abs() <= 1e-9 * expected.abs().max(1.0))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn numbers_are_summed_up_correctly(
        cells in prop::collection::vec(prop::option::weighted(0.9, -1000_i32..1000), 1..300), scale in 0.01..100.0_f64,
    ) {
        let values: Vec<f64> = cells.iter().flatten().map(|n| f64::from(*n) * scale).collect();
        let stats = column(Float64Array::from_iter(cells.iter().map(|cell| cell.map(|n| f64::from(n) * scale))));
        let n = values.len() as f64;
        prop_assert_eq!(stats.nulls, (cells.len() - values.len()) as u64);
        let distinct: HashSet<u64> = values.iter().map(|v| (v + 0.0).to_bits()).collect();
        prop_assert_eq!(stats.distinct, Some(Distinct { count: distinct.len() as u64, exact: true }));
        if values.is_empty() {
            prop_assert!(stats.min.is_none() && stats.mean.is_none() && stats.histogram.is_none());
            return Ok(());
        }
        let mean = values.iter().sum::<f64>() / n;
        prop_assert!(close(stats.mean, mean));
        if values.len() > 1 {
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
            prop_assert!(close(stats.std, variance.sqrt()));
        }
        let (min, max) = values.iter().fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(*v), b.max(*v)));
        prop_assert_eq!(stats.min, Some(json!(min)));
        prop_assert_eq!(stats.max, Some(json!(max)));
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        for quantile in &stats.quantiles {
            let place = (n - 1.0) * f64::from(quantile.percent) / 100.0;
            let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
            prop_assert!(close(quantile.value.as_f64(), low + (high - low) * place.fract()));
        }
        let histogram = stats.histogram.unwrap();
        prop_assert_eq!(histogram.counts.iter().sum::<u64>(), values.len() as u64);
        prop_assert_eq!(histogram.edges.len(), histogram.counts.len() + 1);
    }

    #[test]
    fn texts_are_counted_correctly(cells in prop::collection::vec(prop::option::weighted(0.9, "[ab]{0,3}|值"), 1..200)) {
        let texts = || cells.iter().map(Option::as_deref);
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        texts().flatten().for_each(|text| *counts.entry(text).or_default() += 1);
        let check = |stats: ColumnStats| {
            prop_assert_eq!(stats.kind, ColumnKind::Text);
            prop_assert_eq!(stats.nulls, texts().filter(Option::is_none).count() as u64);
            prop_assert_eq!(stats.distinct, Some(Distinct { count: counts.len() as u64, exact: true }));
            prop_assert_eq!(stats.min, counts.keys().next().map(|text| json!(text)));
            prop_assert_eq!(stats.max, counts.keys().last().map(|text| json!(text)));
            prop_assert!(stats.top.is_sorted_by_key(|top| std::cmp::Reverse(top.count)));
            for top in &stats.top {
                prop_assert_eq!(counts.get(top.value.as_str().unwrap()), Some(&top.count));
            }
            prop_assert_eq!(stats.top.len(), counts.len().min(20));
            Ok(())
        };
        check(column(StringArray::from_iter(texts())))?;
        check(column(StringViewArray::from_iter(texts())))?;
        check(column(texts().collect::<DictionaryArray<Int32Type>>()))?;
    }
}

#[test]
fn what_is_not_a_number_is_counted_apart() {
    let stats = column(Float64Array::from(vec![1.0, f64::NAN, f64::INFINITY, 3.0, f64::NEG_INFINITY, -0.0, 0.0]));
    assert_eq!((stats.nans, stats.infinities, stats.nulls), (1, 2, 0));
    assert_eq!(stats.distinct, Some(Distinct { count: 5, exact: true }));
    assert_eq!((stats.min, stats.max, stats.mean), (Some(json!(-0.0)), Some(json!(3.0)), Some(1.0)));
}

#[test]
fn extreme_values_do_not_overflow() {
    let stats = column(Float64Array::from(vec![f64::MIN, f64::MAX]));
    assert_eq!(stats.histogram.unwrap().counts.iter().sum::<u64>(), 2);
    assert_eq!(stats.mean, Some(0.0));
    let stats = column(Int64Array::from(vec![i64::MIN, i64::MAX, 0]));
    assert_eq!(stats.min, Some(json!("-9223372036854775808")));
    assert_eq!(stats.max, Some(json!("9223372036854775807")));
    let stats = column(UInt64Array::from(vec![u64::MAX]));
    assert_eq!((stats.max, stats.std), (Some(json!("18446744073709551615")), None));
    assert_eq!(stats.histogram.unwrap().counts, [1]);
    let stats = column(TimestampSecondArray::from(vec![i64::MIN, i64::MAX]));
    assert_eq!(stats.quantiles.len(), 7);
}

#[test]
fn few_different_numbers_are_listed() {
    let stats = column(Int64Array::from(vec![3, 1, 3, 2, 3, 1]));
    let top: Vec<(Value, u64)> = stats.top.into_iter().map(|top| (top.value, top.count)).collect();
    assert_eq!(top, [(json!(3), 3), (json!(1), 2), (json!(2), 1)]);
    let stats = column(BooleanArray::from(vec![Some(true), None, Some(true), Some(false)]));
    assert!(close(stats.mean, 2.0 / 3.0));
    assert_eq!((stats.min, stats.max, stats.nulls), (Some(json!(false)), Some(json!(true)), 1));
    let stats = column(Decimal128Array::from(vec![150, 250]).with_precision_and_scale(10, 2).unwrap());
    assert_eq!((stats.min, stats.mean), (Some(json!("1.50")), Some(2.0)));
    let stats = column(Date32Array::from(vec![0, 19_782]));
    assert_eq!((stats.kind, stats.max, stats.mean), (ColumnKind::Time, Some(json!("2024-02-29")), None));
}

#[test]
fn many_different_values_are_estimated_and_sampled() {
    let rows = 1_200_000_i64;
    let stats = column(Int64Array::from_iter_values((0..rows).map(|row| row * 7 % rows)));
    let distinct = stats.distinct.unwrap();
    assert!(!distinct.exact && distinct.count.abs_diff(1_200_000) < 36_000, "{distinct:?}");
    assert!(stats.sampled && stats.top.is_empty());
    assert!(stats.quantiles[3].value.as_f64().unwrap() - 600_000.0 < 6_000.0);
    assert!(close(stats.mean, 599_999.5));
    let stats =
        column(StringArray::from_iter_values((0..30_000).map(|row| if row % 3 == 0 { 0 } else { row }.to_string())));
    assert!(stats.top_is_partial);
    assert_eq!((&stats.top[0].value, stats.top[0].count, stats.top.len()), (&json!("0"), 10_000, 1));
}

#[test]
fn statistics_do_not_depend_on_batches_and_survive_json() {
    let table = every_type(100);
    let whole = describe(std::slice::from_ref(&table));
    let parts = describe(&[table.slice(0, 33), table.slice(33, 1), table.slice(34, 66)]);
    assert_eq!(whole, parts);
    let read: TableStats = serde_json::from_str(&serde_json::to_string(&whole.stats).unwrap()).unwrap();
    assert_eq!(read, whole.stats);
    let empty = describe(&[every_type(0)]);
    assert_eq!((empty.rows, empty.stats.columns.len()), (0, 27));
}

#[test]
fn previews_show_values_exactly() {
    let table = batch(vec![
        ("n", Arc::new(Int64Array::from(vec![Some(1), None, Some(1 << 60)]))),
        ("f", Arc::new(Float32Array::from(vec![0.1, f32::NAN, f32::NEG_INFINITY]))),
        ("t", Arc::new(StringArray::from(vec!["算子".to_owned(), String::new(), "值".repeat(1_500)]))),
        ("b", Arc::new(BinaryArray::from(vec![&[0_u8, 255][..], &[], &[1; 600]]))),
        ("n", Arc::new(TimestampMillisecondArray::from(vec![0, 1, 86_400_000]))),
    ]);
    let shown = preview(&stored(&[table]).path, 0, 10).unwrap();
    assert_eq!(shown.rows[0], [json!(1), json!(0.1), json!("算子"), json!("00ff"), json!("1970-01-01T00:00:00")]);
    assert_eq!(shown.rows[1], [Value::Null, json!("NaN"), json!(""), json!(""), json!("1970-01-01T00:00:00.001")]);
    assert_eq!(shown.rows[2][0], json!("1152921504606846976"));
    assert_eq!(shown.rows[2][1], json!("-Infinity"));
    assert_eq!(shown.rows[2][2], json!(format!("{}…", "值".repeat(1_000))));
    assert_eq!(shown.rows[2][3], json!(format!("{}…", "01".repeat(500))));
    assert_eq!((shown.columns[0].name.as_str(), shown.columns[4].type_name.as_str()), ("n", "timestamp[ms]"));
}

#[test]
fn previews_page_through_batches() {
    let table = every_type(50);
    let file = stored(&[table.slice(0, 20), table.slice(20, 0), table.slice(20, 30)]);
    let all = preview(&file.path, 0, 1_000).unwrap();
    assert_eq!((all.rows.len(), all.total_rows), (50, 50));
    for (offset, limit) in [(0, 1), (19, 2), (20, 30), (49, 10), (50, 10), (u64::MAX, 10), (5, 0)] {
        let page = preview(&file.path, offset, limit).unwrap();
        let expected: Vec<_> = all.rows.iter().skip(offset.min(50) as usize).take(limit).cloned().collect();
        assert_eq!(page.rows, expected, "{offset} {limit}");
    }
    let nested = &all.rows[3];
    assert_eq!(nested[23], json!([0, 1, null]));
    assert_eq!(nested[25], json!({"a": null}));
    assert_eq!(nested[26], json!([3, null]));
}

#[test]
fn first_rows_outlive_their_table() {
    let long: Vec<RecordBatch> =
        (0..3).map(|part| single(Int32Array::from_iter_values(part * 700..(part + 1) * 700))).collect();
    for batches in [vec![every_type(0)], vec![every_type(50).slice(1, 1), every_type(2_000)], long] {
        let file = stored(&batches);
        let kept = file.path.with_file_name(kept_preview_path("table.arrow"));
        assert_eq!(kept.file_name().unwrap(), "table.preview.arrow");
        keep_preview(&file.path, &kept).unwrap();
        let expected = preview(&file.path, 0, KEPT_PREVIEW_ROWS as usize).unwrap();
        std::fs::remove_file(&file.path).unwrap();
        let shown = preview(&kept, 0, usize::MAX).unwrap();
        assert_eq!((&shown.columns, &shown.rows), (&expected.columns, &expected.rows));
        assert_eq!(shown.total_rows, expected.total_rows.min(KEPT_PREVIEW_ROWS));
        assert!(keep_preview(&file.path, &kept).is_err(), "there is nothing to read any more");
        assert!(preview(&kept, 0, 1).is_ok(), "and what was kept stays");
    }
}
