//! Tests of the crate through its public API: binding rules, parameters, keys, schemas, source hashes, partial runs.

mod binding;
mod builders;
mod catalogue;
mod disabled;
mod executors;
mod keys;
mod notes;
mod parameters;
mod scheduling;
mod schemas;
mod seed;
mod selecting;
mod sources;
