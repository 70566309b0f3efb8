//! The conformance suite on both implementations.

use std::cell::RefCell;

use super::Home;
use crate::{MemoryStore, conformance};

#[test]
fn memory_conforms() {
    conformance::run_all(&|| Box::new(MemoryStore::new()));
}

#[test]
fn sqlite_conforms() {
    let homes = RefCell::new(Vec::new());
    conformance::run_all(&|| {
        let home = Home::new();
        let store = home.owner();
        homes.borrow_mut().push(home);
        Box::new(store)
    });
}
