//! The dag engine's side: operator engines elsewhere, as executors among which it chooses.

mod attempts;
mod hearing;
mod member;
mod state;

use crate::call::CallError;
use crate::door::Door;
use crate::secret::Secret;
use crate::wire::{LOG, attempt_word};
use member::Member;
use state::{Group, State};
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use suanzi_executor::*;

/// Long enough for a restart of the network between two hosts.
pub const LOST_AFTER: Duration = Duration::from_secs(30);

/// What a dag engine is told of its operator engines.
pub struct FleetOptions {
    /// Names this dag engine, the same after its restart.
    pub engine: String,
    pub secret: Secret,
    /// Their addresses, `http://host:port`.
    pub members: Vec<String>,
    /// Where they call back.
    pub listener: TcpListener,
    /// The listener's address as they reach it, `http://host:port`.
    pub callback: String,
    /// What this side's Python is and has. An operator engine with another one would give other results under the same keys.
    pub environment: String,
    /// The store of objects that artifacts lie in, where it isn't a folder that all hosts see. All operator engines must use the same.
    pub artifacts: Option<String>,
    /// By this name DAGs mean any of them. Labels are names of those that carry them.
    pub name: String,
    /// Copies of attempts' logs go here.
    pub log_dir: PathBuf,
    /// One that was not heard for this long is lost, and so is what ran there: [`LOST_AFTER`].
    pub lost_after: Duration,
    /// Hears in one line who came and who went.
    pub tell: fn(&str),
}

/// All operator engines of a dag engine. Ends with the last [`FleetExecutor`]'s `shutdown`.
pub struct Fleet {
    inside: Arc<Inside>,
    executors: Vec<Arc<FleetExecutor>>,
}

struct Inside {
    options: Terms,
    members: Vec<Member>,
    groups: OnceLock<Vec<Group>>,
    state: Mutex<State>,
    changed: Condvar,
    door: OnceLock<Door>,
}

/// What of the options is needed later.
struct Terms {
    engine: String,
    /// When it started, in milliseconds.
    began: u64,
    callback: String,
    environment: String,
    artifacts: Option<String>,
    log_dir: PathBuf,
    lost_after: Duration,
    tell: fn(&str),
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Inside {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn groups(&self) -> &[Group] {
        self.groups.get().map_or(&[], |groups| groups)
    }

    fn tell(&self, line: &str) {
        (self.options.tell)(line);
    }

    /// Tells an executor's listener. No lock may be held: it may start something before it returns.
    fn emit(&self, group: usize, event: Event) {
        if let Some(sink) = self.groups().get(group).and_then(|group| group.sink.get()) {
            sink.event(event);
        }
    }

    /// Tells every executor whose slots or memory have changed.
    fn tell_capacity(&self) {
        for (ix, group) in self.groups().iter().enumerate() {
            let (slots, bytes) = {
                let state = self.state();
                (state.slots_of(&group.members), state.memory_of(&group.members))
            };
            // Memory first: nothing is to be started that doesn't fit.
            if group.told_memory(bytes) {
                self.emit(ix, Event::Memory { bytes });
            }
            if group.told(slots) {
                self.emit(ix, Event::Capacity { slots });
            }
        }
    }
}

/// Why there is no fleet.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    #[error("no operator engine can be used: {0}")]
    Nobody(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Fleet {
    /// Asks all of them at once. Those that are away, or can't be used, are told of and tried again for as long as the fleet lives.
    ///
    /// # Errors
    /// None can be used, or this host gives no thread.
    pub fn start(options: FleetOptions) -> Result<Fleet, FleetError> {
        let FleetOptions { engine, secret, members, listener, callback, environment, .. } = options;
        let FleetOptions { artifacts, name, log_dir, lost_after, tell, .. } = options;
        let count = members.len();
        let inside = Arc::new(Inside {
            members: members.iter().map(|base| Member::new(base, secret.clone())).collect(),
            options: Terms { engine, began: now_ms(), callback, environment, artifacts, log_dir, lost_after, tell },
            groups: OnceLock::new(),
            state: Mutex::new(State::new(count)),
            changed: Condvar::new(),
            door: OnceLock::new(),
        });
        let door = Door::open(listener, secret, Arc::new(hearing::Hearing(inside.clone())))?;
        // Set once, here.
        let _ = inside.door.set(door);
        let troubles: Vec<String> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..count)
                .map(|ix| {
                    scope.spawn({
                        let inside = &inside;
                        move || inside.attach(ix)
                    })
                })
                .collect();
            asked.into_iter().filter_map(|asked| asked.join().ok()?.err()).collect()
        });
        if troubles.len() == count {
            inside.close();
            return Err(FleetError::Nobody(troubles.join("; ")));
        }
        for trouble in troubles {
            inside.tell(&format!("warning: {trouble}"));
        }
        let groups = inside.state().groups(&name);
        // Set once, here.
        let _ = inside.groups.set(groups);
        for ix in 0..count {
            Inside::watch(&inside, ix)?;
        }
        let executors =
            (0..inside.groups().len()).map(|group| Arc::new(FleetExecutor { inside: inside.clone(), group }));
        Ok(Fleet { executors: executors.collect(), inside })
    }

    /// All of them as one executor, then those of each label.
    pub fn executors(&self) -> Vec<Arc<FleetExecutor>> {
        self.executors.clone()
    }

    /// Those that can take work now.
    pub fn present(&self) -> usize {
        self.inside.state().present()
    }
}

/// Operator engines as one executor.
pub struct FleetExecutor {
    inside: Arc<Inside>,
    group: usize,
}

impl FleetExecutor {
    fn group(&self) -> Option<&Group> {
        self.inside.groups().get(self.group)
    }
}

impl Executor for FleetExecutor {
    fn name(&self) -> &str {
        self.group().map_or("", |group| &group.name)
    }

    fn slots(&self) -> u32 {
        let Some(group) = self.group() else { return 0 };
        let slots = self.inside.state().slots_of(&group.members);
        group.told(slots);
        slots
    }

    fn memory_bytes(&self) -> Option<u64> {
        let group = self.group()?;
        let bytes = self.inside.state().memory_of(&group.members);
        group.told_memory(bytes);
        bytes
    }

    fn attach(&self, sink: Arc<dyn EventSink>) {
        if let Some(group) = self.group() {
            // The contract calls it once; a second sink is not taken.
            let _ = group.sink.set(sink);
        }
    }

    fn start(&self, task: Box<TaskRequest>) -> Result<(), StartError> {
        wire::check(&task)?;
        let Some(group) = self.group() else { return Err(StartError::ShutDown) };
        let begun = self.inside.state().begin(self.group, &group.members, task)?;
        if begun {
            self.inside.changed.notify_all();
        }
        Ok(())
    }

    fn stop(&self, attempt: &AttemptId, grace: Duration) {
        let waited = self.inside.state().ask_to_stop(attempt, grace);
        self.inside.changed.notify_all();
        if let Some(group) = waited {
            let (outcome, usage) = (Outcome::Stopped, Usage::default());
            self.inside.emit(group, Event::Finished { attempt: *attempt, outcome, usage });
        }
    }

    fn outlives_engine(&self) -> bool {
        true
    }

    fn re_attach(&self, task: Box<TaskRequest>) -> Result<(), StartError> {
        let found = self.inside.state().re_attach(self.group, &task)?;
        if found {
            self.inside.changed.notify_all();
        }
        self.inside.lose_what_nobody_has();
        Ok(())
    }

    /// As long as the link is this engine's, no other can take the attempt over: it is ended. Once the link is another's, the order isn't taken.
    fn let_go(&self, attempt: &AttemptId) {
        let mut state = self.inside.state();
        let _ = state.finish(attempt);
        drop(state);
        self.forget(attempt);
    }

    fn forget(&self, attempt: &AttemptId) {
        if self.inside.state().forget(attempt) {
            self.inside.changed.notify_all();
        }
    }

    fn taken_up(&self) {
        self.inside.state().all_taken_up();
        self.inside.changed.notify_all();
    }

    fn status(&self, attempt: &AttemptId) -> AttemptStatus {
        self.inside.state().status(attempt)
    }

    fn logs(&self, attempt: &AttemptId, offset: u64, limit: usize) -> Result<Vec<u8>, LogError> {
        let place = self.inside.state().log_of(attempt).ok_or(LogError::UnknownAttempt)?;
        let member = match place {
            attempts::LogPlace::Nowhere => return Ok(Vec::new()),
            attempts::LogPlace::Copy(number) => {
                return Ok(log_copy::read(&self.inside.options.log_dir, number, offset, limit)?);
            }
            attempts::LogPlace::There(member) => member,
        };
        let path = format!("{LOG}?attempt={}&offset={offset}", attempt_word(attempt));
        let member = self.inside.members.get(member).ok_or(LogError::UnknownAttempt)?;
        match member.caller.get(&path) {
            Ok(mut bytes) => {
                bytes.truncate(limit.min(MAX_LOG_READ_BYTES));
                Ok(bytes)
            }
            // It has only just been sent, or it has just ended and its copy is on its way.
            Err(error) if error.is(404) => Ok(Vec::new()),
            Err(
                error @ (CallError::Away(_)
                | CallError::NotSigned
                | CallError::Refused { .. }
                | CallError::Malformed(_)),
            ) => Err(LogError::Io(io::Error::other(error.to_string()))),
        }
    }

    fn shutdown(&self) {
        self.inside.close();
    }
}
