//! The acts as tasks in Python, for executors that run it: `crates/executor-local/tests/operators/acts.py` does them.

use super::Act;
use crate::{AttemptId, CodeRef, Limits, OutputPort, TaskRequest};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Where the acts' Python lies.
pub fn operators() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../executor-local/tests/operators")
}

/// A task that does `act`, with its output in `out_dir`.
///
/// # Panics
/// Where a payload is no JSON.
pub fn task(attempt: AttemptId, act: &Act, out_dir: &Path) -> Box<TaskRequest> {
    let (function, params) = call(act);
    Box::new(TaskRequest {
        attempt,
        run_id: "test/1".into(),
        operator_id: format!("{function}_1"),
        algo_name: function.into(),
        code: CodeRef {
            module: "acts".into(),
            function: function.into(),
            dir: Some(operators()),
            code_hash: "1".into(),
            sklearn: false,
        },
        params: params.to_string(),
        seed: 0,
        inputs: Vec::new(),
        outputs: vec![OutputPort { name: "out".into(), port_type: "any".into() }],
        files: Vec::new(),
        out_dir: out_dir.to_owned(),
        out_prefix: format!("{}-{}-", attempt.run, attempt.op),
        requirements: Vec::new(),
        objects: None,
        resources: Vec::new(),
        limits: Limits { cpu_slots: 1, memory_bytes: act.cap_bytes(), reserved_bytes: 0, timeout: None },
    })
}

/// The function of `acts.py` and its parameters.
pub fn call(act: &Act) -> (&'static str, Value) {
    match act {
        Act::Succeed { payload } => {
            ("noop", json!({ "payload": serde_json::from_str::<Value>(payload).expect("a payload is JSON") }))
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
        Act::TooMuchMemory { mib, .. } => ("one_huge_block", json!({ "mib": mib })),
        Act::Progress { steps } => ("progress", json!({ "steps": steps })),
    }
}
