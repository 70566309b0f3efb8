//! One operator engine: coming to know it, seeing that it lives, telling it what to do.

use super::Inside;
use crate::call::{CallError, Caller, read};
use crate::secret::{Secret, random_hex};
use crate::wire::{ATTACH, Attach, DETACH, Detach, HELLO, Hello, OTHER_LINK, Order, Orders, PROTOCOL, TASKS, Welcome};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use suanzi_executor::*;

const HEARTBEAT: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_secs(2);
const MAX_BATCH: usize = 256;

pub(super) struct Member {
    pub caller: Caller,
    /// The number of the next callback. Held while callbacks of one link are taken.
    pub next: Mutex<u64>,
}

impl Member {
    pub fn new(base: &str, secret: Secret) -> Member {
        Member { caller: Caller::new(base, secret), next: Mutex::new(0) }
    }
}

impl Inside {
    /// Begins a link with it. Errors: in words, why there is none.
    pub fn attach(&self, ix: usize) -> Result<(), String> {
        let member = &self.members[ix];
        let at = member.caller.base();
        let link = random_hex();
        let attach = Attach {
            protocol: PROTOCOL,
            link: link.clone(),
            engine: self.options.engine.clone(),
            began: self.options.began,
            callback: self.options.callback.clone(),
            artifacts: self.options.artifacts.clone(),
        };
        let welcome: Result<Welcome, CallError> = member.caller.post(ATTACH, &attach).and_then(|body| read(&body));
        let Welcome { hello, held } = welcome.map_err(|error| format!("the operator engine at {at} {error}"))?;
        if hello.environment != self.options.environment {
            // Whoever is right, it holds nobody back.
            let _ = member.caller.post(DETACH, &Detach { link });
            return Err(format!(
                "the operator engine at {at} has another Python, or other packages, than this dag engine: \
                 results would differ. Install the same on both hosts (`suanzi doctor` shows them)"
            ));
        }
        let mut next = member.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = 0;
        let mut state = self.state();
        if state.closing {
            return Ok(());
        }
        let seen = &mut state.members[ix];
        let slots = hello.slots;
        let name = hello.name.clone();
        seen.link = Some(link);
        seen.hello = Some(hello);
        seen.answers = true;
        seen.heard = Instant::now();
        seen.used = 0;
        seen.reserved_bytes = 0;
        seen.orders.clear();
        seen.trouble.clear();
        state.met(ix, held);
        state.place_waiting(self.groups());
        drop(state);
        drop(next);
        self.changed.notify_all();
        self.tell(&format!("operator engine {name} at {at}: {slots} slots"));
        self.tell_capacity();
        self.lose_what_nobody_has();
        Ok(())
    }

    /// Its two threads: one sees that it lives, one tells it what to do. They end with the fleet.
    pub fn watch(inside: &Arc<Inside>, ix: usize) -> io::Result<()> {
        let (one, other) = (inside.clone(), inside.clone());
        std::thread::Builder::new().name("engine-watch".into()).spawn(move || one.see_to(ix))?;
        std::thread::Builder::new().name("engine-orders".into()).spawn(move || other.give_orders(ix))?;
        Ok(())
    }

    /// True at the end of the fleet.
    fn pause(&self, pause: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.state(), pause, |state| !state.closing);
        waited.unwrap_or_else(PoisonError::into_inner).0.closing
    }

    fn see_to(&self, ix: usize) {
        while !self.pause(HEARTBEAT) {
            self.lose_what_nobody_has();
            let link = self.state().members[ix].link.clone();
            match link {
                Some(link) => self.look_after(ix, &link),
                None => {
                    if let Err(why) = self.attach(ix) {
                        self.tell_trouble(ix, &why);
                    }
                }
            }
        }
    }

    fn look_after(&self, ix: usize, link: &str) {
        let caller = &self.members[ix].caller;
        let heard: Result<Hello, CallError> = caller.get(&format!("{HELLO}?link={link}")).and_then(|body| read(&body));
        match heard {
            Ok(hello) => {
                let mut state = self.state();
                let back = !std::mem::replace(&mut state.members[ix].answers, true);
                state.members[ix].heard = Instant::now();
                state.members[ix].hello = Some(hello);
                if back {
                    state.members[ix].trouble.clear();
                    state.place_waiting(self.groups());
                }
                drop(state);
                if back {
                    self.tell(&format!("the operator engine at {} answers again", caller.base()));
                    self.changed.notify_all();
                }
            }
            Err(error) if error.is(OTHER_LINK) => {
                self.lose(ix, link, "it was started anew, or serves another dag engine");
                if let Err(why) = self.attach(ix) {
                    self.tell_trouble(ix, &why);
                }
            }
            Err(error) => {
                let mut state = self.state();
                state.members[ix].answers = false;
                let lost = state.members[ix].heard.elapsed() > self.options.lost_after;
                drop(state);
                self.tell_trouble(ix, &format!("the operator engine at {} {error}", caller.base()));
                if lost {
                    self.lose(ix, link, "it was not heard for too long");
                }
            }
        }
        self.tell_capacity();
    }

    fn tell_trouble(&self, ix: usize, why: &str) {
        let mut state = self.state();
        if state.members[ix].trouble != why {
            state.members[ix].trouble = why.to_owned();
            drop(state);
            self.tell(&format!("warning: {why}"));
        }
    }

    /// What ran there is lost; it may run elsewhere.
    fn lose(&self, ix: usize, link: &str, why: &str) {
        let mut state = self.state();
        let seen = &mut state.members[ix];
        if seen.link.as_deref() != Some(link) {
            return;
        }
        seen.link = None;
        seen.answers = false;
        seen.orders.clear();
        seen.held.clear();
        let lost = state.open(Some(ix));
        let ended: Vec<_> = lost.into_iter().filter_map(|id| Some((id, state.finish(&id)?))).collect();
        drop(state);
        self.changed.notify_all();
        self.tell(&format!("warning: lost the operator engine at {}: {why}", self.members[ix].caller.base()));
        self.tell_capacity();
        for (attempt, (group, log)) in ended {
            let usage = Usage { log, ..Usage::default() };
            self.emit(group, Event::Finished { attempt, outcome: Outcome::Lost, usage });
        }
    }

    /// What an earlier dag engine handed out and no operator engine holds.
    pub fn lose_what_nobody_has(&self) {
        let ended = self.state().not_found(self.options.lost_after);
        for (attempt, (group, log)) in ended {
            let usage = Usage { log, ..Usage::default() };
            self.emit(group, Event::Finished { attempt, outcome: Outcome::Lost, usage });
        }
    }

    fn give_orders(&self, ix: usize) {
        let mut pause = FIRST_PAUSE;
        while let Some(orders) = self.next_orders(ix) {
            let sent = self.members[ix].caller.post(TASKS, &orders);
            let Err(error) = sent else {
                self.orders_taken(ix, &orders);
                pause = FIRST_PAUSE;
                continue;
            };
            match &error {
                CallError::Refused { status: OTHER_LINK, .. } => {
                    self.lose(ix, &orders.link, "it was started anew, or serves another dag engine");
                }
                CallError::Refused { .. } => {
                    self.orders_taken(ix, &orders);
                    self.refuse(ix, &orders.orders, &error.to_string());
                }
                CallError::Away(_) | CallError::NotSigned | CallError::Malformed(_) => {
                    if self.pause(pause) {
                        return;
                    }
                    pause = (pause * 2).min(MAX_PAUSE);
                }
            }
        }
    }

    /// Waits for orders; they stay in the queue until they were taken. None at the end.
    fn next_orders(&self, ix: usize) -> Option<Orders> {
        let mut state = self.state();
        loop {
            if state.closing {
                return None;
            }
            let seen = &state.members[ix];
            if let (Some(link), false) = (&seen.link, seen.orders.is_empty()) {
                let orders = seen.orders.iter().take(MAX_BATCH).cloned().collect();
                return Some(Orders { link: link.clone(), orders });
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn orders_taken(&self, ix: usize, taken: &Orders) {
        let mut state = self.state();
        let seen = &mut state.members[ix];
        if seen.link.as_deref() == Some(&taken.link) {
            let count = taken.orders.len().min(seen.orders.len());
            seen.orders.drain(..count);
        }
    }

    fn refuse(&self, ix: usize, orders: &[Order], why: &str) {
        for order in orders {
            match order {
                Order::Start(task) => self.refused(ix, task.attempt, why),
                Order::TakeOver { attempt } => self.lost(ix, attempt),
                Order::Stop { .. } | Order::Forget { .. } => {}
            }
        }
    }

    /// It can't be taken over; it may run again.
    fn lost(&self, ix: usize, attempt: &AttemptId) {
        let mut state = self.state();
        if state.at(ix, attempt).is_none() {
            return;
        }
        let ended = state.finish(attempt);
        drop(state);
        if let Some((group, log)) = ended {
            let usage = Usage { log, ..Usage::default() };
            self.emit(group, Event::Finished { attempt: *attempt, outcome: Outcome::Lost, usage });
        }
    }

    /// It ends without having begun.
    pub fn refused(&self, ix: usize, attempt: AttemptId, why: &str) {
        let mut state = self.state();
        if state.at(ix, &attempt).is_none() {
            return;
        }
        let ended = state.finish(&attempt);
        drop(state);
        if let Some((group, log)) = ended {
            let message = format!("the operator engine at {} can't start it: {why}", self.members[ix].caller.base());
            let failure = Failure { kind: FailureKind::Refused, message, hint: None, traceback: None };
            let usage = Usage { log, ..Usage::default() };
            self.emit(group, Event::Finished { attempt, outcome: Outcome::Failed(failure), usage });
        }
    }

    /// Ends everything everywhere, as far as it answers. Twice is no harm.
    pub fn close(&self) {
        let mut state = self.state();
        let first = !std::mem::replace(&mut state.closing, true);
        let links: Vec<_> = state.members.iter().map(|seen| seen.link.clone().filter(|_| seen.answers)).collect();
        drop(state);
        self.changed.notify_all();
        if !first {
            return;
        }
        std::thread::scope(|scope| {
            for (member, link) in self.members.iter().zip(links) {
                let Some(link) = link else { continue };
                // Whoever doesn't answer ends it once it hears of the next link.
                scope.spawn(move || drop(member.caller.post(DETACH, &Detach { link })));
            }
        });
        let open = self.state().open(None);
        for attempt in open {
            let ended = self.state().finish(&attempt);
            if let Some((group, log)) = ended {
                let usage = Usage { log, ..Usage::default() };
                self.emit(group, Event::Finished { attempt, outcome: Outcome::Lost, usage });
            }
        }
        if let Some(door) = self.door.get() {
            door.close();
        }
    }
}
