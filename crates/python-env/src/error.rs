//! What can be wrong with the Python environment, each with its remedy.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum PythonError {
    #[error("no Python interpreter found (looked for: {looked})")]
    NotFound { looked: String },
    #[error("{} can't be used as the Python interpreter: {reason}", path.display())]
    Unusable { path: PathBuf, reason: String },
    #[error("Python {version} at {} is too old: 3.11 or newer is needed", path.display())]
    TooOld { path: PathBuf, version: String },
    #[error("the Python package `suanzi` is not installed in {}", path.display())]
    NoPackage { path: PathBuf },
    #[error("{}: {reason}", path.display())]
    Io { path: PathBuf, reason: String },
}

impl PythonError {
    pub fn hint(&self) -> &'static str {
        match self {
            PythonError::NotFound { .. } => {
                "install Python 3.11 or newer, or set SUANZI_PYTHON to one; in a clone `make build` makes .venv"
            }
            PythonError::Unusable { .. } => "set SUANZI_PYTHON to another interpreter; `suanzi doctor` says more",
            PythonError::TooOld { .. } => "set SUANZI_PYTHON to a newer interpreter",
            PythonError::NoPackage { .. } => "`pip install suanzi` there, or in a clone run `make build`",
            PythonError::Io { .. } => "check that the path exists and can be read",
        }
    }
}
