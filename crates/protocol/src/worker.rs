//! Frames between the engine and a worker.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Engine → worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
// One is built, written and dropped per attempt: a box would cost an allocation there and save nothing.
#[allow(clippy::large_enum_variant)]
pub enum ToWorker<'a> {
    /// Run this; answered by exactly one `result` or `failed` with the same `id`.
    Task(Task<'a>),
    /// Exit; only sent to an idle worker.
    Retire,
}

/// Everything an attempt needs. `id` numbers it on this connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task<'a> {
    pub id: u64,
    pub run_id: Cow<'a, str>,
    pub operator_id: Cow<'a, str>,
    pub algo_name: Cow<'a, str>,
    pub attempt_no: u32,
    pub module: Cow<'a, str>,
    pub function: Cow<'a, str>,
    pub dir: Option<Cow<'a, str>>,
    pub code_hash: Cow<'a, str>,
    /// A JSON object.
    pub params: Cow<'a, str>,
    pub seed: u64,
    pub inputs: Vec<Input<'a>>,
    pub outputs: Vec<Port<'a>>,
    /// Parameter name, path.
    pub files: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    pub out_dir: Cow<'a, str>,
    pub out_prefix: Cow<'a, str>,
    pub cpu_slots: u32,
    pub memory_bytes: Option<u64>,
    pub timeout_ms: Option<u64>,
    /// Where artifacts lie, if not only in files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<Objects<'a>>,
}

/// A store of objects; paths of the task below `root` stand for objects by what follows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Objects<'a> {
    pub url: Cow<'a, str>,
    pub endpoint: Option<Cow<'a, str>>,
    pub region: Option<Cow<'a, str>>,
    pub root: Cow<'a, str>,
    /// Parameter name, key: of files that a host may not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input<'a> {
    pub name: Cow<'a, str>,
    #[serde(rename = "type")]
    pub port_type: Cow<'a, str>,
    #[serde(flatten)]
    pub value: Value<'a>,
}

/// Where a value lies: `{"path": …}` or `{"inline": bytes}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value<'a> {
    Path(Cow<'a, str>),
    Inline(#[serde(with = "raw_bytes")] Cow<'a, [u8]>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Port<'a> {
    pub name: Cow<'a, str>,
    #[serde(rename = "type")]
    pub port_type: Cow<'a, str>,
}

/// Worker → engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum FromWorker {
    /// The first frame: it waits for tasks.
    Ready {
        pid: i32,
    },
    Progress {
        id: u64,
        fraction: f64,
        message: String,
    },
    Metric {
        id: u64,
        name: String,
        value: f64,
        step: Option<i64>,
    },
    /// `retire`: why this worker must not run another task, if so.
    Result {
        id: u64,
        outputs: Vec<Output>,
        usage: Usage,
        retire: Option<String>,
    },
    Failed {
        id: u64,
        kind: FailureKind,
        message: String,
        hint: Option<String>,
        traceback: Option<String>,
        usage: Usage,
        retire: Option<String>,
    },
}

/// One output port's value; `port` counts from 0 in the order of the task's `outputs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    pub port: u16,
    #[serde(rename = "type")]
    pub port_type: String,
    #[serde(flatten)]
    pub value: Value<'static>,
    pub bytes: u64,
    pub rows: Option<u64>,
    /// JSON.
    pub manifest: String,
}

/// What the attempt used; `log_start`/`log_end` are offsets in the worker's log file.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Usage {
    pub wall_us: u64,
    pub cpu_us: u64,
    pub peak_rss_bytes: u64,
    pub log_start: u64,
    pub log_end: u64,
}

/// The failures a worker itself can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    Refused,
    Exception,
    Import,
    ExitedWithoutResult,
    OutOfMemory,
    BadOutput,
    Protocol,
    Storage,
}

/// Bytes as MessagePack `bin`, owned when read, so that a frame outlives its buffer.
mod raw_bytes {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::borrow::Cow;

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'a, [u8]>, D::Error> {
        serde_bytes::ByteBuf::deserialize(deserializer).map(|bytes| Cow::Owned(bytes.into_vec()))
    }
}
