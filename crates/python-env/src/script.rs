//! Runs `python -m suanzi.export` and `python -m suanzi.card`: a described DAG in, a script of pandas and scikit-learn out; what is known of a model in, a page out.

use crate::process::{answer, command};
use crate::{Interpreter, PythonError};
use serde_json::Value;
use std::io::Write;
use std::process::{ExitStatus, Stdio};

/// With this status the exporter says in one line what it has no Python for.
const REFUSED: i32 = 2;

#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// Operators that can't be written as Python: which, and what to do.
    #[error("{message}")]
    Refused { message: String, hint: Option<String> },
    #[error(transparent)]
    Python(#[from] PythonError),
}

impl Interpreter {
    /// The script of a DAG, described as `suanzi.export.compose` reads it.
    pub fn script(&self, described: &Value) -> Result<String, ScriptError> {
        let (status, out, err) = self.write("suanzi.export", described)?;
        match status.code() {
            Some(0) => Ok(out),
            Some(REFUSED) => Err(refused(&err)),
            _ => Err(self.ended(status, &err).into()),
        }
    }

    /// The card of a model's version, as a page of HTML. No model is loaded for it.
    ///
    /// # Errors
    /// An interpreter that doesn't run it.
    pub fn card(&self, described: &Value) -> Result<String, PythonError> {
        let (status, out, err) = self.write("suanzi.card", described)?;
        if status.success() { Ok(out) } else { Err(self.ended(status, &err)) }
    }

    fn write(&self, module: &str, described: &Value) -> Result<(ExitStatus, String, String), PythonError> {
        let unusable = |reason: String| PythonError::Unusable { path: self.path.clone(), reason };
        let mut command = command(&self.path, self.python_path.as_deref());
        command.args(["-W", "ignore", "-m", module]).stdin(Stdio::piped());
        let mut child = command.spawn().map_err(|e| unusable(e.to_string()))?;
        let text = serde_json::to_vec(described).unwrap_or_default();
        // A process that ended already is found out by what it doesn't answer.
        if let Some(mut stdin) = child.stdin.take() {
            let _ = stdin.write_all(&text);
        }
        answer(child).map_err(unusable)
    }

    fn ended(&self, status: ExitStatus, said: &str) -> PythonError {
        PythonError::Unusable { path: self.path.clone(), reason: format!("it ended with {status}: {}", said.trim()) }
    }
}

/// `error: …`, and on a line of its own `hint: …`.
fn refused(said: &str) -> ScriptError {
    let line = |mark: &str| said.lines().find_map(|line| line.strip_prefix(mark)).map(str::to_string);
    ScriptError::Refused { message: line("error: ").unwrap_or_else(|| said.trim().to_string()), hint: line("hint: ") }
}
