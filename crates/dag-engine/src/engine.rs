//! The acting half: threads, clocks and the doors to the store and to the operator engine around [`Core`].

use crate::core::{Core, Effects, Told};
use crate::deploy::{Deployer, Deployers};
use crate::describe::Job;
use crate::event::RunEvent;
use crate::hold::{Hold, Message, lock};
use crate::options::EngineOptions;
use crate::writer::{AfterWrites, Watchers, WriteQueue, Writer};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;
use suanzi_artifact::ArtifactStore;
use suanzi_executor::{Event, Failure, FailureKind, Outcome, Usage};
use suanzi_operator_engine::{Callback, OperatorEngine};
use suanzi_store::{RunKey, Store, StoreError};

/// One engine. Dropping it does not stop it: call [`Engine::shutdown`].
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

pub(crate) struct Inner {
    pub options: EngineOptions,
    pub store: Arc<dyn Store>,
    pub operators: Arc<OperatorEngine>,
    hold: Hold,
    queue: Arc<WriteQueue>,
    pub watchers: Arc<Watchers>,
    deployers: Arc<Deployers>,
    describer: Mutex<Option<Sender<Job>>>,
    timer: TimerSlot,
    /// Executors are being ended: what they say of their attempts from now on is this engine's doing and is not recorded.
    closing: AtomicBool,
}

#[derive(Default)]
struct TimerSlot {
    /// Deadline in the core's monotonic milliseconds; `None` for nothing to wait for.
    at: Mutex<(Option<u64>, bool)>,
    changed: Condvar,
}

impl Engine {
    /// Starts the engine's threads: writer, describer, timer.
    pub fn start(options: EngineOptions, store: Arc<dyn Store>, operators: Arc<OperatorEngine>) -> Engine {
        let pool_limits = options.pools.values().copied().collect();
        let folder = options.artifacts.root().to_path_buf();
        let core = Core::new(folder, pool_limits, &operators.slots(), &operators.memory_bytes())
            .with_objects(options.objects.clone());
        #[cfg(feature = "planted-defects")]
        let core = core.with_defect(crate::Defect::from_env());
        let (describer, jobs) = channel();
        let inner = Arc::new(Inner {
            hold: Hold::new(core),
            queue: Arc::new(WriteQueue::default()),
            watchers: Arc::new(Watchers::default()),
            deployers: Arc::default(),
            describer: Mutex::new(Some(describer)),
            timer: TimerSlot::default(),
            closing: AtomicBool::new(false),
            options,
            store,
            operators,
        });
        let callback: Arc<dyn Callback> = Arc::new(Door(Arc::downgrade(&inner)));
        inner.operators.attach(&callback);
        let writer = spawn("writer", {
            let inner = inner.clone();
            move || {
                let writer = Writer {
                    store: inner.store.clone(),
                    owner: inner.options.owner.clone(),
                    queue: inner.queue.clone(),
                    watchers: inner.watchers.clone(),
                    deployers: inner.deployers.clone(),
                };
                writer.run(&*inner);
            }
        });
        let threads = vec![
            spawn("describer", {
                let inner = inner.clone();
                move || crate::describe::run(jobs, inner.options.artifacts.as_ref(), &|message| inner.post(message))
            }),
            spawn("timer", {
                let inner = inner.clone();
                move || inner.run_timer()
            }),
        ];
        Engine { inner, threads: Mutex::new(threads), writer: Mutex::new(Some(writer)) }
    }

    /// Asks for a run's cancellation: durably, then at once.
    pub fn cancel(&self, run: RunKey) -> Result<(), StoreError> {
        self.inner.store.request_cancel(run)?;
        self.inner.with(|core, now, fx| core.cancel(now, run, fx));
        Ok(())
    }

    /// Events of a run from now on; the channel closes when the run is over here.
    pub fn watch(&self, run: RunKey) -> Receiver<RunEvent> {
        let (to, from) = channel();
        self.inner.watchers.add(run, to);
        from
    }

    /// Who carries out the deployments that runs ask for. It is called by the thread that writes and returns at once.
    pub fn deploys_by(&self, deployer: Deployer) {
        self.inner.deployers.set(deployer);
    }

    pub fn is_idle(&self) -> bool {
        self.inner.with(|core, _, _| core.is_idle())
    }

    /// Why a task did what it did, line by line, newest last.
    pub fn story(&self, run: RunKey, op: u32, operators: &[&str]) -> Vec<Told> {
        self.inner.with(|core, now, _| core.story(now, run, op, operators))
    }

    /// What a task waits for that is ready, where that is memory.
    pub fn waits(&self, run: RunKey, op: u32) -> Option<crate::Words> {
        self.inner.with(|core, _, _| core.waits(run, op))
    }

    /// Position of the executor that an operator of a run goes to; none once the run isn't here any more.
    pub fn executor_of(&self, run: RunKey, op: u32) -> Option<u16> {
        self.inner.with(|core, _, _| core.executor_of(run, op))
    }

    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    /// Where artifacts lie.
    pub fn artifacts(&self) -> &Arc<dyn ArtifactStore> {
        &self.inner.options.artifacts
    }

    pub fn operators(&self) -> &Arc<OperatorEngine> {
        &self.inner.operators
    }

    /// Ends executors, then writes what is left and stops the threads. Runs that haven't ended stay in the store for recovery.
    pub fn shutdown(&self) {
        self.inner.closing.store(true, Ordering::SeqCst);
        self.inner.operators.shutdown();
        lock(&self.inner.describer).take();
        lock(&self.inner.timer.at).1 = true;
        self.inner.timer.changed.notify_all();
        // The writer last: the others may still have something to be written.
        for thread in lock(&self.threads).drain(..) {
            let _ = thread.join();
        }
        self.inner.queue.close();
        if let Some(writer) = lock(&self.writer).take() {
            let _ = writer.join();
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    std::thread::Builder::new().name(format!("suanzi-{name}")).spawn(work).expect("the system can start a thread")
}

/// The executors' way in. Weak: executors must not keep the engine alive.
struct Door(Weak<Inner>);

impl Callback for Door {
    fn event(&self, executor: u16, event: Event) {
        if let Some(inner) = self.0.upgrade() {
            inner.post(Message::Executor(executor, event));
        }
    }
}

impl AfterWrites for Inner {
    fn release(&self, attempt: suanzi_executor::AttemptId) {
        self.post(Message::Committed { attempt });
    }

    fn recorded(&self, executor: u16, attempt: suanzi_executor::AttemptId) {
        self.operators.forget(executor, &attempt);
    }

    fn carried_out(&self, run: RunKey) {
        self.post(Message::CarriedOut { run });
    }

    fn disowned(&self, run: RunKey) {
        self.post(Message::Disowned { run });
    }
}

impl Inner {
    pub fn post(&self, message: Message) {
        if matches!(message, Message::Executor(..)) && self.closing.load(Ordering::SeqCst) {
            return;
        }
        self.hold.post(message, &|core, fx| self.carry_out(core, fx));
    }

    pub fn with<R>(&self, f: impl FnOnce(&mut Core, crate::core::Now, &mut Effects) -> R) -> R {
        self.hold.with(&|core, fx| self.carry_out(core, fx), f)
    }

    pub fn now(&self) -> crate::core::Now {
        self.hold.now()
    }

    /// Does what the core asked for. Lookups are answered here, and may ask for more.
    fn carry_out(&self, core: &mut Core, fx: &mut Effects) {
        loop {
            for (executor, request) in std::mem::take(&mut fx.starts) {
                self.start_attempt(executor, request);
            }
            for (executor, request) in std::mem::take(&mut fx.re_attaches) {
                self.re_attach(executor, request);
            }
            for (executor, attempt) in fx.let_go.drain(..) {
                self.operators.let_go(executor, &attempt);
            }
            for (executor, attempt) in fx.stops.drain(..) {
                self.operators.stop(executor, &attempt, self.options.stop_grace);
            }
            for event in fx.events.drain(..) {
                self.watchers.tell(event);
            }
            if !(fx.describes.is_empty() && fx.checks.is_empty())
                && let Some(describer) = lock(&self.describer).as_ref()
            {
                for job in fx.describes.drain(..) {
                    let _ = describer.send(Job::Describe(job));
                }
                for job in fx.checks.drain(..) {
                    let _ = describer.send(Job::Check(job));
                }
            }
            if !fx.records.is_empty() || !fx.after.is_empty() {
                self.queue.push(&mut fx.records, &mut fx.runs, &mut fx.after);
            }
            if let Some(at) = fx.timer_ms.take() {
                lock(&self.timer.at).0 = Some(at);
                self.timer.changed.notify_one();
            }
            if fx.lookups.is_empty() {
                return;
            }
            self.answer_lookups(core, fx);
        }
    }

    fn answer_lookups(&self, core: &mut Core, fx: &mut Effects) {
        let jobs = std::mem::take(&mut fx.lookups);
        let keys: Vec<_> = jobs.iter().map(|j| j.key).collect();
        let found = self.store.lookup(&keys).unwrap_or_else(|_| vec![None; keys.len()]);
        for (job, hit) in jobs.into_iter().zip(found) {
            core.looked_up(self.hold.now(), job.run, job.op, hit.map(|h| h.outputs), fx);
        }
    }

    fn start_attempt(&self, executor: u16, request: Box<suanzi_executor::TaskRequest>) {
        let attempt = request.attempt;
        if let Err(error) = self.operators.start(executor, request) {
            let failure =
                Failure { kind: FailureKind::Protocol, message: error.to_string(), hint: None, traceback: None };
            // Left in the inbox: whoever holds the core takes it up next.
            self.post(Message::Executor(
                executor,
                Event::Finished { attempt, outcome: Outcome::Failed(failure), usage: Usage::default() },
            ));
        }
    }

    fn re_attach(&self, executor: u16, request: Box<suanzi_executor::TaskRequest>) {
        let attempt = request.attempt;
        if self.operators.re_attach(executor, request).is_err() {
            let (outcome, usage) = (Outcome::Lost, Usage::default());
            self.post(Message::Executor(executor, Event::Finished { attempt, outcome, usage }));
        }
    }

    fn run_timer(&self) {
        let mut slot = lock(&self.timer.at);
        loop {
            if slot.1 {
                return;
            }
            let Some(at) = slot.0 else {
                slot = self.timer.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let now = self.hold.mono_ms();
            if now < at {
                slot = self
                    .timer
                    .changed
                    .wait_timeout(slot, Duration::from_millis(at - now))
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
                continue;
            }
            slot.0 = None;
            drop(slot);
            self.post(Message::Timer);
            slot = lock(&self.timer.at);
        }
    }
}
