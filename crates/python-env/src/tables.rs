//! Runs `python -m suanzi.tables`: one request, one answer or one stream. The engine itself reads no format but Arrow.

use crate::process::command;
use crate::{Interpreter, PythonError};
use serde::Deserialize;
use serde_json::Value;
use std::io::{self, Read, Write};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// The most text that an answer may hold: 20,000 columns with examples fit.
const MAX_ANSWER_BYTES: u64 = 64 << 20;
const MAX_STDERR_BYTES: u64 = 16 << 10;

#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// The file is at fault: what, and what to do.
    #[error("{message}")]
    Refused { message: String, hint: Option<String> },
    #[error("the file took longer than {} s", .0.as_secs())]
    Slow(Duration),
    #[error(transparent)]
    Python(#[from] PythonError),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Ok(Value),
    Error { message: String, hint: Option<String> },
}

impl Interpreter {
    /// Asks for what `suanzi/tables/__main__.py` describes, at most for `limit`.
    pub fn tables(&self, request: &Value, limit: Duration) -> Result<Value, TablesError> {
        let mut child = self.begin(request)?;
        let (to, from) = channel();
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let reader = std::thread::spawn(move || {
            let mut answer = Vec::new();
            if let Some(out) = out {
                let _ = out.take(MAX_ANSWER_BYTES).read_to_end(&mut answer);
            }
            let _ = to.send(answer);
        });
        let errors = std::thread::spawn(move || tail(err));
        let answer = from.recv_timeout(limit);
        let _ = child.kill();
        let _ = child.wait();
        let _ = reader.join();
        let said = errors.join().unwrap_or_default();
        let answer = match answer {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Err(TablesError::Slow(limit)),
        };
        match serde_json::from_slice(&answer) {
            Ok(Answer::Ok(value)) => Ok(value),
            Ok(Answer::Error { message, hint }) => Err(TablesError::Refused { message, hint }),
            Err(_) => Err(self.unusable(if said.is_empty() { "it ended without an answer".into() } else { said })),
        }
    }

    /// A table written as text or Parquet while it is read. Dropping the stream ends the process.
    pub fn table_stream(&self, request: &Value) -> Result<TableStream, TablesError> {
        let mut child = self.begin(request)?;
        let out = child.stdout.take().ok_or_else(|| self.unusable("it has no output".into()))?;
        Ok(TableStream { child, out, over: false })
    }

    fn begin(&self, request: &Value) -> Result<Child, TablesError> {
        let mut command = command(&self.path, self.python_path.as_deref());
        command.args(["-m", "suanzi.tables"]).stdin(Stdio::piped());
        let mut child = command.spawn().map_err(|e| self.unusable(e.to_string()))?;
        let text = serde_json::to_vec(request).unwrap_or_default();
        // A process that ended already is found out by what it doesn't answer.
        if let Some(mut stdin) = child.stdin.take() {
            let _ = stdin.write_all(&text);
        }
        Ok(child)
    }

    fn unusable(&self, reason: String) -> TablesError {
        PythonError::Unusable { path: self.path.clone(), reason }.into()
    }
}

/// Standard output of a process that writes a table.
pub struct TableStream {
    child: Child,
    out: ChildStdout,
    over: bool,
}

impl Read for TableStream {
    /// An error at the end where the process failed: a file cut short must not look whole.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.out.read(buffer)?;
        if count == 0 && !buffer.is_empty() && !self.over {
            self.over = true;
            let said = tail(self.child.stderr.take());
            if !self.child.wait()?.success() {
                return Err(io::Error::other(said));
            }
        }
        Ok(count)
    }
}

impl Drop for TableStream {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn tail(stream: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        let _ = stream.take(MAX_STDERR_BYTES).read_to_end(&mut bytes);
    }
    let text = String::from_utf8_lossy(&bytes);
    text.trim().lines().last().unwrap_or_default().to_string()
}
