//! Artifacts as objects of an S3-compatible store. Workers read and write them themselves (`python/suanzi/worker/objects.py`); here they
//! are read to be shown and described, and removed. A folder on this machine's disk keeps copies.

mod client;
mod place;
mod store;

pub use place::{Place, Surroundings};
pub use store::{Claim, S3Artifacts};
