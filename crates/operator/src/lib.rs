//! What operators are: the catalogue read from manifests, the binding of a DAG's edges and parameters to it, and derivation keys. Pure: it starts no Python and reads no table.

pub mod manifest;
