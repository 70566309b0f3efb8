//! Which attempt runs next and on which worker; asks for workers when there are too few.

use crate::io::{Kind, token};
use crate::state::{Phase, Running, State};
use crate::worker::{Activity, LOG_FILE_BYTES, package_of};
use std::time::Instant;
use suanzi_executor::wire;
use suanzi_executor::{AttemptId, Event, Failure, FailureKind, Location, Outcome, StartError, TaskRequest, Usage};
use suanzi_protocol::{ToWorker, encode};

/// Workers asked of the zygote at a time: their requests must fit its socket.
const MAX_FORKING: usize = 32;

/// The package that the zygote has imported parts of.
const OWN_PACKAGE: &str = "suanzi";

impl State {
    /// Takes an attempt and starts it at once if it can.
    pub fn accept(&mut self, task: Box<TaskRequest>) -> Result<(), StartError> {
        if self.shutting_down {
            return Err(StartError::ShutDown);
        }
        if self.attempts.contains_key(&task.attempt) {
            return Ok(());
        }
        wire::check(&task)?;
        if task.code.sklearn {
            self.want_sklearn();
        }
        self.queue.push_back(task.attempt);
        self.attempts.insert(task.attempt, Phase::Queued(task));
        self.pump();
        Ok(())
    }

    /// Gives queued attempts to idle workers, in order, until one has to wait.
    pub fn pump(&mut self) {
        while let Some(&attempt) = self.queue.front() {
            let Some(Phase::Queued(task)) = self.attempts.get(&attempt) else {
                self.queue.pop_front();
                continue;
            };
            if self.used_slots + self.slots_of(task) > self.slots {
                return;
            }
            if !self.zygote_is_current(attempt) {
                return;
            }
            let Some(Phase::Queued(task)) = self.attempts.get(&attempt) else { return };
            let Some(worker) = self.choose(task) else {
                self.ask_for_workers();
                return;
            };
            self.queue.pop_front();
            self.dispatch(attempt, worker);
        }
    }

    /// The zygote has imported parts of the `suanzi` package. If its sources have changed since, it is replaced as soon as nothing runs.
    fn zygote_is_current(&mut self, attempt: AttemptId) -> bool {
        let Some(Phase::Queued(task)) = self.attempts.get(&attempt) else { return true };
        if task.code.dir.is_some() || package_of(&task.code.module) != OWN_PACKAGE {
            return true;
        }
        match &self.own_code {
            Some(hash) if *hash != task.code.code_hash => {}
            Some(_) => return true,
            None => {
                self.own_code = Some(task.code.code_hash.clone());
                return true;
            }
        }
        for idle in std::mem::take(&mut self.idle) {
            self.retire(idle);
        }
        if self.workers.is_empty() {
            self.end_zygote();
        }
        self.zygote.is_none()
    }

    /// The idle worker that holds an input, else the one used last.
    fn choose(&self, task: &TaskRequest) -> Option<u64> {
        let can_run = |number: &u64| self.workers.get(number).is_some_and(|worker| worker.can_run(task));
        let holder = task.inputs.iter().find_map(|input| match &input.at {
            Location::Path(path) => self.locality.holder(path).filter(|holder| self.idle.contains(holder)),
            Location::Inline(_) => None,
        });
        holder.filter(can_run).or_else(|| self.idle.iter().rev().copied().find(can_run))
    }

    fn dispatch(&mut self, attempt: AttemptId, number: u64) {
        let Some(Phase::Queued(request)) = self.attempts.insert(attempt, Phase::Running(number)) else { return };
        self.idle.retain(|idle| *idle != number);
        let task = self.next_task;
        self.next_task += 1;
        self.scratch.clear();
        if let Err(failure) = self.write_task(task, &request, number) {
            self.idle.push(number);
            self.finish(attempt, Outcome::Failed(failure), Usage::default());
            return;
        }
        let Some(worker) = self.workers.get_mut(&number) else { return };
        if worker.send(&self.scratch, &self.epoll, token(number, Kind::Worker)).is_err() {
            // It died idle, and its exit is being reported: the attempt has not begun and takes another.
            worker.activity = Activity::Leaving;
            self.attempts.insert(attempt, Phase::Queued(request));
            self.queue.push_front(attempt);
            return;
        }
        worker.note_loaded(&request.code);
        worker.run = Some(attempt.run);
        for input in &request.inputs {
            if let Location::Path(path) = &input.at {
                self.locality.note(path, number);
            }
        }
        let (log_start, since) = (worker.log_end, Instant::now());
        self.used_slots += request.limits.cpu_slots.clamp(1, self.slots);
        worker.activity = Activity::Busy(Running { attempt, request, task, since, log_start, seen_rss_bytes: 0 });
        self.events.push(Event::Started { attempt, worker: format!("{}-{number}", self.options.label()) });
    }

    /// Into `scratch`, as the worker sees it.
    fn write_task(&mut self, number: u64, request: &TaskRequest, worker: u64) -> Result<(), Failure> {
        let room = self.workers.get_mut(&worker).and_then(|worker| worker.room.as_mut());
        let seen = room.map(|room| room.furnish(request)).transpose()?;
        let frame = wire::task_frame(number, seen.as_ref().unwrap_or(request));
        encode(&frame, &mut self.scratch).map_err(|error| Failure {
            kind: FailureKind::Protocol,
            message: format!("the task can't be sent to a worker: {error}"),
            hint: None,
            traceback: None,
        })
    }

    /// The worker can take another task, unless it had better not.
    pub fn release(&mut self, number: u64) {
        let Some(worker) = self.workers.get_mut(&number) else { return };
        // One from before scikit-learn was imported would keep tables from those that come after it.
        let outdated = !worker.sklearn && self.zygote.as_ref().is_some_and(|zygote| zygote.has_sklearn);
        if worker.verdict.is_some() || worker.log_end > LOG_FILE_BYTES || outdated {
            self.retire(number);
        } else {
            worker.activity = Activity::Idle;
            self.idle.push(number);
        }
    }

    /// Lets an idle worker exit.
    pub fn retire(&mut self, number: u64) {
        let Some(worker) = self.workers.get_mut(&number) else { return };
        worker.activity = Activity::Leaving;
        self.idle.retain(|idle| *idle != number);
        self.scratch.clear();
        let retire = encode(&ToWorker::Retire, &mut self.scratch);
        // If it is gone already, its exit is on the way.
        let _ = retire.map(|()| worker.send(&self.scratch, &self.epoll, token(number, Kind::Worker)));
        worker.kill_at = Some(Instant::now() + crate::stop::EXIT_GRACE);
    }

    /// The first queued attempt found no worker: forks as many as are wanted and allowed, or makes room.
    fn ask_for_workers(&mut self) {
        let forking = self.workers.values().filter(|worker| matches!(worker.activity, Activity::Forking)).count();
        let free_slots = (self.slots - self.used_slots) as usize;
        let wanted = self.queue.len().min(free_slots).min(MAX_FORKING).saturating_sub(forking);
        let room = (self.slots as usize).saturating_sub(self.workers.len());
        if wanted > 0
            && room == 0
            && let Some(&oldest) = self.idle.first()
        {
            // Idle but unfit: it loaded another version of the code.
            self.retire(oldest);
        }
        for _ in 0..wanted.min(room) {
            if !self.fork_worker() {
                return;
            }
        }
    }
}
