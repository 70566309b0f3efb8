//! The base executor's suite, on an executor that is reached over a link: two operator engines with an executor of scripts each.

mod support;

use std::sync::Arc;
use std::time::Duration;
use suanzi_engine_link::{FleetExecutor, Host};
use suanzi_executor::conformance::{Act, Harness, NullHarness, run_all};
use suanzi_executor::*;
use support::{at, fleet, host, listener};

/// The fleet's executor, with the hosts behind it; all end together.
struct Linked {
    fleet: Arc<FleetExecutor>,
    hosts: Vec<Host>,
}

impl Executor for Linked {
    fn name(&self) -> &str {
        self.fleet.name()
    }
    fn slots(&self) -> u32 {
        self.fleet.slots()
    }
    fn attach(&self, sink: Arc<dyn EventSink>) {
        self.fleet.attach(sink);
    }
    fn start(&self, task: Box<TaskRequest>) -> Result<(), StartError> {
        self.fleet.start(task)
    }
    fn stop(&self, attempt: &AttemptId, grace: Duration) {
        self.fleet.stop(attempt, grace);
    }
    fn status(&self, attempt: &AttemptId) -> AttemptStatus {
        self.fleet.status(attempt)
    }
    fn logs(&self, attempt: &AttemptId, offset: u64, limit: usize) -> Result<Vec<u8>, LogError> {
        self.fleet.logs(attempt, offset, limit)
    }
    fn shutdown(&self) {
        self.fleet.shutdown();
        for host in &self.hosts {
            host.shutdown();
        }
    }
}

impl Drop for Linked {
    fn drop(&mut self) {
        self.shutdown();
    }
}

struct LinkHarness {
    scripts: NullHarness,
    dir: tempfile::TempDir,
    hosts: usize,
}

impl Harness for LinkHarness {
    fn make(&self) -> Arc<dyn Executor> {
        let hosts: Vec<_> =
            (0..self.hosts).map(|n| host(&format!("host{n}"), &[], self.scripts.make(), listener())).collect();
        let fleet = fleet(hosts.iter().map(at).collect(), self.dir.path()).expect("a fleet");
        Arc::new(Linked { fleet: fleet.executors()[0].clone(), hosts })
    }

    fn task(&self, attempt: AttemptId, act: &Act) -> Option<Box<TaskRequest>> {
        self.scripts.task(attempt, act)
    }
}

fn linked(hosts: usize) -> LinkHarness {
    LinkHarness { scripts: NullHarness::sound(), dir: tempfile::tempdir().expect("a folder"), hosts }
}

#[test]
fn one_operator_engine_elsewhere_passes() {
    run_all(&linked(1)).assert(&[]);
}

#[test]
fn two_operator_engines_pass_as_one() {
    run_all(&linked(2)).assert(&[]);
}
