//! The Spark executor: operators written against Spark DataFrames run on a Spark cluster that exists already.
//!
//! A driver on this host (`python/suanzi/spark/driver.py`), started by the first task and alive until the engine ends, is a platform in
//! the sense of the HTTP executor. Each task is a process of its own there, with a session of its own on the cluster's Spark Connect.

mod driver;
mod origin;
mod settings;

pub use settings::{Address, SparkOptions};

use origin::DriverOrigin;
use suanzi_executor_http::HttpExecutor;

/// Calls nobody yet: the driver is started by the first task. Errors: a thread or a kernel object can't be had.
pub fn executor(options: SparkOptions) -> std::io::Result<HttpExecutor> {
    let terms = options.terms.clone();
    HttpExecutor::over(terms, Box::new(DriverOrigin::new(options)))
}

/// Asks the cluster whether it is one, and new enough. Errors: in words for the person who configured it.
pub fn check(options: &SparkOptions) -> Result<(), String> {
    driver::version(options).and_then(|version| settings::judge(&version)).map_err(|why| {
        let at = &options.address;
        format!("{at} {why}")
    })
}
