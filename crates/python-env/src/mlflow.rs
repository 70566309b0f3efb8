//! Runs `python -m suanzi.mlflow`: a described run in, MLflow's id of it out.

use crate::Interpreter;
use crate::process::{answer_within, command};
use serde::Deserialize;
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

/// What the process needs to reach the server, beside what every question gets. Credentials are in no other place.
const PASSED: &[&str] = &[
    "MLFLOW_TRACKING_URI",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
];

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Ok { run_id: String, note: String },
    Error(String),
}

impl Interpreter {
    /// Sends a run that `suanzi_mlflow::describe` describes. Gives MLflow's id and a note on what couldn't go there.
    ///
    /// # Errors
    /// Why it couldn't be sent, without credentials.
    pub fn mlflow(&self, described: &Value, limit: Duration) -> Result<(String, String), String> {
        let mut command = command(&self.path, self.python_path.as_deref());
        for name in PASSED {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.args(["-W", "ignore", "-m", "suanzi.mlflow"]).stdin(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("Python can't be started: {error}"))?;
        let text = serde_json::to_vec(described).unwrap_or_default();
        // A process that ended already is found out by what it doesn't answer.
        if let Some(mut stdin) = child.stdin.take() {
            let _ = stdin.write_all(&text);
        }
        let (status, out, said) = answer_within(child, limit).map_err(|why| format!("sending broke off: {why}"))?;
        match serde_json::from_str(&out) {
            Ok(Answer::Ok { run_id, note }) => Ok((run_id, note)),
            Ok(Answer::Error(why)) => Err(why),
            Err(_) => Err(format!("sending ended with {status}: {}", said.lines().last().unwrap_or_default().trim())),
        }
    }
}
