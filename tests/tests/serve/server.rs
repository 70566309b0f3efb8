//! `suanzi serve` under way.

use crate::http::{self, Answer};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::fs::File;
use std::path::PathBuf;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};
use suanzi_tests::{DagText, Op, RUN_LIMIT_SECONDS, Suanzi};

/// Says that it has begun, and goes on when its gate is open.
pub const GATE: &str = "\
import os, time
def run(*inputs, params):
    open(params['gate'] + '.begun', 'w').close()
    end = time.monotonic() + 100
    while not os.path.exists(params['gate']) and time.monotonic() < end:
        time.sleep(0.01)
    return {'waited': 1.0}
";

/// Killed when dropped.
pub struct Server<'a> {
    pub suanzi: &'a Suanzi,
    child: Child,
    pub port: u16,
    pub code: String,
    err: PathBuf,
}

/// Until something is true, within the limit of a command.
#[track_caller]
pub fn until(what: &str, mut is: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(RUN_LIMIT_SECONDS), "{what}: not within {RUN_LIMIT_SECONDS} s");
        sleep(Duration::from_millis(10));
    }
}

impl<'a> Server<'a> {
    /// On a free port, with one worker unless `args` say how many; ready when it returns.
    pub fn start(suanzi: &'a Suanzi, args: &[&str]) -> Server<'a> {
        let (out, err) = (suanzi.dir().join("serve.out"), suanzi.dir().join("serve.err"));
        let mut command = suanzi.command(["serve", "--port", "0"].iter().chain(args));
        if !args.contains(&"--workers") {
            command.args(["--workers", "1"]);
        }
        command.stdout(File::create(&out).expect("a file")).stderr(File::create(&err).expect("a file"));
        let mut child = command.spawn().expect("suanzi starts");
        let mut url = String::new();
        until("the server prints its address", || {
            let ended = child.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "it ended: {}", std::fs::read_to_string(&err).unwrap_or_default());
            url = std::fs::read_to_string(&out).unwrap_or_default();
            url.ends_with('\n')
        });
        let (port, code) = address(&url);
        let server = Server { suanzi, child, port, code, err };
        assert_eq!(server.get("/readyz").status, 200);
        server
    }

    pub fn stderr(&self) -> String {
        std::fs::read_to_string(&self.err).unwrap_or_default()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process is there");
    }

    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it can be waited for");
    }

    #[track_caller]
    pub fn ends_with(&mut self, code: i32) {
        let mut status = None;
        until("the server ends", || {
            status = self.child.try_wait().expect("a child can be asked");
            status.is_some()
        });
        assert_eq!(status.and_then(|s| s.code()), Some(code), "stderr: {}", self.stderr());
    }

    pub fn bearer(&self) -> String {
        let token = std::fs::read_to_string(self.suanzi.home().join("token")).expect("the token is there");
        format!("Bearer {}", token.trim())
    }

    /// With the token.
    #[track_caller]
    pub fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        http::ask(self.port, method, path, &[("Authorization", &self.bearer())], body)
    }

    /// With the token and these headers.
    #[track_caller]
    pub fn ask_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let bearer = self.bearer();
        let headers: Vec<_> = [("Authorization", bearer.as_str())].iter().chain(headers).copied().collect();
        http::ask(self.port, method, path, &headers, body)
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }

    /// Head and body of a file.
    #[track_caller]
    pub fn bytes(&self, path: &str) -> (String, Vec<u8>) {
        http::bytes(self.port, path, &[("Authorization", &self.bearer())])
    }

    #[track_caller]
    pub fn submit(&self, source: &str) -> Answer {
        self.ask("POST", "/api/v1/runs", &json!({ "source": source }).to_string())
    }

    /// Begins a run that waits at its gate; gives its id once it is there.
    #[track_caller]
    pub fn begin_gated(&self, name: &str) -> String {
        self.begin_at_gate(name, |dag| dag.op(Op::new("after", "noop")).edge("wait", 1, "after", 0))
    }

    /// The same with whatever stands beside and after the operator `wait`.
    #[track_caller]
    pub fn begin_at_gate(&self, name: &str, with: impl FnOnce(DagText) -> DagText) -> String {
        let gate = self.suanzi.dir().join(format!("{name}.gate"));
        let wait = Op::new("wait", "python_script").param("code", GATE).param("params", json!({ "gate": gate }));
        let dag = with(DagText::new(name).op(wait));
        let answer = self.submit(&dag.yaml());
        assert_eq!(answer.status, 201, "{}", answer.body);
        let begun = self.suanzi.dir().join(format!("{name}.gate.begun"));
        until("the run is at its gate", || begun.exists());
        answer.json()["run_id"].as_str().expect("an id").to_string()
    }

    pub fn open(&self, name: &str) {
        self.suanzi.write(&format!("{name}.gate"), "");
    }

    pub fn status(&self, run_id: &str) -> Value {
        self.get(&format!("/api/v1/runs/{run_id}")).json()["status"].clone()
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Port and code of a printed address.
#[track_caller]
pub fn address(url: &str) -> (u16, String) {
    let rest = url.trim().strip_prefix("http://127.0.0.1:").unwrap_or_else(|| panic!("an address: {url}"));
    let (port, code) = rest.split_once("/login#code=").unwrap_or_else(|| panic!("an address with a code: {url}"));
    (port.parse().expect("a port"), code.to_string())
}
