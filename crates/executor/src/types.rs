//! What an executor is asked and what it answers.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// The most one log read returns.
pub const MAX_LOG_READ_BYTES: usize = 1 << 20;

/// Names an attempt everywhere: `run_key`, operator position, attempt number, token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct AttemptId {
    pub run: u64,
    pub op: u32,
    pub no: u32,
    pub token: u64,
}

/// Everything an attempt needs. Paths are local to the executor's host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskRequest {
    pub attempt: AttemptId,
    /// Public names, for logs and the operator's context.
    pub run_id: String,
    pub operator_id: String,
    pub algo_name: String,
    pub code: CodeRef,
    /// Canonical parameters as a JSON object (defaults filled in).
    pub params: String,
    /// The run's seed, used where a random state is null.
    pub seed: u64,
    pub inputs: Vec<InputValue>,
    pub outputs: Vec<OutputPort>,
    /// Files named by parameters, already resolved: parameter name → path.
    pub files: Vec<(String, PathBuf)>,
    /// Where output files go; exists. File names must start with `out_prefix`, which is unique to the attempt.
    pub out_dir: PathBuf,
    pub out_prefix: String,
    /// Amounts of what else it needs, such as `gpu`, by name. An executor that can't provide a thing by that name may ignore it.
    pub resources: Vec<(String, f64)>,
    pub limits: Limits,
    /// Distributions (PEP 508), sorted: it runs where these are installed, in an environment that others without the same list don't share. Empty: in the executor's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
    /// Set where artifacts lie in a store of objects: inputs that aren't at their paths come from there, and outputs go there before their result is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<ObjectPlace>,
}

/// A store of objects that workers read artifacts from and write them to themselves. Keys begin after the prefix in `url`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectPlace {
    /// `s3://BUCKET/PREFIX`.
    pub url: String,
    /// The server's address, where a worker's own environment names none.
    pub endpoint: Option<String>,
    pub region: Option<String>,
    /// The folder of copies on the host of whoever runs the task: the task's paths below it stand for objects by what follows it.
    pub root: PathBuf,
    /// Of files named by parameters, for hosts that don't have them: parameter name → key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<(String, String)>,
}

/// The Python code of an operator, found through `importlib`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CodeRef {
    pub module: String,
    pub function: String,
    /// A directory to put on `sys.path` (`--operators DIR`), or none for an installed package.
    pub dir: Option<PathBuf>,
    /// Hash of the package's sources: a worker that loaded another version is retired. Hex.
    pub code_hash: String,
    /// It may import scikit-learn, or what needs it: an executor that keeps warm processes gives it one that has.
    #[serde(default = "CodeRef::unless_known")]
    pub sklearn: bool,
}

impl CodeRef {
    /// Of code that nobody looked at, anything must be expected.
    fn unless_known() -> bool {
        true
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputValue {
    /// The declared input's name; a variadic input has several values under one name, in port order.
    pub name: String,
    pub port_type: String,
    pub at: Location,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Location {
    Path(PathBuf),
    Inline(#[serde(with = "serde_bytes")] Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputPort {
    pub name: String,
    pub port_type: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Threads the operator's libraries may use.
    pub cpu_slots: u32,
    pub memory_bytes: Option<u64>,
    /// What is kept free for it, of [`crate::Executor::memory_bytes`]; 0 where nobody knows what it will hold.
    #[serde(default)]
    pub reserved_bytes: u64,
    /// The scheduler enforces time; this is for the operator's context.
    pub timeout: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    Started {
        attempt: AttemptId,
        worker: String,
    },
    /// 0.0 to 1.0 and a word on what it is doing.
    Progress {
        attempt: AttemptId,
        fraction: f64,
        message: String,
    },
    Metric {
        attempt: AttemptId,
        name: String,
        step: Option<i64>,
        value: f64,
    },
    Finished {
        attempt: AttemptId,
        outcome: Outcome,
        usage: Usage,
    },
    Capacity {
        slots: u32,
    },
    /// How much its attempts may hold in all, from now on; none for any amount.
    Memory {
        bytes: Option<u64>,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    Success {
        outputs: Vec<OutputValue>,
    },
    Failed(Failure),
    /// Ended by [`crate::Executor::stop`].
    Stopped,
    /// Gone through no fault of the operator (host lost, executor shut down).
    Lost,
    /// Ended to make room: the executor's memory ran short while this attempt held so much. It is to be run again with more kept free for it.
    Evicted {
        held_bytes: u64,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputValue {
    pub port: u16,
    pub port_type: String,
    pub at: Location,
    pub bytes: u64,
    /// `data` only.
    pub rows: Option<u64>,
    /// JSON: columns and types for tables; class, library versions, columns, training table for models.
    pub manifest: String,
}

/// Why an attempt failed, in words for the person who drew the operator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceback: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The operator refused its input or parameters (`suanzi.OperatorError`): another attempt can't help.
    Refused,
    /// An exception of the operator's code.
    Exception,
    /// The code couldn't be imported.
    Import,
    /// The process ended without a result (`exit 0` included).
    ExitedWithoutResult,
    /// Ended by a signal.
    Killed,
    OutOfMemory,
    Timeout,
    /// The output was missing, of the wrong type or not where it must be.
    BadOutput,
    /// The worker broke the protocol.
    Protocol,
    Storage,
    /// The environment with its requirements couldn't be made.
    Environment,
}

/// What the attempt used and where its log lies.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Usage {
    pub wall_us: u64,
    pub cpu_us: u64,
    pub peak_rss_bytes: u64,
    pub log: LogRange,
}

/// The attempt's bytes in its worker's log file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogRange {
    pub file: u64,
    pub start: u64,
    pub end: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptStatus {
    Unknown,
    Queued,
    Running,
    Finished,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the executor is shut down")]
    ShutDown,
    #[error("the executor can't take it: {0}")]
    Refused(String),
}

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("no such attempt here")]
    UnknownAttempt,
    #[error("the log can't be read: {0}")]
    Io(#[from] std::io::Error),
}
