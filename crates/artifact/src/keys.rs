//! Looks through dictionaries: which value a row has, without decoding the column.

use arrow_array::cast::AsArray;
use arrow_array::{AnyDictionaryArray, Array};
use arrow_schema::DataType;

/// For each row, the place of its value in the dictionary; arbitrary but in range where the row is null.
pub(crate) struct Keys(Vec<usize>);

impl Keys {
    /// The keys of a dictionary-encoded array; nothing for other arrays.
    pub fn of(array: &dyn Array) -> Option<Self> {
        array.as_any_dictionary_opt().map(Self::of_dictionary)
    }

    pub fn of_dictionary(dictionary: &dyn AnyDictionaryArray) -> Self {
        match dictionary.values().is_empty() {
            // Every row is null then; zero is in range of nothing, and readers ask for valid rows only.
            true => Self(vec![0; dictionary.len()]),
            false => Self(dictionary.normalized_keys()),
        }
    }

    pub fn at(&self, row: usize) -> usize {
        self.0.get(row).copied().unwrap_or(0)
    }
}

/// Calls `work` with a function from row to bytes, for text and binary arrays, plain or dictionary-encoded. The
/// function may be asked for valid rows only. Other arrays read as empty values.
pub(crate) fn with_bytes<'a, R>(array: &'a dyn Array, work: impl FnOnce(&dyn Fn(usize) -> &'a [u8]) -> R) -> R {
    fn plain<'a, R>(array: &'a dyn Array, work: impl FnOnce(&dyn Fn(usize) -> &'a [u8]) -> R) -> R {
        macro_rules! rows {
            ($array:expr) => {{
                let array = $array;
                work(&|row| AsRef::<[u8]>::as_ref(array.value(row)))
            }};
        }
        match array.data_type() {
            DataType::Utf8 => rows!(array.as_string::<i32>()),
            DataType::LargeUtf8 => rows!(array.as_string::<i64>()),
            DataType::Utf8View => rows!(array.as_string_view()),
            DataType::Binary => rows!(array.as_binary::<i32>()),
            DataType::LargeBinary => rows!(array.as_binary::<i64>()),
            DataType::BinaryView => rows!(array.as_binary_view()),
            DataType::FixedSizeBinary(_) => rows!(array.as_fixed_size_binary()),
            _ => work(&|_| &[]),
        }
    }
    match array.as_any_dictionary_opt() {
        Some(dictionary) => {
            let keys = Keys::of_dictionary(dictionary);
            plain(dictionary.values().as_ref(), |value| work(&|row| value(keys.at(row))))
        }
        None => plain(array, work),
    }
}
