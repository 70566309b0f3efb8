//! Decides what runs next. Sans-IO: no clock, no randomness, no async, no serde; `now` is an argument, tokens are derived from a secret the caller gives.
//!
//! [`Scheduler::handle`] takes one [`Input`] and appends to a [`Step`] the [`Record`]s (changes of state rows) and [`Action`]s (what the outside must do).

mod types;
pub use types::*;
