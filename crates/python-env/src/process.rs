//! Runs Python for a question, with a clean environment, a time limit and bounded output.

use crate::PythonError;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long a question may take; importing a large package on a busy machine takes seconds.
pub const QUESTION_SECONDS: u64 = 120;
/// The most output that is read.
const MAX_OUTPUT_BYTES: u64 = 256 << 20;
const STDERR_TAIL_CHARS: usize = 2_000;

/// Environment variables that are passed on.
const PASSED: &[&str] = &["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV"];

/// Python with a clean environment, its outputs to be read.
pub(crate) fn command(python: &Path, python_path: Option<&Path>) -> Command {
    let mut command = Command::new(python);
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in PASSED {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("OMP_NUM_THREADS", "1").env("OPENBLAS_NUM_THREADS", "1");
    if let Some(path) = python_path {
        command.env("PYTHONPATH", path);
    }
    command
}

/// Gives back standard output.
pub(crate) fn ask(python: &Path, python_path: Option<&Path>, args: &[&str]) -> Result<String, PythonError> {
    let unusable = |reason: String| PythonError::Unusable { path: python.to_path_buf(), reason };
    let child = command(python, python_path).args(args).spawn().map_err(|e| unusable(e.to_string()))?;
    let (status, out, err) = answer(child).map_err(unusable)?;
    if !status.success() && out.is_empty() {
        return Err(unusable(format!("it ended with {status}: {}", err.trim())));
    }
    Ok(out)
}

/// How it ended, what it wrote, and the end of what it complained of. Fails with a reason when time is up.
pub(crate) fn answer(child: Child) -> Result<(ExitStatus, String, String), String> {
    answer_within(child, Duration::from_secs(QUESTION_SECONDS))
}

/// As [`answer`], with a limit of its own.
pub(crate) fn answer_within(mut child: Child, limit: Duration) -> Result<(ExitStatus, String, String), String> {
    let outcome = collect(&mut child, limit);
    let _ = child.kill();
    let status = child.wait().map_err(|e| e.to_string())?;
    let (out, err) = outcome.ok_or_else(|| format!("it gave no answer in {} s", limit.as_secs()))?;
    let tail: Vec<char> = err.chars().rev().take(STDERR_TAIL_CHARS).collect();
    Ok((status, out, tail.into_iter().rev().collect()))
}

/// Both streams to their ends, or nothing when time is up.
fn collect(child: &mut Child, limit: Duration) -> Option<(String, String)> {
    let (to, from) = channel();
    let read = |stream: Option<Box<dyn Read + Send>>, first: bool| {
        let to = to.clone();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(stream) = stream {
                let _ = stream.take(MAX_OUTPUT_BYTES).read_to_end(&mut bytes);
            }
            let _ = to.send((first, String::from_utf8_lossy(&bytes).into_owned()));
        });
    };
    read(child.stdout.take().map(|s| Box::new(s) as Box<dyn Read + Send>), true);
    read(child.stderr.take().map(|s| Box::new(s) as Box<dyn Read + Send>), false);
    let mut texts = (String::new(), String::new());
    for _ in 0..2 {
        let (first, text) = from.recv_timeout(limit).ok()?;
        if first { texts.0 = text } else { texts.1 = text }
    }
    // Streams are closed; the process itself may take a moment to end.
    let began = std::time::Instant::now();
    while child.try_wait().ok()?.is_none() && began.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(2));
    }
    Some(texts)
}
