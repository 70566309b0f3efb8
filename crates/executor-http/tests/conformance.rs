//! The base executor's suite, on the HTTP executor and the reference platform.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use suanzi_executor::conformance::{Act, Harness, python as acts, run_all};
use suanzi_executor::*;
use suanzi_executor_http::{BaseUrl, HttpExecutor, HttpOptions, Target, Terms};

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
            terms: Terms {
                name: "http".into(),
                slots: 3,
                package: root().join("python/suanzi"),
                log_dir: self.dir.path().join("logs"),
                tell: |line| eprintln!("{line}"),
            },
            target: Target {
                base: BaseUrl::parse(&format!("http://127.0.0.1:{}", self.port)).expect("an address"),
                token: Some(token.into()),
            },
        }
    }
}

impl Drop for HttpHarness {
    fn drop(&mut self) {
        drop(self.platform.stdin.take()); // it ends with its standard input
        let _ = self.platform.wait();
    }
}

impl Harness for HttpHarness {
    fn make(&self) -> Arc<dyn Executor> {
        Arc::new(HttpExecutor::new(self.options("s3cret")).expect("an executor"))
    }

    fn task(&self, attempt: AttemptId, act: &Act) -> Option<Box<TaskRequest>> {
        Some(acts::task(attempt, act, &self.dir.path().join("out")))
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
