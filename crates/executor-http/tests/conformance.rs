//! The base executor's suite, on the HTTP executor and the reference platform.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use suanzi_executor::conformance::{Act, Harness, run_all};
use suanzi_executor::*;
use suanzi_executor_http::{BaseUrl, HttpExecutor, HttpOptions};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout")
}

fn python() -> PathBuf {
    std::env::var_os("SUANZI_PYTHON").map_or_else(|| root().join(".venv/bin/python"), PathBuf::from)
}

struct HttpHarness {
    dir: tempfile::TempDir,
    platform: Child,
    port: u16,
}

impl HttpHarness {
    fn new() -> HttpHarness {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("token"), "s3cret\n").expect("a file");
        let mut platform = Command::new(python())
            .arg(root().join("tests/platform/platform.py"))
            .arg(dir.path().join("platform"))
            .arg(python())
            .arg(dir.path().join("token"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the platform starts");
        let mut line = String::new();
        BufReader::new(platform.stdout.take().expect("a pipe")).read_line(&mut line).expect("the port");
        HttpHarness { dir, platform, port: line.trim().parse().expect("a port") }
    }

    fn options(&self, token: &str) -> HttpOptions {
        HttpOptions {
            name: "http".into(),
            base: BaseUrl::parse(&format!("http://127.0.0.1:{}", self.port)).expect("an address"),
            token: Some(token.into()),
            slots: 3,
            package: root().join("python/suanzi"),
            log_dir: self.dir.path().join("logs"),
            tell: |line| eprintln!("{line}"),
        }
    }
}

impl Drop for HttpHarness {
    fn drop(&mut self) {
        drop(self.platform.stdin.take()); // it ends with its standard input
        let _ = self.platform.wait();
    }
}

fn json(text: &str) -> String {
    let escaped: String = text.chars().map(|c| format!("\\u{:04x}", c as u32)).collect();
    format!("\"{escaped}\"")
}

impl Harness for HttpHarness {
    fn make(&self) -> Arc<dyn Executor> {
        Arc::new(HttpExecutor::new(self.options("s3cret")).expect("an executor"))
    }

    fn task(&self, attempt: AttemptId, act: &Act) -> Option<Box<TaskRequest>> {
        let (function, params) = match act {
            Act::Succeed { payload } => ("noop", format!("{{\"payload\": {payload}}}")),
            Act::Fail { message } => ("fail", format!("{{\"message\": {}}}", json(message))),
            Act::Refuse { message } => ("refuse", format!("{{\"message\": {}}}", json(message))),
            Act::ExitZero => ("exit_zero", "{}".into()),
            Act::KillSelf => ("kill_self", "{}".into()),
            Act::Sleep(time) => ("sleep", format!("{{\"seconds\": {}}}", time.as_secs_f64())),
            Act::IgnoreTerm(time) => ("stubborn", format!("{{\"seconds\": {}}}", time.as_secs_f64())),
            Act::Print { text, times, then } => (
                "print_bytes",
                format!("{{\"text\": {}, \"times\": {times}, \"then_seconds\": {}}}", json(text), then.as_secs_f64()),
            ),
            Act::Progress { steps } => ("progress", format!("{{\"steps\": {steps}}}")),
        };
        Some(Box::new(TaskRequest {
            attempt,
            run_id: "test/1".into(),
            operator_id: format!("{function}_1"),
            algo_name: function.into(),
            code: CodeRef {
                module: "acts".into(),
                function: function.into(),
                dir: Some(root().join("crates/executor-local/tests/operators")),
                code_hash: "1".into(),
            },
            params,
            seed: 0,
            inputs: Vec::new(),
            outputs: vec![OutputPort { name: "out".into(), port_type: "any".into() }],
            files: Vec::new(),
            out_dir: self.dir.path().join("out"),
            out_prefix: format!("{}-{}-", attempt.run, attempt.op),
            limits: Limits { cpu_slots: 1, memory_bytes: None, timeout: None },
        }))
    }

    fn many(&self) -> usize {
        12
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(120)
    }
}

#[test]
fn the_http_executor_passes() {
    let harness = HttpHarness::new();
    run_all(&harness).assert(&[]);
}

#[test]
fn a_wrong_token_is_said_without_any_token() {
    let harness = HttpHarness::new();
    assert_eq!(HttpExecutor::check(&harness.options("s3cret")), Ok(()));
    let error = HttpExecutor::check(&harness.options("wr0ng")).expect_err("refused");
    assert!(error.contains("401") && !error.contains("wr0ng") && !error.contains("s3cret"), "{error}");
}
