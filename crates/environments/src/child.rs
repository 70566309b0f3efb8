//! Runs Python while an environment is made: its words are passed on line by line, and it ends with whoever asked for it, with its time, or with this process.

use crate::EnvironmentError;
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Passed on when set. Proxies and certificates are part of how pip reaches an index.
const PASSED: [&str; 18] = [
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "NETRC",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
];
/// Settings of pip that would lead the installation elsewhere, or make it another one.
const NOT_PASSED: [&str; 9] = [
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_USER",
    "PIP_PYTHON",
    "PIP_DRY_RUN",
    "PIP_EDITABLE",
    "PIP_REQUIREMENT",
    "PIP_REPORT",
];
/// Between looks at whether anybody still waits.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const MAX_LINE_BYTES: u64 = 4_096;
/// Of what it said last: enough for pip to name a conflict.
const KEPT_LINES: usize = 40;

/// How it went: what it said last where it failed.
pub(crate) enum Ended {
    Well,
    Failed(Vec<String>),
}

/// Python of an environment with `args`, in an environment of few variables.
pub(crate) fn python(python: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(python);
    command.args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in PASSED {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    for (name, value) in std::env::vars_os() {
        let pip = name.to_str().is_some_and(|name| name.starts_with("PIP_") && !NOT_PASSED.contains(&name));
        if pip {
            command.env(name, value);
        }
    }
    // Said here, since a pip.conf may say otherwise.
    command.env("PIP_USER", "0").env("PYTHONUTF8", "1").env("PYTHONUNBUFFERED", "1");
    command
}

/// Waits for its end. `going` false ends it.
pub(crate) fn run(
    mut command: Command,
    until: Instant,
    going: &dyn Fn() -> bool,
    line: &mut dyn FnMut(&str),
) -> Result<Ended, EnvironmentError> {
    // Its own group, with what it starts: ended as one.
    command.process_group(0);
    let parent = rustix::process::getpid();
    // SAFETY: between fork and exec it makes two system calls, which are async-signal-safe, and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
            // This process may have died before that call.
            if rustix::process::getppid() == Some(parent) { Ok(()) } else { Err(rustix::io::Errno::SRCH.into()) }
        });
    }
    let program = Path::new(command.get_program()).to_path_buf();
    let mut child = command.spawn().map_err(|e| EnvironmentError::io(&program, e))?;
    let (to, from) = channel();
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|s| Box::new(s) as Box<dyn Read + Send>),
        child.stderr.take().map(|s| Box::new(s) as Box<dyn Read + Send>),
    ];
    for stream in streams.into_iter().flatten() {
        let to = to.clone();
        std::thread::spawn(move || read_lines(stream, |text| to.send(text).is_ok()));
    }
    drop(to);
    let mut last = VecDeque::new();
    let mut cut = None;
    loop {
        match from.recv_timeout(LOOK_EVERY) {
            Ok(text) => {
                line(&text);
                if last.len() == KEPT_LINES {
                    last.pop_front();
                }
                last.push_back(text);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if cut.is_none() {
            cut = match (going(), Instant::now() < until) {
                (false, _) => Some(EnvironmentError::Cancelled),
                (true, false) => Some(EnvironmentError::io(&program, "it took too long")),
                (true, true) => None,
            };
            if cut.is_some()
                && let Some(pid) = Pid::from_raw(child.id() as i32)
            {
                // Unreaped, so the number is still its own.
                let _ = kill_process_group(pid, Signal::KILL);
            }
        }
    }
    let status = child.wait().map_err(|e| EnvironmentError::io(&program, e))?;
    match cut {
        Some(error) => Err(error),
        None if status.success() => Ok(Ended::Well),
        None => {
            last.push_back(format!("it ended with {status}"));
            Ok(Ended::Failed(last.into()))
        }
    }
}

/// Each line without its end, as text; a long one in pieces. Stops when nobody takes them.
fn read_lines(stream: impl Read, mut take: impl FnMut(String) -> bool) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut bytes = Vec::new();
        match (&mut reader).take(MAX_LINE_BYTES).read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        if !text.is_empty() && !take(text) {
            return;
        }
    }
}
