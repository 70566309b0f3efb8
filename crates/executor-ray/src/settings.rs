//! What an administrator says of one cluster.

use suanzi_executor_http::{Target, Terms};

#[derive(Debug, Clone)]
pub struct RayOptions {
    pub terms: Terms,
    /// The dashboard, which takes jobs, and the cluster's token where it asks for one.
    pub target: Target,
}
