//! What users expect of retries, timeouts, cancellation, priorities, limits and recovery, one short story each.

mod world;

use suanzi_scheduler::*;
use world::*;

const RETRY_NOW: Option<(EndReason, TaskNext)> = Some((EndReason::Failed, TaskNext::Retry { at: 0 }));

fn ended(why: EndReason, state: FinalState) -> Option<(EndReason, TaskNext)> {
    Some((why, TaskNext::Final(state)))
}

#[test]
fn a_diamond_runs_in_order_and_ends() {
    let mut env = Env::new(4);
    env.submit(run(ops(4), &[(0, 1), (0, 2), (1, 3), (2, 3)]));
    assert_eq!(env.dispatched(), [0]);
    assert_eq!(env.finish(0, SUCCESS).dispatched(), [1, 2]);
    assert!(env.finish(2, SUCCESS).dispatched().is_empty());
    assert_eq!(env.finish(1, SUCCESS).dispatched(), [3]);
    assert_eq!(env.finish(3, SUCCESS).run_end(), Some(RunState::Success));
    assert!(env.scheduler.is_idle());
}

#[test]
fn nothing_selected_ends_at_once() {
    let mut env = Env::new(1);
    env.submit(run(vec![OpSpec { selected: false, ..op() }], &[]));
    assert_eq!(env.run_end(), Some(RunState::Success));
    assert_eq!(env.submit(run(vec![], &[])).run_end(), Some(RunState::Success));
}

#[test]
fn a_graph_that_is_none_fails_visibly() {
    for edges in [&[(0, 1), (1, 0)][..], &[(0, 0)], &[(0, 7)], &[(7, 0)]] {
        let mut env = Env::new(1);
        env.submit(run(ops(2), edges));
        assert_eq!(env.last, [Change::RunEnded { run: RUN, state: RunState::Failed }], "{edges:?}");
        assert!(env.scheduler.is_idle());
    }
}

#[test]
fn a_run_that_is_live_is_not_submitted_again() {
    let mut env = Env::new(1);
    env.submit(run(ops(1), &[]));
    assert!(env.submit(run(ops(3), &[])).nothing_happened());
}

#[test]
fn cached_results_count_as_success() {
    let lookup = OpSpec { lookup: true, ..op() };
    let mut env = Env::new(1);
    env.submit(run(vec![lookup.clone(), lookup], &[(0, 1)]));
    assert!(env.dispatched().is_empty());
    assert_eq!(env.scheduler.waiting_reason(task(0)), Some(WaitingReason::Lookup));
    env.input(Input::LookedUp { task: task(0), hit: true });
    assert_eq!(env.settled(), [(0, FinalState::Cached)]);
    env.input(Input::LookedUp { task: task(1), hit: false });
    assert_eq!(env.dispatched(), [1]);
    assert!(env.input(Input::LookedUp { task: task(1), hit: true }).nothing_happened());
    assert_eq!(env.finish(1, SUCCESS).run_end(), Some(RunState::Success));
}

#[test]
fn retries_wait_their_delay_and_run_out() {
    let mut env = Env::new(1);
    env.now = 100;
    env.submit(run(vec![OpSpec { retries: 2, retry_delay_ms: 50, ..op() }], &[]));
    env.finish(0, FAILED);
    assert_eq!(env.ended(), Some((EndReason::Failed, TaskNext::Retry { at: 150 })));
    assert_eq!(env.timer(), Some(150));
    assert_eq!(env.scheduler.waiting_reason(task(0)), Some(WaitingReason::RetryDelay { until: 150 }));
    assert!(env.ring_at(149).dispatched().is_empty());
    assert_eq!(env.timer(), Some(150), "rung early, it is set again");
    assert_eq!(env.ring_at(150).dispatched(), [0]);
    assert_eq!(env.attempt(0).no, 2);
    env.finish(0, FAILED).ring_at(200).finish(0, FAILED);
    assert_eq!(env.ended(), ended(EndReason::Failed, FinalState::Failed));
    assert_eq!(env.run_end(), Some(RunState::Failed));
}

#[test]
fn a_refused_failure_is_not_retried() {
    let mut env = Env::new(1);
    env.submit(run(vec![OpSpec { retries: 9, ..op() }], &[]));
    assert_eq!(env.finish(0, REFUSED).ended(), ended(EndReason::Failed, FinalState::Failed));
}

#[test]
fn a_retry_without_delay_is_queued_at_once() {
    let mut env = Env::new(1);
    env.submit(run(vec![OpSpec { retries: 1, ..op() }], &[]));
    env.finish(0, FAILED);
    assert_eq!((env.ended(), env.dispatched(), env.timer()), (RETRY_NOW, vec![0], None));
}

#[test]
fn a_timeout_stops_the_attempt_and_counts_as_a_failure() {
    let mut env = Env::new(1);
    env.submit(run(vec![OpSpec { timeout_ms: Some(30), retries: 1, ..op() }], &[]));
    assert_eq!(env.timer(), Some(30));
    assert!(env.ring_at(29).stops().is_empty());
    assert_eq!(env.ring_at(30).stops(), [(0, StopReason::TimedOut)]);
    assert!(env.ring_at(31).nothing_happened());
    env.finish(0, STOPPED);
    assert_eq!(env.ended(), Some((EndReason::TimedOut, TaskNext::Retry { at: 31 })));
    assert_eq!((env.dispatched(), env.timer()), (vec![0], Some(61)));
    env.ring_at(61).finish(0, STOPPED);
    assert_eq!(env.ended(), ended(EndReason::TimedOut, FinalState::Failed));
}

#[test]
fn success_wins_over_a_timeout_and_a_cancel_on_their_way() {
    let mut env = Env::new(1);
    env.submit(run(vec![OpSpec { timeout_ms: Some(30), ..op() }], &[]));
    env.ring_at(30).finish(0, SUCCESS);
    assert_eq!(env.run_end(), Some(RunState::Success));

    let mut env = Env::new(1);
    env.submit(run(ops(1), &[])).cancel().finish(0, SUCCESS);
    assert_eq!(env.ended(), ended(EndReason::Success, FinalState::Success));
    assert_eq!(env.run_end(), Some(RunState::Cancelled));
}

#[test]
fn cancel_settles_what_waits_and_stops_what_runs() {
    let mut env = Env::new(2);
    let mut specs = ops(6);
    specs[1] = OpSpec { retries: 1, retry_delay_ms: 10, ..op() };
    specs[3].lookup = true;
    env.submit(run(specs, &[(0, 5)]));
    env.finish(1, FAILED);
    assert_eq!(env.running(), [0, 2]);
    env.cancel();
    let cancelled = |op| (op, FinalState::Cancelled);
    assert_eq!(env.settled(), [cancelled(1), cancelled(3), cancelled(4), cancelled(5)]);
    assert_eq!(env.stops(), [(0, StopReason::Cancelled), (2, StopReason::Cancelled)]);
    assert!(env.scheduler.is_cancelling(RUN));
    assert!(env.cancel().nothing_happened(), "cancelling twice is harmless");
    assert!(env.ring_at(10).nothing_happened());
    assert!(env.input(Input::LookedUp { task: task(3), hit: true }).nothing_happened());
    env.finish(0, STOPPED);
    assert_eq!((env.ended(), env.run_end()), (ended(EndReason::Cancelled, FinalState::Cancelled), None));
    env.lose(2);
    assert_eq!(env.ended(), ended(EndReason::Lost, FinalState::Cancelled));
    assert_eq!(env.run_end(), Some(RunState::Cancelled));
}

#[test]
fn a_failure_after_a_cancel_is_cancelled_whatever_retries_are_left() {
    for retries in [0, 5] {
        let mut env = Env::new(1);
        env.submit(run(vec![OpSpec { retries, ..op() }], &[])).cancel().finish(0, FAILED);
        assert_eq!(env.ended(), ended(EndReason::Failed, FinalState::Cancelled));
    }
}

#[test]
fn cancel_reaches_an_attempt_that_timed_out() {
    let mut env = Env::new(1);
    env.submit(run(vec![OpSpec { timeout_ms: Some(5), retries: 3, ..op() }], &[]));
    assert_eq!(env.ring_at(5).cancel().stops(), [(0, StopReason::Cancelled)]);
    env.finish(0, STOPPED);
    assert_eq!(env.ended(), ended(EndReason::Cancelled, FinalState::Cancelled));
}

#[test]
fn a_run_where_nothing_runs_is_cancelled_at_once() {
    let mut env = Env::new(0);
    assert_eq!(env.submit(run(ops(2), &[])).cancel().run_end(), Some(RunState::Cancelled));
}

#[test]
fn a_lost_attempt_costs_no_retry_until_there_were_too_many() {
    let mut env = Env::new(1);
    env.submit(run(ops(1), &[]));
    for lost in 1..=MAX_LOST {
        env.lose(0);
        assert_eq!(env.ended(), Some((EndReason::Lost, TaskNext::Retry { at: 0 })), "loss {lost}");
        assert_eq!(env.attempt(0).no, lost + 1);
    }
    assert_eq!(env.lose(0).ended(), ended(EndReason::Lost, FinalState::Failed));
}

#[test]
fn stopped_by_someone_else_is_lost() {
    let mut env = Env::new(1);
    env.submit(run(ops(1), &[])).finish(0, STOPPED);
    assert_eq!((env.ended(), env.dispatched()), (Some((EndReason::Lost, TaskNext::Retry { at: 0 })), vec![0]));
}

#[test]
fn disowned_runs_are_forgotten_without_a_record() {
    let mut env = Env::new(2);
    env.submit(run(vec![op(), OpSpec { timeout_ms: Some(9), ..op() }, op(), op()], &[]));
    let late = env.attempt(0);
    env.submit(RunSpec { run: RunKey(2), ..run(ops(1), &[]) });
    env.input(Input::Disowned { run: RUN });
    assert_eq!(env.stops(), [(0, StopReason::Disowned), (1, StopReason::Disowned)]);
    assert_eq!(env.last.len(), 1, "only the other run's task is dispatched: {:?}", env.last);
    assert!(env.input(Input::AttemptFinished { attempt: late, end: SUCCESS }).nothing_happened());
    assert_eq!(env.scheduler.runs().collect::<Vec<_>>(), [RunKey(2)]);
}

#[test]
fn stale_doubled_and_forged_reports_change_nothing() {
    let mut env = Env::new(2);
    env.submit(run(vec![OpSpec { retries: 3, ..op() }, op()], &[]));
    let first = env.attempt(0);
    env.finish(0, FAILED);
    let second = env.attempt(0);
    assert_ne!(first.token, second.token);
    for wrong in [
        first,
        Attempt { token: first.token, ..second },
        Attempt { no: 3, ..second },
        Attempt { token: 0, ..second },
        Attempt { task: task(1), ..second },
        Attempt { task: task(99), ..second },
        Attempt { task: TaskRef { run: RunKey(99), op: 0 }, ..second },
    ] {
        for end in [SUCCESS, FAILED, STOPPED] {
            assert!(env.input(Input::AttemptFinished { attempt: wrong, end }).nothing_happened(), "{wrong:?}");
        }
        assert!(env.input(Input::AttemptLost { attempt: wrong }).nothing_happened());
        assert!(env.input(Input::AttemptStarted { attempt: wrong }).nothing_happened());
        assert!(env.input(Input::Committed { attempt: wrong }).nothing_happened());
    }
    assert!(env.input(Input::Cancel { run: RunKey(99) }).nothing_happened());
    assert!(env.input(Input::Disowned { run: RunKey(99) }).nothing_happened());
    assert!(env.input(Input::LookedUp { task: task(99), hit: true }).nothing_happened());
}

#[test]
fn side_effects_leave_after_their_record() {
    let mut env = Env::new(1);
    env.submit(run(vec![OpSpec { side_effects: true, ..op() }], &[]));
    assert!(matches!(env.actions[..], [Action::Start { after_commit: true, .. }]));
    let attempt = env.attempt(0);
    let phase = |env: &Env| match env.scheduler.task_state(task(0)) {
        Some(TaskState::Running(running)) => running.phase,
        other => panic!("not running: {other:?}"),
    };
    assert_eq!(phase(&env), Phase::AwaitingCommit);
    assert_eq!(phase(env.input(Input::Committed { attempt })), Phase::HandedOut);
    assert_eq!(phase(env.input(Input::AttemptStarted { attempt })), Phase::Started);
    assert_eq!(phase(env.input(Input::Committed { attempt })), Phase::Started, "a late report doesn't set it back");
}

#[test]
fn order_is_run_priority_then_operator_priority_then_critical_path_then_position() {
    let mut env = Env::new(0);
    let with = |priority, expected_ms| OpSpec { priority, expected_ms, ..op() };
    env.submit(run(vec![with(0, 0), with(0, 0), with(0, 500), with(1, 0), with(0, 0)], &[(1, 4)]));
    let urgent = RunSpec { run: RunKey(2), priority: 5, ..run(vec![with(-9, 0)], &[]) };
    env.submit(urgent).submit(RunSpec { run: RunKey(3), ..run(vec![with(0, 500)], &[]) });
    env.input(Input::Capacity { executor: 0, slots: 9 });
    let order = env.last.iter().filter_map(|c| match c {
        Change::Dispatched { attempt } => Some((attempt.task.run.0, attempt.task.op)),
        _ => None,
    });
    let order: Vec<(u64, OpIx)> = order.collect();
    assert_eq!(order, [(2, 0), (1, 3), (1, 2), (3, 0), (1, 1), (1, 0)]);
}

#[test]
fn what_cannot_start_does_not_stop_what_can() {
    let mut env = Env::with_pools(4, vec![1]);
    env.input(Input::Capacity { executor: 1, slots: 1 });
    let wide = OpSpec { slots: 3, priority: 9, ..op() };
    let pooled = OpSpec { pool: Some(0), priority: 5, ..op() };
    let elsewhere = OpSpec { executor: 1, ..op() };
    env.submit(run(vec![wide.clone(), wide, pooled.clone(), pooled, elsewhere.clone(), elsewhere, op()], &[]));
    assert_eq!(env.dispatched(), [0, 2, 4]);
    let reason = |op| env.scheduler.waiting_reason(task(op)).expect("it waits");
    assert_eq!(reason(1), WaitingReason::Slots { executor: 0, needed: 3, in_use: 4, slots: 4 });
    assert_eq!(reason(3), WaitingReason::Pool { pool: 0, running: 1, limit: 1 });
    assert_eq!(reason(5), WaitingReason::Slots { executor: 1, needed: 1, in_use: 1, slots: 1 });
    assert_eq!(env.finish(2, SUCCESS).dispatched(), [3]);
    assert_eq!(env.finish(3, SUCCESS).dispatched(), [6]);
    assert_eq!(env.finish(0, SUCCESS).dispatched(), [1]);
}

#[test]
fn a_task_larger_than_its_executor_runs_alone() {
    let mut env = Env::new(2);
    env.submit(run(vec![op(), OpSpec { slots: 8, ..op() }, op()], &[]));
    assert_eq!(env.running(), [0, 2]);
    assert!(env.finish(0, SUCCESS).dispatched().is_empty());
    assert_eq!(env.finish(2, SUCCESS).dispatched(), [1]);
    env.submit(RunSpec { run: RunKey(2), ..run(ops(1), &[]) });
    assert!(env.dispatched().is_empty(), "nothing beside it");
}

#[test]
fn a_run_keeps_to_its_concurrency() {
    let mut env = Env::new(9);
    env.submit(RunSpec { concurrency: Some(2), ..run(ops(4), &[]) });
    assert_eq!(env.dispatched(), [0, 1]);
    let reason = env.scheduler.waiting_reason(task(3));
    assert_eq!(reason, Some(WaitingReason::RunConcurrency { running: 2, limit: 2 }));
    assert_eq!(env.finish(1, SUCCESS).dispatched(), [2]);
}

#[test]
fn an_executor_may_shrink_and_grow() {
    let mut env = Env::new(3);
    env.submit(run(ops(6), &[]));
    env.input(Input::Capacity { executor: 0, slots: 1 });
    assert!(env.finish(0, SUCCESS).dispatched().is_empty());
    assert!(env.finish(1, SUCCESS).dispatched().is_empty());
    assert_eq!(env.finish(2, SUCCESS).dispatched(), [3]);
    env.input(Input::Capacity { executor: 0, slots: 2 });
    assert_eq!(env.dispatched(), [4]);
}

#[test]
fn recovery_goes_on_where_it_was() {
    let mut env = Env::new(4);
    let recovered = vec![
        (0, RecoveredTask::Final(FinalState::Success)),
        (1, RecoveredTask::Begun { last_attempt: 2, failures: 1, evicted: 0 }),
        (2, RecoveredTask::Final(FinalState::Failed)),
    ];
    let specs = vec![op(), OpSpec { retries: 1, ..op() }, op(), op(), op()];
    env.submit(RunSpec { recovered, ..run(specs, &[(0, 1), (0, 3), (2, 4)]) });
    assert_eq!(env.settled(), [(4, FinalState::Skipped)]);
    assert_eq!(env.dispatched(), [1, 3]);
    assert_eq!(env.attempt(1).no, 3);
    env.finish(1, FAILED);
    assert_eq!(env.ended(), ended(EndReason::Failed, FinalState::Failed), "the failure before the restart counts");
    assert_eq!(env.finish(3, SUCCESS).run_end(), Some(RunState::Failed));
}

#[test]
fn recovery_takes_over_what_goes_on_elsewhere() {
    let running = |attempt_no, running_ms| RecoveredTask::Running {
        attempt_no,
        token: 77,
        failures: attempt_no - 1,
        evicted: 0,
        running_ms,
    };
    let mut env = Env::new(2);
    let specs = vec![OpSpec { timeout_ms: Some(100), ..op() }, OpSpec { retries: 1, ..op() }, op()];
    env.submit(RunSpec { recovered: vec![(0, running(1, 40)), (1, running(2, 0))], ..run(specs, &[]) });
    assert!(
        env.last.is_empty() && env.dispatched().is_empty(),
        "both slots are taken, nothing is begun: {:?}",
        env.last
    );
    let attempt = |op, no| Attempt { task: task(op), no, token: 77 };
    let end = |op, no, end| Input::AttemptFinished { attempt: attempt(op, no), end };
    assert!(env.ring_at(59).stops().is_empty());
    assert_eq!(env.ring_at(60).stops(), [(0, StopReason::TimedOut)], "its time goes on where it was");
    env.input(end(1, 1, SUCCESS));
    assert!(env.last.is_empty(), "an attempt before it is late");
    env.input(end(1, 2, FAILED));
    assert_eq!(env.ended(), ended(EndReason::Failed, FinalState::Failed), "the failure before it counts");
    assert_eq!(env.dispatched(), [2], "its slot is free");
    env.input(end(0, 1, AttemptEnd::Stopped));
    assert_eq!(env.ended(), ended(EndReason::TimedOut, FinalState::Failed));
    assert_eq!(env.finish(2, SUCCESS).run_end(), Some(RunState::Failed));

    let mut env = Env::new(2);
    let recovered = vec![(0, running(1, 0)), (1, RecoveredTask::Final(FinalState::Cancelled))];
    env.submit(RunSpec { recovered, ..run(ops(2), &[]) });
    assert_eq!(env.stops(), [(0, StopReason::Cancelled)], "the run was being cancelled");
    env.input(end(0, 1, AttemptEnd::Stopped));
    assert_eq!(env.run_end(), Some(RunState::Cancelled));
}

#[test]
fn recovery_of_a_run_that_had_ended_or_was_being_cancelled() {
    let all = |state| vec![(0, RecoveredTask::Final(state)), (1, RecoveredTask::Final(state))];
    for (state, end) in [
        (FinalState::Success, RunState::Success),
        (FinalState::Skipped, RunState::Success),
        (FinalState::Failed, RunState::Failed),
        (FinalState::Cancelled, RunState::Cancelled),
    ] {
        let mut env = Env::new(1);
        env.submit(RunSpec { recovered: all(state), ..run(ops(2), &[]) });
        assert_eq!(env.last, [Change::RunEnded { run: RUN, state: end }]);
    }
    let mut env = Env::new(1);
    env.submit(RunSpec { recovered: all(FinalState::Cancelled), ..run(ops(3), &[]) });
    assert_eq!((env.settled(), env.run_end()), (vec![(2, FinalState::Cancelled)], Some(RunState::Cancelled)));
}

#[test]
fn recovery_counts_lost_attempts_and_survives_nonsense() {
    let begun = |last_attempt, failures| vec![(0, RecoveredTask::Begun { last_attempt, failures, evicted: 0 })];
    for (recovered, fails) in [
        (begun(MAX_LOST, 0), false),
        (begun(MAX_LOST + 1, 0), true),
        (begun(MAX_LOST + 3, 3), false),
        (begun(1, u32::MAX), false),
        (begun(u32::MAX, 0), true),
        (vec![(77, RecoveredTask::Final(FinalState::Success))], false),
    ] {
        let mut env = Env::new(1);
        env.submit(RunSpec { recovered: recovered.clone(), ..run(ops(1), &[]) });
        let failed = env.settled() == [(0, FinalState::Failed)];
        assert_eq!((failed, env.dispatched().is_empty()), (fails, fails), "{recovered:?}");
    }
}

#[test]
fn the_story_says_why() {
    let mut env = Env::new(1);
    env.submit(run(vec![OpSpec { retries: 1, retry_delay_ms: 20, ..op() }, op()], &[(0, 1)]));
    env.now = 5;
    env.finish(0, FAILED).ring_at(25).finish(0, SUCCESS).cancel();
    let story: Vec<String> =
        [0, 1].iter().flat_map(|&op| env.scheduler.story(task(op))).map(|l| l.to_string()).collect();
    let expected = "\
0 ms: queued, because the run was submitted (cause 2)
0 ms: attempt 1 dispatched, because the run was submitted (cause 2)
5 ms: attempt 1 failed, another follows in 20 ms, because its attempt 1 failed (cause 3)
25 ms: queued, because its time had come (cause 4)
25 ms: attempt 2 dispatched, because its time had come (cause 4)
25 ms: attempt 2 succeeded and the task is successful, because its attempt 2 succeeded (cause 5)
25 ms: queued, because operator 0's attempt 2 succeeded (cause 5)
25 ms: attempt 1 dispatched, because operator 0's attempt 2 succeeded (cause 5)
25 ms: attempt 1 told to stop (cancelled), because the run was cancelled (cause 6)";
    assert_eq!(story.join("\n"), expected);
    let names = Names { operator: &|task| Some(format!("op{}", task.op)), run: &|_| None };
    let last = env.scheduler.story(task(1));
    assert_eq!(last[0].english(names), "queued, because op0's attempt 2 succeeded");
    assert_eq!(last[0].chinese(names), "进入队列——op0 的第 2 次尝试成功");
}

#[test]
fn the_story_keeps_to_its_bound() {
    for (story_lines, kept) in [(0, 0), (3, 3)] {
        let mut scheduler = Scheduler::new(Options { story_lines, ..Options::default() });
        scheduler.handle(0, Input::RunSubmitted(Box::new(run(ops(50), &[]))), &mut Step::default());
        assert_eq!((0..50).flat_map(|op| scheduler.story(task(op))).count(), kept);
    }
}
