//! One run: its tasks, and the few doors through which they change state.

use crate::cx::{Cx, Runs};
use crate::graph::Graph;
use crate::state::{Phase, Running, Task, TaskCounts, TaskState};
use crate::story::StoryEvent;
use crate::trigger::{Verdict, judge};
use crate::{
    Action, Attempt, Change, EndReason, FinalState, Millis, OpIx, OpSpec, RunKey, RunState, StopReason, TaskNext,
    TaskRef, attempt_token,
};

#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub key: RunKey,
    pub token_seed: u64,
    pub concurrency: Option<u32>,
    pub ops: Vec<OpSpec>,
    pub graph: Graph,
    pub tasks: Vec<Task>,
    pub counts: TaskCounts,
    pub cancelled: bool,
    /// Tasks that became final and whose successors haven't been told yet; empty between inputs.
    pub ended: Vec<OpIx>,
}

impl Run {
    pub fn task_ref(&self, op: OpIx) -> TaskRef {
        TaskRef { run: self.key, op }
    }

    pub fn set(&mut self, op: OpIx, state: TaskState) {
        let task = &mut self.tasks[op as usize];
        self.counts.moved(&task.state, &state);
        task.state = state;
    }

    /// The newest attempt of a task that is running.
    pub fn attempt(&self, op: OpIx, running: &Running) -> Attempt {
        Attempt { task: self.task_ref(op), no: self.tasks[op as usize].attempts, token: running.token }
    }

    /// The state of a running attempt; `None` if it isn't the one in hand: late, doubled, forged or unknown.
    pub fn running(&self, attempt: Attempt) -> Option<Running> {
        let task = self.tasks.get(attempt.task.op as usize)?;
        match task.state {
            TaskState::Running(running) if task.attempts == attempt.no && running.token == attempt.token => {
                Some(running)
            }
            _ => None,
        }
    }

    /// Starts a waiting task, or skips it, if its trigger rule has decided.
    pub fn consider(&mut self, cx: &mut Cx<'_>, op: OpIx) {
        let TaskState::Waiting(tally) = self.tasks[op as usize].state else { return };
        match judge(self.ops[op as usize].trigger, tally) {
            Verdict::Wait => {}
            Verdict::Never => self.settle(cx, op, FinalState::Skipped),
            Verdict::Start if self.ops[op as usize].lookup => {
                self.set(op, TaskState::LookingUp);
                cx.tell(self.task_ref(op), StoryEvent::LookupAsked);
                cx.act(Action::Lookup { task: self.task_ref(op), cause: cx.cause });
            }
            Verdict::Start => self.enqueue(cx, op),
        }
    }

    pub fn enqueue(&mut self, cx: &mut Cx<'_>, op: OpIx) {
        self.set(op, TaskState::Queued);
        cx.tell(self.task_ref(op), StoryEvent::Queued);
        cx.queue.push(self.task_ref(op));
    }

    /// Makes a queued task a running one: the queue has just given it out.
    pub fn dispatch(&mut self, cx: &mut Cx<'_>, op: OpIx) {
        let (spec, task) = (&self.ops[op as usize], &mut self.tasks[op as usize]);
        task.attempts += 1;
        let token = attempt_token(self.token_seed, op, task.attempts);
        let attempt = Attempt { task: TaskRef { run: self.key, op }, no: task.attempts, token };
        let (executor, after_commit) = (spec.executor, spec.side_effects);
        let deadline = spec.timeout_ms.map(|timeout_ms| cx.now.saturating_add(timeout_ms));
        if let Some(deadline) = deadline {
            cx.timers.set(attempt.task, deadline);
        }
        let phase = if after_commit { Phase::AwaitingCommit } else { Phase::HandedOut };
        self.set(op, TaskState::Running(Running { token, phase, deadline, stopping: None, taken_over: false }));
        cx.tell(attempt.task, StoryEvent::Dispatched { no: attempt.no });
        cx.record(Change::Dispatched { attempt });
        let memory_mib = cx.queue.reserved_mib(attempt.task);
        cx.act(Action::Start { attempt, executor, after_commit, memory_mib, cause: cx.cause });
    }

    /// Makes a waiting task a running one whose attempt an earlier engine handed out `running_ms` ago. Its time goes on from there.
    pub fn take_over(&mut self, cx: &mut Cx<'_>, op: OpIx, token: u64, running_ms: Millis) {
        let task = self.task_ref(op);
        let timeout_ms = self.ops[op as usize].timeout_ms;
        let deadline = timeout_ms.map(|timeout_ms| cx.now.saturating_add(timeout_ms.saturating_sub(running_ms)));
        if let Some(deadline) = deadline {
            cx.timers.set(task, deadline);
        }
        let running = Running { token, phase: Phase::HandedOut, deadline, stopping: None, taken_over: true };
        self.set(op, TaskState::Running(running));
        cx.queue.occupy(task);
        cx.tell(task, StoryEvent::TakenOver { no: self.tasks[op as usize].attempts });
    }

    /// Tells a running attempt to stop. The task goes on only when the attempt's end is reported.
    pub fn stop(&mut self, cx: &mut Cx<'_>, op: OpIx, reason: StopReason) {
        let TaskState::Running(mut running) = self.tasks[op as usize].state else { return };
        self.forget_deadline(cx, op, &mut running);
        running.stopping = Some(reason);
        self.set(op, TaskState::Running(running));
        let attempt = self.attempt(op, &running);
        cx.tell(attempt.task, StoryEvent::StopAsked { no: attempt.no, reason });
        cx.act(Action::Stop { attempt, reason, cause: cx.cause });
    }

    /// Records the end of a running attempt and moves its task on.
    pub fn end_attempt(&mut self, cx: &mut Cx<'_>, attempt: Attempt, why: EndReason, next: TaskNext) {
        let op = attempt.task.op;
        let TaskState::Running(mut running) = self.tasks[op as usize].state else { return };
        self.forget_deadline(cx, op, &mut running);
        cx.queue.release(attempt.task);
        if let EndReason::Evicted { held_mib } = why {
            cx.queue.raise(attempt.task, held_mib);
        }
        cx.tell(attempt.task, StoryEvent::Ended { no: attempt.no, why, next });
        cx.record(Change::Ended { attempt, why, next });
        match next {
            TaskNext::Final(state) => self.finish(op, state),
            TaskNext::Retry { at } if at > cx.now => {
                self.set(op, TaskState::Retrying { at });
                cx.timers.set(attempt.task, at);
            }
            TaskNext::Retry { .. } => self.enqueue(cx, op),
        }
    }

    fn forget_deadline(&mut self, cx: &mut Cx<'_>, op: OpIx, running: &mut Running) {
        if let Some(deadline) = running.deadline.take() {
            cx.timers.unset(self.task_ref(op), deadline);
        }
    }

    /// Makes a task final without an attempt of its own ending now.
    pub fn settle(&mut self, cx: &mut Cx<'_>, op: OpIx, state: FinalState) {
        cx.tell(self.task_ref(op), StoryEvent::Settled(state));
        cx.record(Change::Settled { task: self.task_ref(op), state });
        self.finish(op, state);
    }

    fn finish(&mut self, op: OpIx, state: FinalState) {
        self.set(op, TaskState::Final(state));
        self.ended.push(op);
    }

    /// Tells the successors of tasks that became final, and theirs in turn where that skips them. First ended, first told.
    fn propagate(&mut self, cx: &mut Cx<'_>) {
        let mut told = 0;
        while let Some(&op) = self.ended.get(told) {
            told += 1;
            let TaskState::Final(state) = self.tasks[op as usize].state else { continue };
            for position in self.graph.span(op) {
                let successor = self.graph.target(position);
                if let TaskState::Waiting(tally) = &mut self.tasks[successor as usize].state {
                    tally.count(state);
                    self.consider(cx, successor);
                }
            }
        }
        self.ended.clear();
    }

    /// How it ends, once all tasks are final.
    fn outcome(&self) -> Option<RunState> {
        (self.counts.open() == 0).then_some(match (self.cancelled, self.counts.failed) {
            (true, _) => RunState::Cancelled,
            (false, 0) => RunState::Success,
            (false, _) => RunState::Failed,
        })
    }

    /// The earliest time of a retry that fails now.
    pub fn retry_at(&self, now: Millis, op: OpIx) -> Millis {
        now.saturating_add(self.ops[op as usize].retry_delay_ms)
    }
}

/// Follows up what a handler did to a run: successors, and the end of the run if nothing is left.
pub(crate) fn follow_up(runs: &mut Runs, cx: &mut Cx<'_>, key: RunKey) {
    let Some(run) = runs.get_mut(&key) else { return };
    run.propagate(cx);
    if let Some(state) = run.outcome() {
        cx.record(Change::RunEnded { run: key, state });
        cx.queue.remove_run(key);
        runs.remove(&key);
    }
}
