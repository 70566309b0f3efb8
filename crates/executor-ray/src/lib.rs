//! The Ray executor: operators run on a Ray cluster that exists already.
//!
//! One long-lived job, submitted through the cluster's Jobs API with Suanzi's own code as its package, is a platform in the
//! sense of the HTTP executor (`python/suanzi/pool`): it takes tasks over HTTP and has Ray place each one where its resources
//! are. So an operator costs milliseconds and not the start of a job, and all that is sent, read and believed is that executor's.

mod jobs;
mod note;
mod package;
mod pool;
mod settings;
mod version;

pub use pool::READY;
pub use settings::RayOptions;

use jobs::Jobs;
use pool::PoolOrigin;
use suanzi_executor_http::HttpExecutor;
use tokio::runtime::Builder;

/// Calls nobody yet: the pool is started by the first task. Errors: a thread or a kernel object can't be had.
pub fn executor(options: RayOptions) -> std::io::Result<HttpExecutor> {
    let origin = PoolOrigin::new(&options);
    HttpExecutor::over(options.terms, Box::new(origin))
}

/// Asks the cluster whether it is one, and new enough. Errors: in words for the person who configured it.
pub fn check(options: &RayOptions) -> Result<(), String> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let at = options.target.base.authority();
    let answer = runtime.block_on(Jobs::new(options.target.clone()).version());
    version::judge(answer).map_err(|why| format!("{at} {why}"))
}
