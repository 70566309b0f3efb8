//! The base executor's suite, on the local executor.

mod support;

use serde_json::json;
use std::sync::Arc;
use suanzi_executor::conformance::{Act, Harness, run_all};
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
        let (function, params) = match act {
            Act::Succeed { payload } => {
                let payload: serde_json::Value = serde_json::from_str(payload).expect("JSON");
                ("noop", json!({ "payload": payload }))
            }
            Act::Fail { message } => ("fail", json!({ "message": message })),
            Act::Refuse { message } => ("refuse", json!({ "message": message })),
            Act::ExitZero => ("exit_zero", json!({})),
            Act::KillSelf => ("kill_self", json!({})),
            Act::Sleep(time) => ("sleep", json!({ "seconds": time.as_secs_f64() })),
            Act::IgnoreTerm(time) => ("stubborn", json!({ "seconds": time.as_secs_f64() })),
            Act::Print { text, times, then } => {
                ("print_bytes", json!({ "text": text, "times": times, "then_seconds": then.as_secs_f64() }))
            }
            Act::Progress { steps } => ("progress", json!({ "steps": steps })),
        };
        Some(support::task(self.dir.path(), attempt, function, params))
    }
}

#[test]
fn the_local_executor_passes() {
    let harness = LocalHarness { dir: tempfile::tempdir().expect("a folder") };
    run_all(&harness).assert(&[]);
}
