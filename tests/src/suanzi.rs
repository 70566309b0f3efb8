//! The program in a home of its own: one call runs one command to its end, within a limit of time.

use crate::program;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A command that takes longer hangs: it is killed and the test fails, unless the test says that it has much to do.
pub const RUN_LIMIT_SECONDS: u64 = 120;

pub struct Suanzi {
    /// Holds the home and whatever files a test writes.
    dir: TempDir,
    env: BTreeMap<OsString, OsString>,
    limit: Duration,
}

/// What a command left behind.
#[derive(Debug)]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    /// `None`: ended by a signal.
    pub code: Option<i32>,
    pub took: Duration,
    command: String,
}

impl Default for Suanzi {
    fn default() -> Self {
        Suanzi::new()
    }
}

impl Suanzi {
    /// A home nobody used before.
    pub fn new() -> Suanzi {
        let dir = tempfile::Builder::new().prefix("suanzi-test-").tempdir().expect("a temporary directory");
        Suanzi { dir, env: BTreeMap::new(), limit: Duration::from_secs(RUN_LIMIT_SECONDS) }
    }

    /// The directory for a test's own files; commands start in it.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    pub fn set_limit(&mut self, limit: Duration) {
        self.limit = limit;
    }

    pub fn set_env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
        self.env.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
    }

    /// Writes a file below [`Self::dir`] and gives its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir().join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).expect("a directory can be made");
        }
        std::fs::write(&path, content).expect("a file can be written");
        path
    }

    /// The command with this home and a quiet environment, not yet started.
    pub fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(program::binary());
        command.args(args).current_dir(self.dir()).env("SUANZI_HOME", self.home()).env("COLUMNS", "100");
        command.env_remove("NO_COLOR").env_remove("PYTHONPATH").env_remove("RUST_BACKTRACE");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).envs(&self.env);
        command
    }

    pub fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Output {
        finish(self.command(args), None, self.limit)
    }

    /// Runs a command with another home.
    pub fn run_in<A: AsRef<OsStr>>(&self, home: &Path, args: impl IntoIterator<Item = A>) -> Output {
        let mut command = self.command(args);
        command.env("SUANZI_HOME", home);
        finish(command, None, self.limit)
    }

    pub fn run_with_stdin<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>, stdin: &[u8]) -> Output {
        let mut command = self.command(args);
        command.stdin(Stdio::piped());
        finish(command, Some(stdin.to_vec()), self.limit)
    }

    /// Runs a command that must succeed and print one JSON value.
    pub fn json<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Value {
        self.run(args).success().json()
    }
}

impl Output {
    /// Itself, if the command exited with `code`.
    #[track_caller]
    pub fn exits(self, code: i32) -> Output {
        assert_eq!(self.code, Some(code), "exit code of {self}");
        self
    }

    #[track_caller]
    pub fn success(self) -> Output {
        self.exits(0)
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("stdout is no JSON value ({e}): {self}"))
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (command, code, took) = (&self.command, self.code, self.took);
        write!(f, "{command}\nexit {code:?} after {took:?}\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr)
    }
}

fn finish(mut command: Command, stdin: Option<Vec<u8>>, limit: Duration) -> Output {
    let shown = format!("{command:?}");
    let began = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|e| panic!("{shown} does not start: {e}"));
    if let (Some(bytes), Some(mut pipe)) = (stdin, child.stdin.take()) {
        // A command may end without having read it.
        thread::spawn(move || pipe.write_all(&bytes));
    }
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let code = wait(child, &shown, limit);
    let took = began.elapsed();
    let text = |pipe: mpsc::Receiver<Vec<u8>>| {
        // A process that outlives the command and holds its pipe is a fault too.
        let bytes = pipe.recv_timeout(Duration::from_secs(RUN_LIMIT_SECONDS));
        String::from_utf8_lossy(&bytes.unwrap_or_else(|_| panic!("{shown}: its output stays open"))).into_owned()
    };
    Output { stdout: text(stdout), stderr: text(stderr), code, took, command: shown }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        send.send(bytes)
    });
    receive
}

/// Waits for the end, and kills the process when the limit is passed.
fn wait(mut child: Child, shown: &str, limit: Duration) -> Option<i32> {
    let pid = rustix::process::Pid::from_child(&child);
    let (send, receive) = mpsc::channel();
    thread::spawn(move || send.send(child.wait()));
    match receive.recv_timeout(limit) {
        Ok(status) => status.expect("a child can be waited for").code(),
        Err(_) => {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            panic!("{shown} did not end within {limit:?}")
        }
    }
}
