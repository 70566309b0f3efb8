//! The Python that operators run in: which interpreter and why, what is installed in it, and which operators its packages declare. Starts Python only to learn what isn't known yet; the answers are kept.

mod error;
mod fingerprint;
mod index;
mod interpreter;
mod mlflow;
mod modules;
mod process;
mod script;
mod tables;

pub use error::PythonError;
pub use index::{IndexError, index_dir, index_package, standard};
pub use interpreter::Interpreter;
pub use script::ScriptError;
pub use tables::{TableStream, TablesError};
