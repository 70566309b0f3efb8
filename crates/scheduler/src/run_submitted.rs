//! [`crate::Input::RunSubmitted`]: a new run, or one found by recovery.

use crate::critical_path::remaining_ms;
use crate::cx::{Cx, Runs};
use crate::graph::Graph;
use crate::queue::NewRunLanes;
use crate::run::{Run, follow_up};
use crate::state::{Task, TaskCounts, TaskState};
use crate::trigger::Tally;
use crate::{Change, FinalState, MAX_EVICTED, MAX_LOST, OpIx, RecoveredTask, RunSpec, RunState, StopReason};

/// A key that is live already is ignored. Edges that can't be a DAG's (a cycle, an operator that isn't there) end the run as failed: a visible end, where ignoring it would leave a run that never ends.
pub(crate) fn handle(runs: &mut Runs, cx: &mut Cx<'_>, spec: RunSpec) {
    let key = spec.run;
    if runs.contains_key(&key) {
        return;
    }
    let Some((mut run, path_ms)) = build(&spec) else {
        cx.record(Change::RunEnded { run: key, state: RunState::Failed });
        return;
    };
    run.ops = spec.ops;
    cx.queue.add_run(NewRunLanes {
        run: key,
        priority: spec.priority,
        concurrency: spec.concurrency,
        ops: &run.ops,
        path_ms,
    });
    let spent = recover(&mut run, cx, &spec.recovered);
    for op in spent {
        run.settle(cx, op, FinalState::Failed);
    }
    for op in 0..run.tasks.len() as OpIx {
        if run.cancelled && matches!(run.tasks[op as usize].state, TaskState::Waiting(_)) {
            run.settle(cx, op, FinalState::Cancelled);
        } else {
            run.consider(cx, op);
        }
    }
    runs.insert(key, Box::new(run));
    follow_up(runs, cx, key);
}

fn build(spec: &RunSpec) -> Option<(Run, Vec<u64>)> {
    let selected: Vec<bool> = spec.ops.iter().map(|op| op.selected).collect();
    let graph = Graph::new(&spec.edges, &selected)?;
    let order = graph.topological_order()?;
    let path_ms = remaining_ms(&graph, &order, &spec.ops);
    let mut counts = TaskCounts::default();
    let predecessors = graph.predecessor_counts();
    let tasks = selected.iter().zip(predecessors).map(|(&selected, unmet)| {
        let waiting = TaskState::Waiting(Tally { unmet, ..Tally::default() });
        let state = if selected { waiting } else { TaskState::NotSelected };
        counts.entered(&state);
        Task { state, attempts: 0, failures: 0, lost: 0, evicted: 0 }
    });
    let tasks = tasks.collect();
    let run = Run {
        key: spec.run,
        token_seed: spec.token_seed,
        concurrency: spec.concurrency,
        ops: Vec::new(),
        graph,
        tasks,
        counts,
        cancelled: false,
        ended: Vec::new(),
    };
    Some((run, path_ms))
}

/// Takes over what recovery found. A cancelled task means that the run was being cancelled, and it goes on to be.
/// Gives the tasks that have no further attempt: begun attempts that were neither failures nor evicted were lost, with the engine or before.
fn recover(run: &mut Run, cx: &mut Cx<'_>, recovered: &[(OpIx, RecoveredTask)]) -> Vec<OpIx> {
    let mut spent = Vec::new();
    for &(op, found) in recovered {
        let Some(task) = run.tasks.get_mut(op as usize) else { continue };
        if !matches!(task.state, TaskState::Waiting(_)) {
            continue;
        }
        match found {
            RecoveredTask::Final(state) => {
                run.set(op, TaskState::Final(state));
                run.cancelled |= state == FinalState::Cancelled;
                for position in run.graph.span(op) {
                    let successor = run.graph.target(position) as usize;
                    if let TaskState::Waiting(tally) = &mut run.tasks[successor].state {
                        tally.count(state);
                    }
                }
            }
            RecoveredTask::Begun { last_attempt, failures, evicted } => {
                task.attempts = last_attempt;
                task.failures = failures.min(last_attempt);
                task.evicted = evicted.min(last_attempt - task.failures);
                task.lost = last_attempt - task.failures - task.evicted;
                if task.lost > MAX_LOST || task.evicted > MAX_EVICTED || last_attempt == u32::MAX {
                    spent.push(op);
                }
            }
            RecoveredTask::Running { attempt_no, token, failures, evicted, running_ms } => {
                let before = attempt_no.saturating_sub(1);
                task.attempts = attempt_no.max(1);
                task.failures = failures.min(before);
                task.evicted = evicted.min(before - task.failures);
                task.lost = before - task.failures - task.evicted;
                run.take_over(cx, op, token, running_ms);
            }
        }
    }
    for op in 0..run.tasks.len() as OpIx {
        if run.cancelled && matches!(run.tasks[op as usize].state, TaskState::Running(_)) {
            run.stop(cx, op, StopReason::Cancelled);
        }
    }
    spent.sort_unstable();
    spent.dedup();
    spent.retain(|&op| !run.cancelled && matches!(run.tasks[op as usize].state, TaskState::Waiting(_)));
    spent
}
