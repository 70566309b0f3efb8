//! What both sides tell each other: MessagePack with named fields, so that later versions may add some.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use suanzi_executor::{AttemptId, AttemptStatus, Event, TaskRequest};

/// Rises with every change that the other side must know of.
pub const PROTOCOL: u32 = 4;

/// Most bytes of a call or an answer.
pub(crate) const MAX_BODY_BYTES: usize = 256 << 20;

/// `GET ?link=`: who it is, and that it still keeps to that link.
pub(crate) const HELLO: &str = "/operator-engine/v1/hello";
pub(crate) const ATTACH: &str = "/operator-engine/v1/attach";
pub(crate) const DETACH: &str = "/operator-engine/v1/detach";
/// `POST`: starts and stops, in their order. `GET ?attempt=`: its status.
pub(crate) const TASKS: &str = "/operator-engine/v1/tasks";
/// `GET ?attempt=&offset=`: bytes of its log.
pub(crate) const LOG: &str = "/operator-engine/v1/log";
pub(crate) const CALLBACKS: &str = "/dag-engine/v1/callbacks";

/// The answer's status where a call names another link than the present one.
pub(crate) const OTHER_LINK: u16 = 410;
/// The answer's status where another dag engine holds the operator engine.
pub(crate) const TAKEN: u16 = 409;

/// What an operator engine says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    pub protocol: u32,
    pub name: String,
    pub labels: Vec<String>,
    /// Cpu slots in all.
    pub slots: u32,
    /// What its attempts may hold in all.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
    /// What its Python is and has; results depend on it.
    pub environment: String,
}

/// Begins a link: the operator engine ends all that came by links of other dag engines, and calls back there. What the same one began goes on.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Attach {
    pub protocol: u32,
    pub link: String,
    /// Names the dag engine, the same after its restart: nobody else takes an operator engine from it while it lives.
    pub engine: String,
    /// When it started, by its clock in milliseconds: one that stood still doesn't take back what its successor holds.
    pub began: u64,
    /// Where it wants to be called back, `http://host:port`.
    pub callback: String,
    /// The store of objects that artifacts lie in, if they do.
    #[serde(default)]
    pub artifacts: Option<String>,
}

/// The answer to [`Attach`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Welcome {
    pub hello: Hello,
    /// What the same dag engine began before and has not said [`Order::Forget`] of, whether it runs or has ended. Nothing is told of it before [`Order::TakeOver`].
    pub held: Vec<AttemptId>,
}

/// Ends a link and all that came by it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Detach {
    pub link: String,
}

/// In their order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Orders {
    pub link: String,
    pub orders: Vec<Order>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Order {
    Start(Box<TaskRequest>),
    Stop {
        attempt: AttemptId,
        grace_ms: u64,
    },
    /// What became of one that an earlier link began is told to this one: its start, its end, and its log before that. Lost if it isn't there.
    TakeOver {
        attempt: AttemptId,
    },
    /// Its end is on record, or nobody wants it: it is ended if it runs, and nothing is kept of it.
    Forget {
        attempt: AttemptId,
    },
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Status {
    Unknown,
    Queued,
    Running,
    Finished,
}

impl From<AttemptStatus> for Status {
    fn from(status: AttemptStatus) -> Status {
        match status {
            AttemptStatus::Unknown => Status::Unknown,
            AttemptStatus::Queued => Status::Queued,
            AttemptStatus::Running => Status::Running,
            AttemptStatus::Finished => Status::Finished,
        }
    }
}

/// From the operator engine: numbered without gaps within a link, sent again until they are acknowledged.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Callback {
    pub link: String,
    /// The number of the first of them.
    pub first: u64,
    pub told: Vec<Told>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Told {
    Event(Event),
    /// The next bytes of an attempt's log. All come before its [`Event::Finished`].
    Log {
        attempt: AttemptId,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// It can't be started, in words.
    Refused {
        attempt: AttemptId,
        why: String,
    },
}

/// The number of the first one that has not come yet.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Heard {
    pub next: u64,
}

/// Errors: in words; what can't be written, a path that isn't UTF-8.
pub(crate) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
    rmp_serde::to_vec_named(value).map_err(|error| error.to_string())
}

/// Errors: in words.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    rmp_serde::from_slice(bytes).map_err(|error| error.to_string())
}

/// An attempt in an address: `run-op-no-token`.
pub(crate) fn attempt_word(id: &AttemptId) -> String {
    format!("{}-{}-{}-{}", id.run, id.op, id.no, id.token)
}

/// What [`attempt_word`] wrote.
pub(crate) fn attempt_of(word: &str) -> Option<AttemptId> {
    let mut parts = word.split('-');
    let id = AttemptId {
        run: parts.next()?.parse().ok()?,
        op: parts.next()?.parse().ok()?,
        no: parts.next()?.parse().ok()?,
        token: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(id)
}

/// The value of `name` in an address's query.
pub(crate) fn asked<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name)).map(|(_, value)| value)
}
