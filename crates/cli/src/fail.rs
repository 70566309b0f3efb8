//! What ends a command: one clear message with place, reason and hint, and the exit code.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;
use suanzi_dag::{Fault, Faults};
use suanzi_dag_engine::{PrepareError, SubmitError};
use suanzi_store::StoreError;

/// The run failed.
pub const RUN_FAILED: u8 = 1;
/// Bad usage or invalid input.
pub const INVALID: u8 = 2;

#[derive(Debug)]
pub struct Failure {
    pub code: u8,
    message: String,
    hint: Option<String>,
}

impl Failure {
    pub fn invalid(message: impl Display) -> Failure {
        Failure { code: INVALID, message: message.to_string(), hint: None }
    }

    pub fn hint(mut self, hint: impl Display) -> Failure {
        self.hint = Some(hint.to_string());
        self
    }

    /// All faults of a file, each with its place: `FILE:line:column: error[code]: …`.
    pub fn faults(file: &str, faults: &Faults) -> Failure {
        let mut text = String::new();
        for fault in &faults.0 {
            text.push_str(&format!("{}\n", in_file(file, fault)));
        }
        let errors = faults.0.iter().filter(|f| !f.warning).count();
        text.push_str(&format!("{errors} {} in {file}", if errors == 1 { "error" } else { "errors" }));
        Failure { code: INVALID, message: text, hint: None }
    }

    pub fn prepare(file: &str, error: PrepareError) -> Failure {
        match error {
            PrepareError::Faults(faults) => Failure::faults(file, &faults),
            PrepareError::Store(error) => error.into(),
        }
    }

    pub fn submit(file: &str, error: SubmitError) -> Failure {
        match error {
            SubmitError::MissingInputs(faults) => Failure::faults(file, &faults),
            SubmitError::Store(error) => error.into(),
            SubmitError::Io(error) => Failure::invalid(error),
            error @ SubmitError::Artifact(_) => {
                Failure::invalid(error).hint("see whether the store of artifacts answers, then run again")
            }
        }
    }

    /// Message and hint.
    pub fn into_parts(self) -> (String, Option<String>) {
        (self.message, self.hint)
    }

    pub fn tell(self) -> ExitCode {
        if self.message.contains("error[") {
            talk!("{}", self.message);
        } else {
            talk!("error: {}", self.message);
        }
        if let Some(hint) = self.hint {
            talk!("hint: {hint}");
        }
        ExitCode::from(self.code)
    }
}

/// `FILE:12:5: error[…]: …`, or `FILE: error[…]: …` for what has no place.
pub fn in_file(file: &str, fault: &Fault) -> String {
    if fault.place.is_some() { format!("{file}:{fault}") } else { format!("{file}: {fault}") }
}

impl From<suanzi_dag_engine::CollectError> for Failure {
    fn from(error: suanzi_dag_engine::CollectError) -> Failure {
        match error {
            suanzi_dag_engine::CollectError::Store(error) => error.into(),
            other => Failure::invalid(other),
        }
    }
}

impl From<suanzi_dag_engine::VerifyError> for Failure {
    fn from(error: suanzi_dag_engine::VerifyError) -> Failure {
        match error {
            suanzi_dag_engine::VerifyError::Store(error) => error.into(),
            other => Failure::invalid(other).hint("the next start looks again"),
        }
    }
}

impl From<suanzi_environments::EnvironmentError> for Failure {
    fn from(error: suanzi_environments::EnvironmentError) -> Failure {
        let hint = error.hint();
        Failure::invalid(error).hint(hint)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        let hint = match &error {
            StoreError::NewerSchema { .. } => Some("use the newer program, or another SUANZI_HOME"),
            StoreError::Full => Some("free some space; `suanzi cache gc` removes results that are not needed"),
            StoreError::Corrupt(_) => Some("restore a copy, or use another SUANZI_HOME"),
            _ => None,
        };
        Failure { code: INVALID, message: error.to_string(), hint: hint.map(str::to_string) }
    }
}

impl From<suanzi_python_env::ScriptError> for Failure {
    fn from(error: suanzi_python_env::ScriptError) -> Failure {
        match error {
            suanzi_python_env::ScriptError::Refused { message, hint } => {
                let failure = Failure::invalid(message);
                match hint {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                }
            }
            suanzi_python_env::ScriptError::Python(error) => error.into(),
        }
    }
}

impl From<suanzi_python_env::PythonError> for Failure {
    fn from(error: suanzi_python_env::PythonError) -> Failure {
        let hint = error.hint();
        Failure::invalid(error).hint(hint)
    }
}

impl From<suanzi_python_env::IndexError> for Failure {
    fn from(error: suanzi_python_env::IndexError) -> Failure {
        match error {
            suanzi_python_env::IndexError::Python(error) => error.into(),
            other => Failure::invalid(other).hint("mend the file, or leave its directory out of --operators"),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::invalid(error)
    }
}

impl From<suanzi_report::ReportError> for Failure {
    fn from(error: suanzi_report::ReportError) -> Failure {
        match error {
            suanzi_report::ReportError::Store(error) => error.into(),
            suanzi_report::ReportError::Faults(faults) => Failure::faults("the stored DAG", &faults),
            suanzi_report::ReportError::Gone(what) => Failure::invalid(what),
            suanzi_report::ReportError::Artifact(error) => Failure::invalid(error),
        }
    }
}
