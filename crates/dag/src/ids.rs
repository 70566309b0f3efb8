//! The operator ids of one text, each stored once and numbered in the order of first mention.

use crate::limits::MAX_ID_BYTES;
use crate::{OperatorId, Place};
use std::collections::HashMap;
use std::sync::Arc;

/// An id's number.
pub(crate) type IdNo = u32;

pub(crate) struct Id {
    pub name: Arc<str>,
    /// Its position in `operator_list` and where that is.
    pub listed: Option<(u32, Place)>,
    /// Its position among the operators read from `operator_details`, and its key's place.
    pub detailed: Option<(u32, Place)>,
}

#[derive(Default)]
pub(crate) struct Ids {
    numbers: HashMap<Arc<str>, IdNo>,
    pub all: Vec<Id>,
}

impl Ids {
    /// The number of `name`, and whether this was its first mention.
    pub fn number(&mut self, name: &str) -> (IdNo, bool) {
        if let Some(no) = self.numbers.get(name) {
            return (*no, false);
        }
        let no = self.all.len() as IdNo;
        let name: Arc<str> = name.into();
        self.numbers.insert(name.clone(), no);
        self.all.push(Id { name, listed: None, detailed: None });
        (no, true)
    }

    pub fn id(&self, no: IdNo) -> OperatorId {
        OperatorId(self.all[no as usize].name.clone())
    }
}

/// Why `name` can't be an operator's id.
pub(crate) fn id_fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("an operator's id is empty")
    } else if name.len() > MAX_ID_BYTES {
        Some("an operator's id is longer than 256 bytes")
    } else if name.chars().any(|c| c.is_control()) {
        Some("an operator's id holds a control character")
    } else if name.contains(['/', '\\']) {
        Some("an operator's id holds a slash or backslash")
    } else {
        None
    }
}
