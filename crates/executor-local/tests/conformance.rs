//! The base executor's suite, on the local executor.

mod support;

use std::sync::Arc;
use suanzi_executor::conformance::{Act, Harness, python, run_all};
use suanzi_executor::{AttemptId, Executor, TaskRequest};
use suanzi_executor_local::LocalExecutor;

const WORKERS: u32 = 3;

struct LocalHarness {
    dir: tempfile::TempDir,
}

impl Harness for LocalHarness {
    fn make(&self) -> Arc<dyn Executor> {
        Arc::new(LocalExecutor::new(support::options(self.dir.path(), WORKERS)).expect("an executor"))
    }

    fn task(&self, attempt: AttemptId, act: &Act) -> Option<Box<TaskRequest>> {
        Some(python::task(attempt, act, self.dir.path()))
    }
}

#[test]
fn the_local_executor_passes() {
    let harness = LocalHarness { dir: tempfile::tempdir().expect("a folder") };
    run_all(&harness).assert(&[]);
}
