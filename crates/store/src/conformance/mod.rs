//! What every implementation of [`Store`] must do. A new one passes by calling [`run_all`] from a test.

mod aliases;
mod attempts;
mod cache;
mod collection;
mod definitions;
mod extremes;
mod ownership;
mod runs;
mod saved_dags;
pub mod scene;
mod scheduling;
mod services;
mod settled;

use crate::Store;

/// One requirement: a sentence as a name, and a function that panics where it isn't met. It is given an empty store.
#[derive(Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub check: fn(&dyn Store),
}

/// All requirements, in reading order.
pub fn cases() -> Vec<Case> {
    [
        definitions::CASES,
        saved_dags::CASES,
        runs::CASES,
        ownership::CASES,
        attempts::CASES,
        settled::CASES,
        cache::CASES,
        collection::CASES,
        extremes::CASES,
        scheduling::CASES,
        services::CASES,
        aliases::CASES,
    ]
    .concat()
}

/// Runs every case on a store of its own.
///
/// # Panics
/// At the first requirement that isn't met; the case's name was printed before.
pub fn run_all(make: &dyn Fn() -> Box<dyn Store>) {
    for case in cases() {
        println!("{}", case.name);
        (case.check)(&*make());
    }
}

/// Makes a list of cases from functions named as sentences.
macro_rules! requirements {
    ($($name:ident),* $(,)?) => {
        pub(super) const CASES: &[$crate::conformance::Case] =
            &[$($crate::conformance::Case { name: stringify!($name), check: $name }),*];
    };
}
use requirements;
