//! The process that holds a version of a model, and the frames that go to it and come back. Requests are written as they come; it answers all that wait together.

use super::fast::Offer;
use super::input::Rows;
use crate::host::{Host, ModelProcess};
use futures_util::future::{Either, select};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::io;
use std::pin::pin;
use std::process::Child;
use std::sync::Arc;
use std::time::Duration;
use suanzi_api::ServiceColumn;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot, watch};

/// How long a model may take to be loaded: imports on a busy machine take seconds.
const LOAD_LIMIT: Duration = Duration::from_secs(120);
/// Of a frame: the lengths of all that follows and of the header.
const LENGTHS_BYTES: usize = 8;
const MAX_FRAME_BYTES: usize = 256 << 20;
const READ_BYTES: usize = 64 << 10;

/// Which version is loaded, and from where.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    pub name: String,
    pub path: String,
    pub sha256: String,
    /// Of columns, as they were registered.
    pub types: Map<String, Value>,
}

/// What a loaded model says of itself.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct About {
    pub columns: Vec<ServiceColumn>,
    /// Values may be null.
    pub takes_missing: bool,
    /// What scoring adds; empty where only an answer shows it.
    #[serde(default)]
    pub outputs: Vec<Output>,
    /// Its ONNX form, if one was asked for.
    #[serde(default)]
    pub onnx: Option<Offer>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Output {
    pub name: String,
    /// As the inference protocol calls it: `FP64`, …
    pub datatype: String,
}

/// A refusal in the model's words.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Said {
    pub message: String,
    #[serde(default)]
    pub hint: Option<String>,
}

/// Columns that scoring made, by name.
pub(super) type Scores = Map<String, Value>;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Fault {
    Refused(Said),
    /// The process ended.
    Gone,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum First {
    Ready(About),
    Error(Said),
}

#[derive(Deserialize)]
struct Answer {
    id: u64,
    #[serde(default)]
    columns: Option<Scores>,
    #[serde(default)]
    error: Option<Said>,
}

type Reply = oneshot::Sender<Result<Scores, Said>>;

/// A loaded model. Its process ends when nobody holds it any more and all has been answered.
pub(super) struct Worker {
    pub about: About,
    pub pid: u32,
    asks: mpsc::UnboundedSender<(Rows, Reply)>,
    /// True once the process is no more.
    gone: watch::Receiver<bool>,
    kill: watch::Sender<bool>,
}

/// Killed when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Worker {
    /// Starts a process and has it load the model, and give it in ONNX's form if `onnx`; the bytes are those of the form. The error is in words for whoever deployed it.
    pub async fn start(host: Arc<dyn Host>, order: Order, onnx: bool) -> Result<(Worker, Vec<u8>), Said> {
        let began = tokio::task::spawn_blocking(move || host.model_process()).await;
        let failed = |why: String| Said { message: why, hint: None };
        let ModelProcess { child, socket } = match began {
            Ok(Ok(process)) => process,
            Ok(Err(refusal)) => {
                let problem = crate::problem::of_refusal(refusal);
                return Err(Said { message: problem.detail, hint: problem.hint.map(String::from) });
            }
            Err(error) => return Err(failed(error.to_string())),
        };
        let process = Process(child);
        let pid = process.0.id();
        let mut link = Link::new(socket).map_err(|error| failed(error.to_string()))?;
        link.write(&json!({
            "name": order.name, "path": order.path, "sha256": order.sha256, "types": order.types, "onnx": onnx,
        }));
        let (first, content) = match tokio::time::timeout(LOAD_LIMIT, link.first()).await {
            Ok(Ok((header, content))) => {
                let first = serde_json::from_slice(&header);
                (first.map_err(|e| failed(format!("its answer isn't understood: {e}")))?, content)
            }
            Ok(Err(error)) => {
                return Err(failed(format!("the process that loads it ended: {error}; its log is logs/services.log")));
            }
            Err(_) => return Err(failed(format!("it was not loaded within {} s", LOAD_LIMIT.as_secs()))),
        };
        let about = match first {
            First::Ready(about) => about,
            First::Error(said) => return Err(said),
        };
        let (asks, asked) = mpsc::unbounded_channel();
        let (ended, gone) = watch::channel(false);
        let (kill, killed) = watch::channel(false);
        tokio::spawn(async move {
            let mut killed = killed;
            {
                let carrying = pin!(carry(link, asked));
                let killing = pin!(async { killed.wait_for(|kill| *kill).await.is_ok() });
                // The other side of `killed` goes with the worker: then what is asked is answered still.
                if let Either::Right((false, carrying)) = select(carrying, killing).await {
                    carrying.await;
                }
            }
            let _ = tokio::task::spawn_blocking(move || drop(process)).await;
            let _ = ended.send(true);
        });
        Ok((Worker { about, pid, asks, gone, kill }, content))
    }

    /// Scores rows.
    pub async fn score(&self, rows: Rows) -> Result<Scores, Fault> {
        let (reply, answer) = oneshot::channel();
        self.asks.send((rows, reply)).map_err(|_| Fault::Gone)?;
        match answer.await {
            Ok(Ok(scores)) => Ok(scores),
            Ok(Err(said)) => Err(Fault::Refused(said)),
            Err(_) => Err(Fault::Gone),
        }
    }

    /// Until the process is no more.
    pub fn gone(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut gone = self.gone.clone();
        async move {
            let _ = gone.wait_for(|gone| *gone).await;
        }
    }

    /// Ends the process without waiting for what it does.
    pub fn kill(&self) {
        let _ = self.kill.send(true);
    }
}

/// Until the process ends, or all is answered and nobody can ask any more.
async fn carry(mut link: Link, mut asked: mpsc::UnboundedReceiver<(Rows, Reply)>) {
    let mut pending: HashMap<u64, Reply> = HashMap::new();
    let (mut next, mut open) = (0_u64, true);
    while open || !pending.is_empty() {
        let came = if open {
            let ask = pin!(asked.recv());
            match select(ask, pin!(link.ready())).await {
                Either::Left((Some(ask), _)) => Some(ask),
                Either::Left((None, _)) => {
                    open = false;
                    None
                }
                Either::Right((Ok(()), _)) => None,
                Either::Right((Err(_), _)) => return,
            }
        } else {
            if link.ready().await.is_err() {
                return;
            }
            None
        };
        if let Some((rows, reply)) = came {
            next += 1;
            pending.insert(next, reply);
            link.write_rows(next, &rows);
        }
        let Ok(frames) = link.exchange() else { return };
        for (header, _) in frames {
            // An answer that isn't understood leaves its request without one, which is the same as a process that ended.
            let Ok(answer) = serde_json::from_slice::<Answer>(&header) else { return };
            let Some(reply) = pending.remove(&answer.id) else { continue };
            let said = match (answer.columns, answer.error) {
                (Some(scores), _) => Ok(scores),
                (None, Some(said)) => Err(said),
                (None, None) => return,
            };
            // Who asked may have gone.
            let _ = reply.send(said);
        }
    }
}

/// A header, and bytes.
type Frame = (Vec<u8>, Vec<u8>);

/// Both directions of the socket, with what hasn't gone out and what has come of a frame.
struct Link {
    stream: UnixStream,
    out: Vec<u8>,
    sent: usize,
    came: Vec<u8>,
}

impl Link {
    fn new(socket: std::os::unix::net::UnixStream) -> io::Result<Link> {
        socket.set_nonblocking(true)?;
        Ok(Link { stream: UnixStream::from_std(socket)?, out: Vec::new(), sent: 0, came: Vec::new() })
    }

    fn write(&mut self, header: &Value) {
        self.frame(header, &[]);
    }

    fn write_rows(&mut self, id: u64, rows: &Rows) {
        self.frame(&json!({ "id": id, "rows": rows.count, "kinds": rows.kinds, "texts": rows.texts }), &rows.cells);
    }

    fn frame(&mut self, header: &Value, cells: &[u8]) {
        let text = serde_json::to_vec(header).unwrap_or_default();
        let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
        self.out.extend(length(4 + text.len() + cells.len()));
        self.out.extend(length(text.len()));
        self.out.extend(text);
        self.out.extend(cells);
    }

    /// Until something can be read, or written if something waits.
    async fn ready(&self) -> io::Result<()> {
        let interest = if self.out.is_empty() { Interest::READABLE } else { Interest::READABLE | Interest::WRITABLE };
        self.stream.ready(interest).await.map(drop)
    }

    async fn first(&mut self) -> io::Result<Frame> {
        loop {
            self.ready().await?;
            if let Some(frame) = self.exchange()?.into_iter().next() {
                return Ok(frame);
            }
        }
    }

    /// Writes what can be written, reads what has come; gives whole frames.
    fn exchange(&mut self) -> io::Result<Vec<Frame>> {
        while self.sent < self.out.len() {
            match self.stream.try_write(&self.out[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        if self.sent == self.out.len() {
            self.out.clear();
            self.sent = 0;
        }
        let mut piece = [0; READ_BYTES];
        let mut closed = false;
        loop {
            match self.stream.try_read(&mut piece) {
                Ok(0) => {
                    closed = true;
                    break;
                }
                Ok(count) => self.came.extend(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        let mut frames = Vec::new();
        let mut at = 0;
        while let Some(lengths) = self.came.get(at..at + LENGTHS_BYTES) {
            let number = |from: usize| {
                u32::from_le_bytes([lengths[from], lengths[from + 1], lengths[from + 2], lengths[from + 3]])
            };
            let (length, text) = (number(0) as usize, number(4) as usize);
            if length > MAX_FRAME_BYTES || text + 4 > length {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "its frame isn't one"));
            }
            let Some(body) = self.came.get(at + LENGTHS_BYTES..at + 4 + length) else { break };
            frames.push((body[..text].to_vec(), body[text..].to_vec()));
            at += 4 + length;
        }
        self.came.drain(..at);
        // What it said last is heard; the next call finds the end again.
        if closed && frames.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it closed its socket"));
        }
        Ok(frames)
    }
}
