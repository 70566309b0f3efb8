//! What operators are: the catalogue read from manifests, the binding of a DAG's edges and parameters to it, and derivation keys. Pure: it starts no Python and reads no table.
//!
//! [`bind`] is the way in: it takes a DAG and a [`Catalogue`] and gives back every fault at once, or a [`Bound`] DAG whose operators know their kind, executor, parameters and inputs.

mod accept;
pub mod bind;
mod canonical;
pub mod catalogue;
mod environment;
mod given;
pub mod keys;
pub mod manifest;
mod nearest;
pub mod notes;
mod params;
mod placement;
mod places;
mod port_faults;
mod ports;
mod quote;
mod report;
pub mod requirement;
pub mod scheduling;
pub mod schema;
pub mod select;
pub mod source;
pub mod source_watch;
mod spec_check;

pub use accept::accept;
pub use bind::{BindOptions, Bound, BoundInput, BoundOp, FileParam, FileWhat, bind};
pub use canonical::{canonical, from_json};
pub use catalogue::{Catalogue, CatalogueError, Kind, Origin, read_manifest};
pub use placement::SPARK;
pub use places::Places;
