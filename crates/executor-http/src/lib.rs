//! The HTTP executor: sends operators' Python code to a platform that exists already and runs on its resources.
//!
//! The platform needs no Suanzi: it keeps code packages by their hash, runs `python -m suanzi.worker.remote` from one of them for each task, and
//! gives out what that process wrote. Tables and models lie on storage that workers and engine share; they never pass through here.
//! Where the platform is, an [`Origin`] knows: others than a fixed address start it there.
//! One thread holds a small async runtime in which each attempt is a task of its own.

mod attempt;
mod breaker;
mod client;
mod contract;
mod origin;
mod outcome;
mod package;
mod random;
mod settings;

pub use client::{CALL_LIMIT, CallError, MAX_ANSWER_BYTES, call, json, read_json};
pub use futures_util::future::BoxFuture;
pub use origin::Origin;
pub use package::sources;
pub use random::hex;
pub use settings::{BaseUrl, HttpOptions, Target, Terms};

use attempt::{Begun, Shared};
use contract::{CONTRACT, Platform};
use hyper::Method;
use origin::Fixed;
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use suanzi_executor::*;
use tokio::runtime::{Builder, Runtime};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

/// How long calls that stop what is open may take at the end.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(5);

enum Order {
    Begin(Box<TaskRequest>, Begun),
    Stop(AttemptId, Duration),
    LetGo(AttemptId),
    Forget(AttemptId),
    End,
}

pub struct HttpExecutor {
    shared: Arc<Shared>,
    orders: UnboundedSender<Order>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl HttpExecutor {
    /// Calls nobody yet. Errors: a thread or a kernel object can't be had.
    pub fn new(options: HttpOptions) -> std::io::Result<HttpExecutor> {
        HttpExecutor::over(options.terms, Box::new(Fixed(Arc::new(options.target))))
    }

    /// As [`HttpExecutor::new`], on a platform that `origin` knows.
    pub fn over(terms: Terms, origin: Box<dyn Origin>) -> std::io::Result<HttpExecutor> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (orders, taken) = unbounded_channel();
        let shared = Arc::new(Shared::new(terms, origin));
        let inner = shared.clone();
        let thread =
            std::thread::Builder::new().name("executor-http".into()).spawn(move || serve(runtime, inner, taken))?;
        Ok(HttpExecutor { shared, orders, thread: Mutex::new(Some(thread)) })
    }

    /// Asks the platform whether it speaks this contract. Errors: in words for the person who configured it.
    pub fn check(options: &HttpOptions) -> Result<(), String> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        let answer: Result<Platform, CallError> = runtime.block_on(json(&options.target, Method::GET, "/v1/platform"));
        let at = options.target.base.authority();
        match answer {
            Ok(platform) if platform.contract == CONTRACT => Ok(()),
            Ok(platform) => Err(format!("{at} speaks contract {}, not {CONTRACT}", platform.contract)),
            Err(error) => Err(format!("{at} {error}")),
        }
    }
}

impl Executor for HttpExecutor {
    fn name(&self) -> &str {
        &self.shared.terms.name
    }

    fn slots(&self) -> u32 {
        self.shared.terms.slots
    }

    fn attach(&self, sink: Arc<dyn EventSink>) {
        // The contract calls it once; a second sink is not taken.
        let _ = self.shared.sink.set(sink);
    }

    fn start(&self, task: Box<TaskRequest>) -> Result<(), StartError> {
        wire::check(&task)?;
        // Binding says it first; a platform that knows nothing of them would run it without.
        if !task.requirements.is_empty() {
            let why = format!("the executor {} makes no environments with Python requirements", self.shared.terms.name);
            return Err(StartError::Refused(why));
        }
        if self.shared.ending.load(Ordering::SeqCst) {
            return Err(StartError::ShutDown);
        }
        if !self.shared.accept(task.attempt) {
            return Ok(());
        }
        self.orders.send(Order::Begin(task, Begun::Here)).map_err(|_| StartError::ShutDown)
    }

    fn outlives_engine(&self) -> bool {
        self.shared.origin.outlives()
    }

    fn re_attach(&self, task: Box<TaskRequest>) -> Result<(), StartError> {
        if self.shared.ending.load(Ordering::SeqCst) {
            return Err(StartError::ShutDown);
        }
        if !self.shared.accept(task.attempt) {
            return Ok(());
        }
        self.orders.send(Order::Begin(task, Begun::Earlier)).map_err(|_| StartError::ShutDown)
    }

    fn let_go(&self, attempt: &AttemptId) {
        if self.shared.let_go(attempt) {
            // As with a stop: the thread is gone only after shutdown.
            let _ = self.orders.send(Order::LetGo(*attempt));
        }
    }

    fn forget(&self, attempt: &AttemptId) {
        // As with a stop; the platform then forgets by itself in time.
        let _ = self.orders.send(Order::Forget(*attempt));
    }

    fn stop(&self, attempt: &AttemptId, grace: Duration) {
        if self.shared.ask_to_stop(attempt) {
            // The thread is gone only after shutdown, which stops everything.
            let _ = self.orders.send(Order::Stop(*attempt, grace));
        }
    }

    fn status(&self, attempt: &AttemptId) -> AttemptStatus {
        self.shared.status(attempt)
    }

    fn waits(&self) -> Option<String> {
        self.shared.waits()
    }

    fn logs(&self, attempt: &AttemptId, offset: u64, limit: usize) -> Result<Vec<u8>, LogError> {
        match self.shared.log_file(attempt)? {
            Some(number) => Ok(log_copy::read(&self.shared.terms.log_dir, number, offset, limit)?),
            None => Ok(Vec::new()),
        }
    }

    fn shutdown(&self) {
        self.shared.ending.store(true, Ordering::SeqCst);
        // Twice is no harm: the first one ended the thread.
        let _ = self.orders.send(Order::End);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
        {
            // A panicked thread has nothing left to end.
            let _ = thread.join();
        }
    }
}

impl Drop for HttpExecutor {
    fn drop(&mut self) {
        self.shutdown();
    }
}

fn serve(runtime: Runtime, shared: Arc<Shared>, mut orders: UnboundedReceiver<Order>) {
    runtime.block_on(async {
        let mut running = HashMap::new();
        let mut forgetting = JoinSet::new();
        let probing = tokio::spawn(attempt::probe(shared.clone()));
        while let Some(order) = orders.recv().await {
            match order {
                Order::Begin(task, begun) => {
                    running.retain(|_, handle: &mut tokio::task::JoinHandle<()>| !handle.is_finished());
                    let id = task.attempt;
                    running.insert(id, tokio::spawn(attempt::live(shared.clone(), task, begun)));
                }
                Order::LetGo(id) => {
                    if let Some(handle) = running.remove(&id) {
                        handle.abort();
                    }
                }
                Order::Forget(id) => {
                    while forgetting.try_join_next().is_some() {}
                    forgetting.spawn(attempt::forget(shared.clone(), id));
                }
                Order::Stop(id, grace) => {
                    tokio::spawn(attempt::stop(shared.clone(), id, grace));
                }
                Order::End => break,
            }
        }
        // An order may have come between `start`'s look and the end.
        orders.close();
        probing.abort();
        for (_, handle) in running.drain() {
            handle.abort();
        }
        let _ = tokio::time::timeout(SHUTDOWN_LIMIT, async {
            while forgetting.join_next().await.is_some() {}
            attempt::end_all(&shared).await;
        })
        .await;
        let _ = tokio::time::timeout(SHUTDOWN_LIMIT, shared.origin.end()).await;
    });
    shared.lose_all();
}
