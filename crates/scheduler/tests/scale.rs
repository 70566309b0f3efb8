//! Large runs: work per event doesn't grow with the number of tasks, memory per operator is bounded, and the hot loop doesn't allocate per task. Counted, not timed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::VecDeque;
use suanzi_scheduler::*;

/// Counts what the test's own thread allocates.
struct Counting;

thread_local! {
    static LIVE_BYTES: Cell<i64> = const { Cell::new(0) };
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system allocator unchanged; the counters are plain cells that never allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE_BYTES.set(LIVE_BYTES.get() + layout.size() as i64);
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's contract is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE_BYTES.set(LIVE_BYTES.get() - layout.size() as i64);
        // SAFETY: the caller's contract is handed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const LAYER_OPS: u32 = 1_000;
const SLOTS: u32 = 64;
/// What one operator may take in memory, edges included.
const MAX_OP_BYTES: i64 = 1_000;
/// Queue positions looked at for one operator from submission to end.
const MAX_EFFORT_PER_OP: u64 = 8;

fn op() -> OpSpec {
    OpSpec::default()
}

fn spec(run: u64, ops: Vec<OpSpec>, edges: Vec<(OpIx, OpIx)>) -> RunSpec {
    RunSpec { run: RunKey(run), token_seed: run, priority: 0, concurrency: None, ops, edges, recovered: vec![] }
}

/// Layers of a thousand; each operator follows three of the layer before.
fn layered(ops: u32) -> RunSpec {
    let followers = |op: u32| {
        let (layer, place) = (op / LAYER_OPS, op % LAYER_OPS);
        [0, 1, 7].map(|by| (op, (layer + 1) * LAYER_OPS + (place + by) % LAYER_OPS))
    };
    let edges = (0..ops - LAYER_OPS).flat_map(followers).collect();
    spec(1, vec![op(); ops as usize], edges)
}

#[derive(Debug, Default)]
struct Cost {
    inputs: u64,
    records: u64,
    effort: u64,
    /// Kept by the scheduler once all is submitted.
    bytes: i64,
    /// Made while tasks ran, by scheduler and driver.
    allocations: u64,
}

/// Submits all, then ends attempts in the order of their start until nothing is left.
fn drive(specs: Vec<RunSpec>, pool_limits: Vec<u32>, slots: u32) -> Cost {
    let mut scheduler = Scheduler::new(Options { pool_limits, story_lines: 0 });
    let mut cost = Cost::default();
    let mut step = Step::default();
    let mut running = VecDeque::with_capacity(slots as usize * 2);
    let before = LIVE_BYTES.get() - specs.iter().map(spec_bytes).sum::<i64>();
    let first = specs.into_iter().map(|spec| Input::RunSubmitted(Box::new(spec)));
    for input in first.chain([Input::Capacity { executor: 0, slots }]) {
        scheduler.handle(0, input, &mut step);
        cost.inputs += 1;
    }
    cost.bytes = LIVE_BYTES.get() - before;
    let allocations = ALLOCATIONS.get();
    loop {
        cost.records += step.records.len() as u64;
        running.extend(step.actions.drain(..).filter_map(|action| match action {
            Action::Start { attempt, .. } => Some(attempt),
            _ => None,
        }));
        step.records.clear();
        let Some(attempt) = running.pop_front() else { break };
        scheduler.handle(0, Input::AttemptFinished { attempt, end: AttemptEnd::Success }, &mut step);
        cost.inputs += 1;
    }
    assert!(scheduler.is_idle());
    cost.allocations = ALLOCATIONS.get() - allocations;
    cost.effort = scheduler.queue_effort();
    cost
}

/// Handed over by value: what the scheduler keeps of it counts as its own.
fn spec_bytes(spec: &RunSpec) -> i64 {
    (spec.ops.capacity() * size_of::<OpSpec>() + spec.edges.capacity() * size_of::<(OpIx, OpIx)>()) as i64
}

/// One input and two records per operator, and the rest.
fn check(ops: u64, runs: u64, cost: &Cost) {
    assert_eq!((cost.inputs, cost.records), (ops + runs + 1, 2 * ops + runs));
    assert!(cost.effort <= MAX_EFFORT_PER_OP * ops, "{ops} operators: {cost:?}");
    assert!(cost.bytes <= MAX_OP_BYTES * ops as i64, "{ops} operators: {cost:?}");
}

#[test]
fn two_hundred_thousand_operators_in_layers() {
    let half = drive(vec![layered(100_000)], vec![], SLOTS);
    let whole = drive(vec![layered(200_000)], vec![], SLOTS);
    check(100_000, 1, &half);
    check(200_000, 1, &whole);
    assert!(whole.effort <= half.effort * 21 / 10, "not linear: {half:?}, then {whole:?}");
    assert!(whole.allocations < 1_000, "the hot loop allocates: {whole:?}");
}

#[test]
fn a_hundred_thousand_operators_at_once_under_every_limit() {
    let mut ops = vec![op(); 100_000];
    for (ix, op) in ops.iter_mut().enumerate() {
        op.slots = 1 + ix as u32 % 3;
        op.pool = [None, Some(0), Some(1)][ix / 3 % 3];
        op.priority = (ix * 7 % 11) as i32;
        op.expected_ms = (ix * 31 % 1_009) as u32;
    }
    let limited = RunSpec { concurrency: Some(20), ..spec(1, ops, vec![]) };
    let cost = drive(vec![limited], vec![1, 9], SLOTS);
    assert_eq!(cost.records, 200_001);
    assert!(cost.effort <= 40 * 100_000, "{cost:?}");
    assert!(cost.allocations < 1_000, "the hot loop allocates: {cost:?}");
}

/// Two thousand runs wait for one place in one pool: each end wakes one of them, not all.
#[test]
fn many_runs_in_one_pool() {
    let pooled = OpSpec { pool: Some(0), ..op() };
    let runs = (1..=2_000).map(|run| spec(run, vec![pooled.clone(); 5], vec![])).collect();
    check(10_000, 2_000, &drive(runs, vec![1], SLOTS));
}
