//! Statistics of text, binary and boolean columns.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::NullBuffer;
use serde_json::Value;

use super::tally::{Tally, mix};
use super::{ColumnStats, Distinct, SHOWN, TOP_VALUES, TopValue};
use crate::cell::Shown;
use crate::keys::{Keys, with_bytes};

/// Where a value lies: part and row (of a dictionary, the row in its values).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    part: usize,
    row: usize,
}

/// Fills in the statistics of text or binary values, shown by `show`.
pub(super) fn fill(mut stats: ColumnStats, show: fn(&[u8], Shown) -> Value, parts: &[ArrayRef]) -> ColumnStats {
    let values: Vec<ArrayRef> = parts
        .iter()
        .map(|part| part.as_any_dictionary_opt().map_or_else(|| part.clone(), |d| d.values().clone()))
        .collect();
    let mut tally = Tally::<Place>::new();
    let (mut min, mut max): (Option<&[u8]>, Option<&[u8]>) = (None, None);
    for (part, (array, values)) in parts.iter().zip(&values).enumerate() {
        let mut add = |bytes, row, count| {
            tally.add(hash(bytes), count, Place { part, row });
            min = Some(min.map_or(bytes, |min| min.min(bytes)));
            max = Some(max.map_or(bytes, |max| max.max(bytes)));
        };
        let nulls = values.nulls();
        let valid = |nulls: Option<&NullBuffer>, row| nulls.is_none_or(|nulls| nulls.is_valid(row));
        with_bytes(values.as_ref(), |value| match array.as_any_dictionary_opt() {
            Some(dictionary) => {
                // Each value of the dictionary is looked at once, with the number of rows that have it.
                let keys = Keys::of_dictionary(dictionary);
                let mut counts = vec![0_u64; values.len()];
                for row in (0..array.len()).filter(|row| valid(dictionary.keys().nulls(), *row)) {
                    if let Some(count) = counts.get_mut(keys.at(row)) {
                        *count += 1;
                    }
                }
                let used = counts.into_iter().enumerate().filter(|(row, count)| *count > 0 && valid(nulls, *row));
                used.for_each(|(row, count)| add(value(row), row, count));
            }
            None => (0..values.len()).filter(|row| valid(nulls, *row)).for_each(|row| add(value(row), row, 1)),
        });
    }
    stats.distinct = Some(tally.distinct());
    stats.min = min.map(|bytes| show(bytes, SHOWN));
    stats.max = max.map(|bytes| show(bytes, SHOWN));
    stats.top_is_partial = !tally.is_exact();
    let mut seen = tally.seen();
    // Values that never repeat say nothing about the column once not all of them are known.
    seen.retain(|seen| tally.is_exact() || seen.count > 1);
    let by_count = |seen: &super::tally::Seen<Place>| (std::cmp::Reverse(seen.count), seen.first);
    if seen.len() > TOP_VALUES {
        seen.select_nth_unstable_by_key(TOP_VALUES, by_count);
        seen.truncate(TOP_VALUES);
    }
    seen.sort_unstable_by_key(by_count);
    let shown = seen.iter().filter_map(|seen| {
        let value = with_bytes(values.get(seen.first.part)?.as_ref(), |value| show(value(seen.first.row), SHOWN));
        Some(TopValue { value, count: seen.count })
    });
    stats.top = shown.collect();
    stats
}

/// Fills in the statistics of a boolean column.
pub(super) fn fill_booleans(mut stats: ColumnStats, parts: &[ArrayRef]) -> ColumnStats {
    let (mut trues, mut falses) = (0_u64, 0_u64);
    for part in parts {
        let array = part.as_boolean();
        let found = array.true_count() as u64;
        trues += found;
        falses += (array.len() - array.null_count()) as u64 - found;
    }
    let mut top: Vec<TopValue> = [(false, falses), (true, trues)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(value, count)| TopValue { value: Value::Bool(value), count })
        .collect();
    stats.distinct = Some(Distinct { count: top.len() as u64, exact: true });
    if trues + falses > 0 {
        stats.min = Some(Value::Bool(falses == 0));
        stats.max = Some(Value::Bool(trues > 0));
        stats.mean = Some(trues as f64 / (trues + falses) as f64);
    }
    top.sort_by_key(|value| std::cmp::Reverse(value.count));
    stats.top = top;
    stats
}

/// A fast hash. Not against an adversary: two values made to collide would be counted as one, nothing worse.
fn hash(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let start = mix(bytes.len() as u64);
    let hash = words.iter().fold(start, |hash, word| mix(hash ^ u64::from_le_bytes(*word)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(hash ^ u64::from_le_bytes(last))
}
