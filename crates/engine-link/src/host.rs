//! The operator engine's side: an executor behind an address.

mod held;
mod link;
mod moved;
mod teller;

use crate::door::{Desk, Door, Refusal};
use crate::secret::Secret;
use crate::wire::{
    ATTACH, Attach, DETACH, Detach, HELLO, Hello, LOG, Order, Orders, PROTOCOL, Status, TAKEN, TASKS, Told, Welcome,
    asked, attempt_of, decode, encode,
};
use link::{Link, Links, Took};
use moved::Moved;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use suanzi_executor::{
    AttemptId, Event, EventSink, Executor, LogError, MAX_LOG_READ_BYTES, ObjectPlace, Outcome, StartError, Usage,
};

/// How long attempts of a dag engine that isn't heard any more go on, and their results are kept for the next one: long enough for somebody to look at it.
pub const KEEP_FOR: Duration = Duration::from_secs(3600);

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
    /// A dag engine that was not heard for this long is given up, and what ran for it is ended: [`KEEP_FOR`].
    pub keep_for: Duration,
    /// Hears in one line who holds it.
    pub tell: fn(&str),
}

/// An executor that dag engines reach by an address. Ends with [`Host::shutdown`].
pub struct Host {
    inside: Arc<Inside>,
    door: Door,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Inside {
    executor: Arc<dyn Executor>,
    ears: Arc<Ear>,
    options: HostOptions,
    links: Arc<Links>,
    moved: Arc<Moved>,
}

impl Host {
    /// Answers at `listener` from now on. The executor is attached to it and belongs to nobody else. Errors: a thread can't be had.
    pub fn start(listener: TcpListener, executor: Arc<dyn Executor>, options: HostOptions) -> io::Result<Host> {
        let links = Arc::new(Links::default());
        let moved = Arc::new(Moved::default());
        let ears = Arc::new(Ear {
            executor: Arc::downgrade(&executor),
            links: links.clone(),
            moved: moved.clone(),
            ending: Mutex::default(),
        });
        executor.attach(ears.clone());
        let inside = Arc::new(Inside { executor, ears, options, links: links.clone(), moved });
        let mut threads =
            vec![std::thread::Builder::new().name("engine-callbacks".into()).spawn(move || teller::run(&links))?];
        let keeper = inside.clone();
        threads.push(std::thread::Builder::new().name("engine-keeper".into()).spawn(move || keeper.give_up())?);
        let door = Door::open(listener, inside.options.secret.clone(), Arc::new(Reception(inside.clone())))?;
        Ok(Host { inside, door, threads: Mutex::new(threads) })
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
        for thread in self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // A panicked thread has nothing left to end.
            let _ = thread.join();
        }
        self.door.close();
    }
}

/// Hears the executor.
struct Ear {
    executor: std::sync::Weak<dyn Executor>,
    links: Arc<Links>,
    moved: Arc<Moved>,
    /// Held while an end, or that an attempt is taken over, is dealt with: either comes first, and the end is told once with its log before it.
    ending: Mutex<()>,
}

impl EventSink for Ear {
    fn event(&self, event: Event) {
        let ended = if let Event::Finished { attempt, .. } = &event { Some(*attempt) } else { None };
        let one_at_a_time = ended.map(|_| self.ending());
        if let Some(attempt) = ended.filter(|attempt| self.links.tells_of(attempt)) {
            self.tell_log(&attempt);
        }
        self.links.tell(Told::Event(self.moved.back(event)));
        drop(one_at_a_time);
    }
}

impl Ear {
    fn ending(&self) -> MutexGuard<'_, ()> {
        self.ending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of an attempt's log goes before its end.
    fn tell_log(&self, attempt: &AttemptId) {
        let Some(executor) = self.executor.upgrade() else { return };
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

    /// Errors: `link` isn't the present one.
    fn take_over(&self, link: &str, attempt: &AttemptId) -> Result<(), Refusal> {
        let _one_at_a_time = self.ending();
        match self.links.take_over(link, attempt)? {
            Took::Ended => {
                self.tell_log(attempt);
                self.links.tell_end_again(attempt);
            }
            Took::Runs | Took::Told | Took::Unknown => {}
        }
        Ok(())
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
        encode(&self.present()).map_err(|why| (500, why))
    }

    fn present(&self) -> Hello {
        Hello {
            protocol: PROTOCOL,
            name: self.options.name.clone(),
            labels: self.options.labels.clone(),
            slots: self.executor.slots(),
            memory_bytes: self.executor.memory_bytes(),
            environment: self.options.environment.clone(),
        }
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
        let begun = match self.links.begin(link) {
            Ok(begun) => begun,
            Err(holder) => return Err((TAKEN, format!("is held by the dag engine at {holder}"))),
        };
        self.end(begun.unwanted);
        (self.options.tell)(&format!("held by the dag engine at {}", attach.callback));
        let welcome = Welcome { hello: self.present(), held: begun.held };
        encode(&welcome).map_err(|why| (500, why))
    }

    /// Ends what dag engines left that don't come back. Returns at the end of the host.
    fn give_up(&self) {
        let keep_for = self.options.keep_for;
        while let Some((holder, left)) = self.links.given_up(keep_for) {
            let seconds = keep_for.as_secs();
            (self.options.tell)(&format!(
                "warning: the dag engine at {holder} was not heard for {seconds} s; what ran for it is ended: {}",
                left.len()
            ));
            self.end(left);
        }
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
                    if !self.links.expect(&orders.link, attempt)? {
                        // The same order once more.
                        continue;
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
                Order::TakeOver { attempt } => self.ears.take_over(&orders.link, &attempt)?,
                Order::Forget { attempt } => {
                    if self.links.forget_attempt(&orders.link, &attempt)? {
                        self.end(vec![attempt]);
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
