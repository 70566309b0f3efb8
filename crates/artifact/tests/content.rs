//! Content ids: the same for the same table however it is stored, another for any other table.

mod tables;

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::*;
use arrow_buffer::{Buffer, NullBuffer, ScalarBuffer};
use proptest::prelude::*;
use tables::{batch, content_id, describe, every_type, single};

#[test]
fn the_id_is_pinned() {
    // Ids are stored and compared across versions: if this changes, CONTENT_FORMAT has to change with it.
    let table = batch(vec![
        ("年龄", Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]))),
        ("b", Arc::new(StringArray::from(vec!["x", "", "算子"]))),
    ]);
    assert_eq!(content_id(&[table]), "930aa73ee4d03340b57bf1800a881972a8ed69ffb8b2d625092cbefeb99635ec");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn batches_and_offsets_do_not_matter(rows in 0_usize..150, cuts in prop::collection::vec(0.0..1.0_f64, 0..5), skip in 0_usize..9) {
        let table = every_type(rows);
        let whole = content_id(std::slice::from_ref(&table));
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| (cut * rows as f64) as usize).collect();
        cuts.sort_unstable();
        cuts.insert(0, 0);
        cuts.push(rows);
        let parts: Vec<RecordBatch> = cuts.windows(2).map(|w| table.slice(w[0], w[1] - w[0])).collect();
        prop_assert_eq!(&content_id(&parts), &whole);
        let skip = skip.min(rows);
        let tail = content_id(&[table.slice(skip, rows - skip)]);
        prop_assert_eq!(tail == whole, skip == 0);
    }

    #[test]
    fn nothing_under_a_null_matters(
        cells in prop::collection::vec(prop::option::of(any::<i64>()), 1..100),
        garbage in any::<[i64; 2]>(),
    ) {
        let nulls: NullBuffer = cells.iter().map(Option::is_some).collect::<Vec<_>>().into();
        let with = |garbage: i64| {
            let values: Vec<i64> = cells.iter().map(|cell| cell.unwrap_or(garbage)).collect();
            content_id(&[single(Int64Array::new(values.into(), Some(nulls.clone())))])
        };
        prop_assert_eq!(with(garbage[0]), with(garbage[1]));
        let text = |garbage: &str| {
            let values: Vec<String> = cells.iter().map(|c| c.map_or(garbage.to_owned(), |c| c.to_string())).collect();
            let (offsets, bytes, _) = StringArray::from(values).into_parts();
            content_id(&[single(StringArray::new(offsets, bytes, Some(nulls.clone())))])
        };
        prop_assert_eq!(text("nothing"), text(""));
    }

    #[test]
    fn encodings_of_text_are_one(cells in prop::collection::vec(prop::option::of("[a-c]{0,14}"), 1..60)) {
        let texts = || cells.iter().map(Option::as_deref);
        let plain = content_id(&[single(StringArray::from_iter(texts()))]);
        prop_assert_eq!(&content_id(&[single(LargeStringArray::from_iter(texts()))]), &plain);
        prop_assert_eq!(&content_id(&[single(StringViewArray::from_iter(texts()))]), &plain);
        prop_assert_eq!(&content_id(&[single(texts().collect::<DictionaryArray<Int32Type>>())]), &plain);
        let binary = content_id(&[single(BinaryArray::from_iter(texts()))]);
        prop_assert_ne!(&binary, &plain);
    }

    #[test]
    fn one_changed_cell_is_another_table(
        cells in prop::collection::vec(prop::option::of(-3_i32..3), 1..80), at in any::<prop::sample::Index>(), to in prop::option::of(-3_i32..3),
    ) {
        let mut changed = cells.clone();
        changed[at.index(cells.len())] = to;
        let id = |cells: &[Option<i32>]| content_id(&[single(Int32Array::from(cells.to_vec()))]);
        prop_assert_eq!(id(&cells) == id(&changed), cells == changed);
        let text = |cells: &[Option<i32>]| {
            let texts = cells.iter().map(|cell| cell.map(|n| "ab".repeat(n.unsigned_abs() as usize)));
            content_id(&[single(StringArray::from_iter(texts))])
        };
        let same = cells.iter().zip(&changed).all(|(a, b)| a.map(i32::abs) == b.map(i32::abs));
        prop_assert_eq!(text(&cells) == text(&changed), same);
    }
}

#[test]
fn dictionaries_of_numbers_are_their_numbers() {
    let values = Arc::new(Int64Array::from(vec![Some(10), None, Some(30)]));
    let keys = Int8Array::from(vec![Some(2), Some(0), None, Some(1), Some(0)]);
    let encoded = DictionaryArray::<Int8Type>::new(keys, values);
    let plain = Int64Array::from(vec![Some(30), Some(10), None, None, Some(10)]);
    assert_eq!(content_id(&[single(encoded)]), content_id(&[single(plain)]));
    let no_values =
        DictionaryArray::<Int8Type>::new(Int8Array::new_null(3), Arc::new(Int64Array::from(vec![0_i64; 0])));
    assert_eq!(content_id(&[single(no_values)]), content_id(&[single(Int64Array::new_null(3))]));
}

#[test]
fn every_column_and_row_counts() {
    let table = every_type(30);
    let mut ids = HashSet::from([content_id(std::slice::from_ref(&table))]);
    // Each column dropped, each row dropped, and the rows in another order.
    for column in 0..table.num_columns() {
        let kept: Vec<usize> = (0..table.num_columns()).filter(|other| *other != column).collect();
        assert!(ids.insert(content_id(&[table.project(&kept).unwrap()])), "column {column}");
    }
    for row in 0..30 {
        let without = [table.slice(0, row), table.slice(row + 1, 29 - row)];
        assert!(ids.insert(content_id(&without)), "row {row}");
    }
    let swapped = [table.slice(0, 10), table.slice(11, 1), table.slice(10, 1), table.slice(12, 18)];
    assert!(ids.insert(content_id(&swapped)));
}

#[test]
fn names_and_types_count() {
    let column = |name: &str, array: ArrayRef| batch(vec![(name, array)]);
    let values = || vec![1, 2, 3];
    let tables = [
        column("a", Arc::new(Int32Array::from(values()))),
        column("b", Arc::new(Int32Array::from(values()))),
        column("a", Arc::new(UInt32Array::from(vec![1_u32, 2, 3]))),
        column("a", Arc::new(Date32Array::from(values()))),
        column("a", Arc::new(Time32SecondArray::from(values()))),
        column("a", Arc::new(Int64Array::from(vec![1_i64, 2, 3]))),
        column("a", Arc::new(TimestampSecondArray::from(vec![1_i64, 2, 3]))),
        column("a", Arc::new(TimestampSecondArray::from(vec![1_i64, 2, 3]).with_timezone("UTC"))),
        column("a", Arc::new(Float32Array::from(vec![1.0_f32, 2.0, 3.0]))),
        column("a", Arc::new(NullArray::new(3))),
        column("a", Arc::new(NullArray::new(4))),
        column("a", Arc::new(Int32Array::from(vec![0; 0]))),
        column("a", Arc::new(Int64Array::from(vec![0_i64; 0]))),
    ];
    let ids: HashSet<String> = tables.iter().map(|table| content_id(std::slice::from_ref(table))).collect();
    assert_eq!(ids.len(), tables.len());
}

#[test]
fn floats_are_compared_bit_for_bit_but_nans_are_one() {
    let id = |values: Vec<f64>| content_id(&[single(Float64Array::from(values))]);
    let odd_nan = f64::from_bits(0xfff8_0000_dead_beef);
    assert_eq!(id(vec![1.0, f64::NAN]), id(vec![1.0, odd_nan]));
    assert_ne!(id(vec![0.0]), id(vec![-0.0]));
    assert_ne!(id(vec![f64::NAN]), id(vec![f64::INFINITY]));
    assert_ne!(id(vec![1.0]), id(vec![f64::from_bits(1.0_f64.to_bits() + 1)]));
    let single_id = |bits: u32| content_id(&[single(Float32Array::from(vec![f32::from_bits(bits)]))]);
    assert_eq!(single_id(0x7fc0_0000), single_id(0xffff_ffff));
    let half_id = |bits: u16| content_id(&[single(Float16Array::from(vec![half::f16::from_bits(bits)]))]);
    assert_eq!(half_id(0x7e00), half_id(0xfc01));
    assert_ne!(half_id(0x7c00), half_id(0xfc00));
}

#[test]
fn what_lies_under_a_null_list_or_struct_does_not_count() {
    let lists = |hidden: i32| {
        let items = Int32Array::from(vec![1, hidden, hidden, 4]);
        let offsets = arrow_buffer::OffsetBuffer::new(ScalarBuffer::from(vec![0, 1, 3, 4]));
        let field = Arc::new(arrow_schema::Field::new("item", arrow_schema::DataType::Int32, true));
        content_id(&[single(ListArray::new(field, offsets, Arc::new(items), Some(vec![true, false, true].into())))])
    };
    assert_eq!(lists(0), lists(9));
    let structs = |hidden: i32| {
        let inner: ArrayRef = Arc::new(Int32Array::from(vec![1, hidden, 3]));
        let fields: arrow_schema::Fields =
            vec![arrow_schema::Field::new("a", arrow_schema::DataType::Int32, true)].into();
        content_id(&[single(StructArray::new(fields, vec![inner], Some(vec![true, false, true].into())))])
    };
    assert_eq!(structs(0), structs(9));
}

#[test]
fn the_layout_id_tells_encodings_and_metadata_apart() {
    let texts = ["a", "b", "a"];
    let plain = single(StringArray::from(texts.to_vec()));
    let encoded = single(texts.into_iter().collect::<DictionaryArray<Int32Type>>());
    let schema = plain.schema().as_ref().clone().with_metadata([("pandas".to_owned(), "{}".to_owned())]);
    let marked = plain.clone().with_schema(Arc::new(schema)).unwrap();
    let described = [plain, encoded, marked].map(|table| describe(&[table]));
    assert!(described.iter().all(|d| d.content_id == described[0].content_id));
    let layouts: HashSet<&String> = described.iter().map(|d| &d.layout_id).collect();
    assert_eq!(layouts.len(), 3);
}

#[test]
fn a_table_without_columns_has_an_id_of_its_rows() {
    let empty = |rows: usize| content_id(&[every_type(rows).project(&[]).unwrap()]);
    assert_ne!(empty(1), empty(2));
}

#[test]
fn run_ends_and_unions_have_ids_and_no_panics() {
    let runs = |ends: Vec<i32>, values: Vec<&str>| {
        let array = RunArray::<Int32Type>::try_new(&Int32Array::from(ends), &StringArray::from(values)).unwrap();
        content_id(&[single(array)])
    };
    let plain = content_id(&[single(StringArray::from(vec!["a", "a", "b"]))]);
    assert_eq!(runs(vec![2, 3], vec!["a", "b"]), plain);
    assert_eq!(runs(vec![1, 2, 3], vec!["a", "a", "b"]), plain);
    assert_ne!(runs(vec![1, 3], vec!["a", "b"]), plain);

    let union = |types: Vec<i8>, numbers: Vec<i32>, texts: Vec<&str>| {
        let fields = [(0, "n", arrow_schema::DataType::Int32), (1, "t", arrow_schema::DataType::Utf8)];
        let fields = fields.map(|(id, name, kind)| (id, Arc::new(arrow_schema::Field::new(name, kind, true))));
        let children: Vec<ArrayRef> = vec![Arc::new(Int32Array::from(numbers)), Arc::new(StringArray::from(texts))];
        let types = ScalarBuffer::<i8>::from(Buffer::from_vec(types));
        let array = UnionArray::try_new(fields.into_iter().collect(), types, None, children).unwrap();
        content_id(&[single(array)])
    };
    let first = union(vec![0, 1, 0], vec![1, 0, 3], vec!["", "b", ""]);
    assert_eq!(first, union(vec![0, 1, 0], vec![1, 7, 3], vec!["?", "b", "?"]));
    assert_ne!(first, union(vec![0, 1, 1], vec![1, 0, 3], vec!["", "b", ""]));
}
