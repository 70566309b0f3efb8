//! What an administrator says of one cluster.

use std::path::PathBuf;
use suanzi_executor_http::{Target, Terms};

#[derive(Debug, Clone)]
pub struct RayOptions {
    pub terms: Terms,
    /// The dashboard, which takes jobs, and the cluster's token where it asks for one.
    pub target: Target,
    /// Where the pool is noted for the engine after this one; nobody else may read it.
    pub note: PathBuf,
}
