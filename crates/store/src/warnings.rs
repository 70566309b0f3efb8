//! Sentences about rows that can't be read: said once on stderr and kept for [`crate::Store::take_warnings`].

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Beyond this many different warnings, further ones aren't kept (they'd say the same).
const WARNINGS_MAX_COUNT: usize = 100;

#[derive(Default)]
pub struct Warnings {
    inner: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    seen: HashSet<String>,
    unread: Vec<String>,
}

impl Warnings {
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner).unread)
    }

    /// Of a row that is left out of an answer.
    pub fn warn(&self, warning: String) {
        let mut kept = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.seen.len() < WARNINGS_MAX_COUNT && kept.seen.insert(warning.clone()) {
            eprintln!("warning: a row of the database is left out: {warning}");
            kept.unread.push(warning);
        }
    }
}
