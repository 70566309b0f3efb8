//! The keys of one map so far, to find those that stand twice.

use crate::Place;
use crate::reader::Key;
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Maps with more keys than this are searched by hash.
const LINEAR_KEYS: usize = 16;

#[derive(Default)]
pub(crate) struct SeenKeys<'a> {
    few: Vec<(Cow<'a, str>, Place)>,
    many: HashMap<Cow<'a, str>, Place>,
}

impl<'a> SeenKeys<'a> {
    /// Where the key stood before; remembers it otherwise.
    pub fn first_place(&mut self, key: &Key<'a>) -> Option<Place> {
        if self.many.is_empty() && self.few.len() < LINEAR_KEYS {
            if let Some((_, place)) = self.few.iter().find(|(text, _)| *text == key.text) {
                return Some(*place);
            }
            self.few.push((key.text.clone(), key.place));
            return None;
        }
        self.many.extend(self.few.drain(..));
        match self.many.entry(key.text.clone()) {
            Entry::Occupied(entry) => Some(*entry.get()),
            Entry::Vacant(entry) => {
                entry.insert(key.place);
                None
            }
        }
    }
}
