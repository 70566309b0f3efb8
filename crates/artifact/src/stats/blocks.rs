//! Hands out the values of a primitive column in blocks, nulls left out and dictionaries looked through.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType};

use crate::keys::Keys;

/// Values handed out at a time; a block stays in the nearest cache.
const BLOCK_VALUES: usize = 2_048;

/// Calls `visit` with all valid values, in order.
pub(super) fn for_each_block<T: ArrowPrimitiveType>(parts: &[ArrayRef], mut visit: impl FnMut(&[T::Native])) {
    let mut gathered: Vec<T::Native> = Vec::with_capacity(BLOCK_VALUES);
    for part in parts {
        let nulls = part.logical_nulls().filter(|nulls| nulls.null_count() > 0);
        let keys = Keys::of(part.as_ref());
        let values = match part.as_any_dictionary_opt() {
            Some(dictionary) => dictionary.values().as_primitive_opt::<T>(),
            None => part.as_primitive_opt::<T>(),
        };
        let Some(values) = values.map(|array| array.values()) else { continue };
        if nulls.is_none() && keys.is_none() {
            values.chunks(BLOCK_VALUES).for_each(&mut visit);
            continue;
        }
        for row in (0..part.len()).filter(|row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row))) {
            let at = keys.as_ref().map_or(row, |keys| keys.at(row));
            gathered.extend(values.get(at));
            if gathered.len() == BLOCK_VALUES {
                visit(&gathered);
                gathered.clear();
            }
        }
        visit(&gathered);
        gathered.clear();
    }
}
