//! Test acts as scripts of the null executor.

use super::{Act, Harness};
use crate::*;
use std::sync::Arc;
use std::time::Duration;

const SLOTS: u32 = 4;
const PATIENCE: Duration = Duration::from_secs(10);
/// Enough where every act ends at once or after 300 ms.
const SHORT_PATIENCE: Duration = Duration::from_millis(700);

type Wrap = Box<dyn Fn(NullExecutor) -> Arc<dyn Executor>>;

pub struct NullHarness {
    wrap: Wrap,
    patience: Duration,
}

impl NullHarness {
    pub fn sound() -> NullHarness {
        NullHarness { wrap: Box::new(|inner| Arc::new(inner)), patience: PATIENCE }
    }

    pub fn with<E: Executor + 'static>(wrap: impl Fn(NullExecutor) -> E + 'static) -> NullHarness {
        NullHarness { wrap: Box::new(move |inner| Arc::new(wrap(inner))), patience: SHORT_PATIENCE }
    }
}

impl Harness for NullHarness {
    fn make(&self) -> Arc<dyn Executor> {
        (self.wrap)(NullExecutor::scripted(SLOTS, script))
    }

    fn task(&self, attempt: AttemptId, act: &Act) -> Option<Box<TaskRequest>> {
        let (function, params) = match act {
            Act::Succeed { payload } => ("succeed", payload.clone()),
            Act::Fail { message } => ("fail", message.clone()),
            Act::Refuse { message } => ("refuse", message.clone()),
            Act::ExitZero => ("exit_zero", String::new()),
            Act::KillSelf => ("kill_self", String::new()),
            Act::Sleep(time) => ("sleep", time.as_millis().to_string()),
            Act::IgnoreTerm(time) => ("ignore_term", time.as_millis().to_string()),
            Act::Print { text, times, then } => ("print", format!("{}|{}", then.as_millis(), text.repeat(*times))),
            Act::TooMuchMemory { mib, .. } => ("too_much_memory", mib.to_string()),
            Act::Progress { steps } => ("progress", steps.to_string()),
        };
        Some(Box::new(TaskRequest {
            attempt,
            run_id: "test/1".into(),
            operator_id: "op".into(),
            algo_name: function.into(),
            code: CodeRef {
                module: "m".into(),
                function: function.into(),
                dir: None,
                code_hash: "0".into(),
                sklearn: false,
            },
            params,
            seed: 0,
            inputs: Vec::new(),
            outputs: vec![OutputPort { name: "out".into(), port_type: "any".into() }],
            files: Vec::new(),
            out_dir: "/nowhere".into(),
            out_prefix: "x".into(),
            requirements: Vec::new(),
            objects: None,
            resources: Vec::new(),
            limits: Limits { cpu_slots: 1, memory_bytes: act.cap_bytes(), reserved_bytes: 0, timeout: None },
        }))
    }

    fn patience(&self) -> Duration {
        self.patience
    }
}

fn value(json: &str) -> Outcome {
    Outcome::Success {
        outputs: vec![OutputValue {
            port: 0,
            port_type: "any".into(),
            at: Location::Inline(json.as_bytes().to_vec()),
            bytes: json.len() as u64,
            rows: None,
            manifest: "{}".into(),
        }],
    }
}

fn failed(kind: FailureKind, message: &str) -> Outcome {
    Outcome::Failed(Failure { kind, message: message.into(), hint: None, traceback: None })
}

fn script(task: &TaskRequest) -> Script {
    let millis = |text: &str| Duration::from_millis(text.parse().expect("a number"));
    let ends = |outcome| Script { outcome, ..Script::nothing() };
    match task.algo_name.as_str() {
        "succeed" => ends(value(&task.params)),
        "fail" => ends(failed(FailureKind::Exception, &task.params)),
        "refuse" => ends(failed(FailureKind::Refused, &task.params)),
        "exit_zero" => ends(failed(FailureKind::ExitedWithoutResult, "exit 0")),
        "kill_self" => ends(failed(FailureKind::Killed, "SIGKILL")),
        "too_much_memory" => ends(failed(FailureKind::OutOfMemory, "MemoryError")),
        "sleep" => Script { delay: millis(&task.params), ..ends(value("null")) },
        "ignore_term" => {
            Script { delay: millis(&task.params), ignores_term: true, log: b"ready".to_vec(), ..ends(value("null")) }
        }
        "print" => {
            let (delay, text) = task.params.split_once('|').expect("two parts");
            Script { delay: millis(delay), log: text.as_bytes().to_vec(), ..ends(value("null")) }
        }
        "progress" => {
            let steps: u32 = task.params.parse().expect("a number");
            let told = (1..=steps).map(|step| (f64::from(step) / f64::from(steps), format!("step {step}")));
            Script { progress: told.collect(), ..ends(value("null")) }
        }
        other => panic!("no act {other}"),
    }
}
