//! The operator engine's side: an executor behind an address.

mod link;
mod moved;
mod teller;

use crate::door::{Desk, Door, Refusal};
use crate::secret::Secret;
use crate::wire::{
    ATTACH, Attach, DETACH, Detach, HELLO, Hello, LOG, OTHER_LINK, Order, Orders, PROTOCOL, Status, TAKEN, TASKS, Told,
    asked, attempt_of, decode, encode,
};
use link::{Link, Links};
use moved::Moved;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use suanzi_executor::{
    AttemptId, Event, EventSink, Executor, LogError, MAX_LOG_READ_BYTES, ObjectPlace, Outcome, StartError, Usage,
};

/// What an operator engine is.
pub struct HostOptions {
    /// Shown beside what ran there.
    pub name: String,
    /// A DAG's `executor:` may name them.
    pub labels: Vec<String>,
    /// What its Python is and has; the dag engine's must be the same.
    pub environment: String,
    /// The store of objects that artifacts lie in, and where copies are kept on this host.
    pub artifacts: Option<ObjectPlace>,
    pub secret: Secret,
    /// Hears in one line who holds it.
    pub tell: fn(&str),
}

/// An executor that dag engines reach by an address. Ends with [`Host::shutdown`].
pub struct Host {
    inside: Arc<Inside>,
    door: Door,
    teller: Mutex<Option<JoinHandle<()>>>,
}

struct Inside {
    executor: Arc<dyn Executor>,
    options: HostOptions,
    links: Arc<Links>,
    moved: Arc<Moved>,
}

impl Host {
    /// Answers at `listener` from now on. The executor is attached to it and belongs to nobody else. Errors: a thread can't be had.
    pub fn start(listener: TcpListener, executor: Arc<dyn Executor>, options: HostOptions) -> io::Result<Host> {
        let links = Arc::new(Links::default());
        let moved = Arc::new(Moved::default());
        let (links_there, moved_there) = (links.clone(), moved.clone());
        let inside = Arc::new(Inside { executor: executor.clone(), options, links: links_there, moved: moved_there });
        executor.attach(Arc::new(Ear { executor: Arc::downgrade(&executor), links: links.clone(), moved }));
        let teller = std::thread::Builder::new().name("engine-callbacks".into()).spawn(move || teller::run(&links))?;
        let door = Door::open(listener, inside.options.secret.clone(), Arc::new(Reception(inside.clone())))?;
        Ok(Host { inside, door, teller: Mutex::new(Some(teller)) })
    }

    pub fn address(&self) -> SocketAddr {
        self.door.address
    }

    /// Of an attempt here, whosoever it was.
    pub fn status(&self, attempt: &AttemptId) -> suanzi_executor::AttemptStatus {
        self.inside.executor.status(attempt)
    }

    /// Ends all attempts, tells the dag engine as far as it answers, and listens no more.
    pub fn shutdown(&self) {
        self.inside.executor.shutdown();
        self.inside.links.close();
        if let Some(teller) = self.teller.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A panicked thread has nothing left to end.
            let _ = teller.join();
        }
        self.door.close();
    }
}

/// Hears the executor.
struct Ear {
    executor: std::sync::Weak<dyn Executor>,
    links: Arc<Links>,
    moved: Arc<Moved>,
}

impl EventSink for Ear {
    fn event(&self, event: Event) {
        if let Event::Finished { attempt, .. } = &event {
            self.tell_log(attempt);
        }
        self.links.tell(Told::Event(self.moved.back(event)));
    }
}

impl Ear {
    /// All of an attempt's log goes before its end.
    fn tell_log(&self, attempt: &AttemptId) {
        let Some(executor) = self.executor.upgrade() else { return };
        if !self.links.has(attempt) {
            return;
        }
        let mut offset = 0;
        // What can't be read is missing; the end is told nevertheless.
        while let Ok(bytes) = executor.logs(attempt, offset, MAX_LOG_READ_BYTES) {
            if bytes.is_empty() {
                break;
            }
            offset += bytes.len() as u64;
            self.links.tell(Told::Log { attempt: *attempt, bytes });
        }
    }
}

struct Reception(Arc<Inside>);

impl Desk for Reception {
    fn answer(&self, method: &str, path: &str, query: &str, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let inside = &self.0;
        match (method, path) {
            ("GET", HELLO) => inside.hello(query),
            ("POST", ATTACH) => inside.attach(decode(body).map_err(bad)?),
            ("POST", DETACH) => {
                let Detach { link } = decode(body).map_err(bad)?;
                inside.links.check(&link)?;
                inside.end(inside.links.end());
                Ok(Vec::new())
            }
            ("POST", TASKS) => inside.take(decode(body).map_err(bad)?),
            ("GET", TASKS) => {
                let status: Status = inside.executor.status(&named(query)?).into();
                encode(&status).map_err(|why| (500, why))
            }
            ("GET", LOG) => inside.log(query),
            _ => Err((404, format!("there is no {method} {path} in protocol {PROTOCOL}"))),
        }
    }
}

fn bad(why: String) -> Refusal {
    (400, format!("the call isn't understood: {why}"))
}

fn named(query: &str) -> Result<AttemptId, Refusal> {
    asked(query, "attempt").and_then(attempt_of).ok_or((400, "no attempt is named".into()))
}

impl Inside {
    fn hello(&self, query: &str) -> Result<Vec<u8>, Refusal> {
        if let Some(link) = asked(query, "link") {
            self.links.check(link)?;
        }
        let hello = Hello {
            protocol: PROTOCOL,
            name: self.options.name.clone(),
            labels: self.options.labels.clone(),
            slots: self.executor.slots(),
            memory_bytes: self.executor.memory_bytes(),
            environment: self.options.environment.clone(),
        };
        encode(&hello).map_err(|why| (500, why))
    }

    fn attach(&self, attach: Attach) -> Result<Vec<u8>, Refusal> {
        if attach.protocol != PROTOCOL {
            return Err((
                400,
                format!("speaks protocol {PROTOCOL}, not {}: use one version of suanzi", attach.protocol),
            ));
        }
        let here = self.options.artifacts.as_ref().map(|place| &place.url);
        if attach.artifacts.as_ref() != here {
            let shown = |url: Option<&String>| url.map_or_else(|| "its home".to_owned(), String::clone);
            let (theirs, ours) = (shown(attach.artifacts.as_ref()), shown(here));
            return Err((400, format!("keeps artifacts in {ours}, not in {theirs}: give both the same --artifacts")));
        }
        let link = Link::new(&attach, self.options.secret.clone());
        match self.links.begin(link) {
            Ok(old) => self.end(old),
            Err(holder) => return Err((TAKEN, format!("is held by the dag engine at {holder}"))),
        }
        (self.options.tell)(&format!("held by the dag engine at {}", attach.callback));
        self.hello("")
    }

    /// Nobody wants what these would bring.
    fn end(&self, attempts: Vec<AttemptId>) {
        for attempt in attempts {
            self.executor.stop(&attempt, Duration::ZERO);
        }
    }

    fn take(&self, orders: Orders) -> Result<Vec<u8>, Refusal> {
        self.links.check(&orders.link)?;
        for order in orders.orders {
            match order {
                Order::Start(mut task) => {
                    let attempt = task.attempt;
                    if !self.links.expect(&orders.link, attempt) {
                        return Err((OTHER_LINK, "another link began".into()));
                    }
                    let here = self.options.artifacts.as_ref();
                    if let Some(why) = here.and_then(|here| self.moved.here(&mut task, here).err()) {
                        self.links.tell(Told::Refused { attempt, why });
                        continue;
                    }
                    match self.executor.start(task) {
                        Ok(()) => {}
                        // This engine ends: another may run it.
                        Err(StartError::ShutDown) => self.links.tell(Told::Event(Event::Finished {
                            attempt,
                            outcome: Outcome::Lost,
                            usage: Usage::default(),
                        })),
                        Err(error) => self.links.tell(Told::Refused { attempt, why: error.to_string() }),
                    }
                }
                Order::Stop { attempt, grace_ms } => self.executor.stop(&attempt, Duration::from_millis(grace_ms)),
            }
        }
        Ok(Vec::new())
    }

    fn log(&self, query: &str) -> Result<Vec<u8>, Refusal> {
        let attempt = named(query)?;
        let offset = asked(query, "offset").and_then(|offset| offset.parse().ok()).unwrap_or(0);
        self.executor.logs(&attempt, offset, MAX_LOG_READ_BYTES).map_err(|error| match error {
            LogError::UnknownAttempt => (404, error.to_string()),
            LogError::Io(_) => (500, error.to_string()),
        })
    }
}
