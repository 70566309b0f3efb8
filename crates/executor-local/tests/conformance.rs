//! The base executor's suite, on the local executor.

mod support;

use std::path::PathBuf;
use std::sync::Arc;
use suanzi_executor::conformance::{Act, Harness, python, run_all};
use suanzi_executor::{AttemptId, Executor, TaskRequest};
use suanzi_executor_local::{LocalExecutor, LocalOptions, Profile};

const WORKERS: u32 = 3;

struct LocalHarness {
    dir: tempfile::TempDir,
    profile: Profile,
}

impl LocalHarness {
    fn new(profile: Profile) -> LocalHarness {
        let harness = LocalHarness { dir: tempfile::tempdir().expect("a folder"), profile };
        std::fs::create_dir_all(harness.out_dir()).expect("a folder");
        harness
    }

    fn out_dir(&self) -> PathBuf {
        self.dir.path().join("home/artifacts/run")
    }

    fn options(&self) -> LocalOptions {
        let mut options = support::options(self.dir.path(), WORKERS);
        if self.profile != Profile::Plain {
            options.isolation = Some(support::isolation(self.dir.path(), self.profile));
        }
        options
    }
}

impl Harness for LocalHarness {
    fn make(&self) -> Arc<dyn Executor> {
        Arc::new(LocalExecutor::new(self.options()).expect("an executor"))
    }

    fn task(&self, attempt: AttemptId, act: &Act) -> Option<Box<TaskRequest>> {
        Some(python::task(attempt, act, &self.out_dir()))
    }
}

#[test]
fn the_local_executor_passes() {
    run_all(&LocalHarness::new(Profile::Plain)).assert(&[]);
}

/// Those that this host doesn't allow are said.
#[test]
fn it_passes_with_enclosed_workers() {
    for profile in [Profile::Namespaced, Profile::Service] {
        let harness = LocalHarness::new(profile);
        let options = harness.options();
        match options.isolation.as_ref().expect("a profile").check(&options) {
            Ok(()) => run_all(&harness).assert(&[]),
            Err(refused) => support::skipped(&format!("isolation {profile}: {refused}")),
        }
    }
}
