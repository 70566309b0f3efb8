//! What the server asks of the program it is part of.

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::sync::Arc;
use std::time::Duration;
use suanzi_api::PythonView;
use suanzi_dag::Document;
use suanzi_dag_engine::{FileAccess, PrepareError, Prepared, RunOptions};
use suanzi_operator::{Catalogue, Kind};

/// Only the program around the server knows which operators, interpreters and executors there are. Called from several threads at once.
pub trait Host: Send + Sync {
    /// Binds a DAG whose author may read `files`. May take as long as indexing its operators takes.
    fn prepare(&self, document: Arc<Document>, options: &RunOptions, files: FileAccess) -> Result<Prepared, Refusal>;

    /// All operators of the standard and the installed packages.
    fn catalogue(&self) -> Result<Arc<Catalogue>, Refusal> {
        Ok(Arc::default())
    }

    /// The command that installs what the operator lacks, if it lacks anything.
    fn install(&self, kind: &Kind) -> Option<String> {
        let _ = kind;
        None
    }

    /// Names of the executors, by position; the first takes what names none.
    fn executors(&self) -> Vec<String> {
        Vec::new()
    }

    /// The isolation profile of workers on this host: `plain`, `namespaced` or `service`.
    fn isolation(&self) -> &'static str {
        "plain"
    }

    /// The interpreter that runs operators.
    fn python(&self) -> PythonView;

    /// Has Python answer one of the requests that `python -m suanzi.tables` takes, within `limit`.
    fn tables(&self, request: &serde_json::Value, limit: Duration) -> Result<serde_json::Value, Refusal> {
        let _ = (request, limit);
        Err(Refusal::no_python())
    }

    /// Has Python write a table; what it writes is read while it does, and dropping the stream ends it.
    fn table_stream(&self, request: &serde_json::Value) -> Result<Box<dyn Read + Send>, Refusal> {
        let _ = request;
        Err(Refusal::no_python())
    }

    /// Has Python write a described DAG as a script: see [`suanzi_dag_engine::for_script`].
    fn script(&self, described: &serde_json::Value) -> Result<String, Refusal> {
        let _ = described;
        Err(Refusal::no_python())
    }

    /// Has Python write the card of a model's version, described as `python -m suanzi.card` takes it.
    fn card(&self, described: &serde_json::Value) -> Result<String, Refusal> {
        let _ = described;
        Err(Refusal::no_python())
    }

    /// Has Python send a run that `suanzi_mlflow::describe` describes to the MLflow server of the environment. Gives MLflow's id and a note; else why not.
    fn mlflow(&self, described: &serde_json::Value) -> Result<(String, String), String> {
        let _ = described;
        Err("this program runs no Python".into())
    }

    /// A process of `python -m suanzi.serving`, which loads a model and answers on the socket.
    fn model_process(&self) -> Result<ModelProcess, Refusal> {
        Err(Refusal::no_python())
    }

    /// The installed ONNX Runtime, opened; else why models aren't run by it. The first call may take a while.
    fn onnx(&self) -> Result<suanzi_onnx::Runtime, String> {
        Err("this program runs no ONNX".into())
    }

    /// Workers will be needed soon. Returns at once.
    fn warm_up(&self);
}

/// A process that serves a model once it is told which.
pub struct ModelProcess {
    pub child: Child,
    /// Its standard input is the other end.
    pub socket: UnixStream,
}

/// Why a DAG can't be prepared.
#[derive(Debug)]
pub enum Refusal {
    /// Its faults, or the database's error.
    Prepare(PrepareError),
    /// A file is no table, or not one of the types asked for.
    Table { message: String, hint: Option<String> },
    /// Something around it: an operator directory, the interpreter.
    Around { message: String, hint: Option<String> },
}

impl Refusal {
    fn no_python() -> Refusal {
        Refusal::Around { message: "this program runs no Python".into(), hint: None }
    }
}
