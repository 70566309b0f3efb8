//! Every trigger rule against every way in which its predecessors can end.

mod world;

use suanzi_scheduler::*;
use world::*;

/// Runs operator 0 and 1, then says what became of operator 2, which depends on both: started, skipped or still waiting.
fn outcome(rule: Trigger, ends: &[FinalState]) -> char {
    let specs: Vec<OpSpec> = vec![op(), op(), OpSpec { trigger: rule, ..op() }];
    let recovered = ends.iter().enumerate().map(|(op, end)| (op as OpIx, RecoveredTask::Final(*end))).collect();
    let mut env = Env::new(8);
    env.submit(RunSpec { recovered, ..run(specs, &[(0, 2), (1, 2)]) });
    match (env.dispatched().contains(&2), env.final_state(2)) {
        (true, None) => 'R',
        (false, Some(FinalState::Skipped)) => 'x',
        (false, None) => '.',
        other => panic!("{rule:?} after {ends:?}: {other:?}"),
    }
}

/// Columns: predecessors' ends, S success, C cached, F failed, K skipped, `-` still running. R runs, x skipped, `.` waits.
const TABLE: &str = "
                SS  SC  SF  SK  FF  FK  KK  S-  C-  F-  K-  --
    AllSuccess  R   R   x   x   x   x   x   .   .   x   x   .
    AllDone     R   R   R   R   R   R   R   .   .   .   .   .
    OneSuccess  R   R   R   R   x   x   x   R   R   .   .   .
    OneFailed   x   x   R   x   R   R   x   .   .   R   .   .
    AllFailed   x   x   x   x   R   x   x   x   x   .   x   .
    NoneFailed  R   R   x   R   x   x   R   .   .   x   .   .
";

#[test]
fn rules_by_how_predecessors_ended() {
    let mut rows = TABLE.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).filter(|row| !row.is_empty());
    let columns = rows.next().expect("the header");
    let rules = [
        ("AllSuccess", Trigger::AllSuccess),
        ("AllDone", Trigger::AllDone),
        ("OneSuccess", Trigger::OneSuccess),
        ("OneFailed", Trigger::OneFailed),
        ("AllFailed", Trigger::AllFailed),
        ("NoneFailed", Trigger::NoneFailed),
    ];
    for (row, (name, rule)) in rows.zip(rules) {
        assert_eq!(row[0], name);
        for (column, expected) in columns.iter().zip(&row[1..]) {
            let end = |c: char| match c {
                'S' => Some(FinalState::Success),
                'C' => Some(FinalState::Cached),
                'F' => Some(FinalState::Failed),
                'K' => Some(FinalState::Skipped),
                _ => None,
            };
            let ends: Vec<FinalState> = column.chars().filter_map(end).collect();
            assert_eq!(outcome(rule, &ends).to_string(), *expected, "{name} after {column}");
            let reversed: Vec<FinalState> = ends.iter().rev().copied().collect();
            assert_eq!(outcome(rule, &reversed).to_string(), *expected, "{name} after {column} reversed");
        }
    }
}

#[test]
fn without_predecessors_every_rule_starts() {
    for trigger in [
        Trigger::AllSuccess,
        Trigger::AllDone,
        Trigger::OneSuccess,
        Trigger::OneFailed,
        Trigger::AllFailed,
        Trigger::NoneFailed,
    ] {
        let mut env = Env::new(1);
        env.submit(run(vec![OpSpec { trigger, ..op() }], &[]));
        assert_eq!(env.dispatched(), [0], "{trigger:?}");
    }
}

#[test]
fn a_failure_skips_all_that_depends_on_it_and_nothing_else() {
    let mut env = Env::new(2);
    env.submit(run(ops(6), &[(0, 2), (2, 3), (3, 4), (1, 5)]));
    env.finish(0, FAILED);
    assert_eq!(env.settled(), [(2, FinalState::Skipped), (3, FinalState::Skipped), (4, FinalState::Skipped)]);
    env.finish(1, SUCCESS).finish(5, SUCCESS);
    assert_eq!(env.run_end(), Some(RunState::Failed));
}

#[test]
fn a_skip_by_rule_does_not_fail_the_run() {
    let mut env = Env::new(2);
    env.submit(run(vec![op(), OpSpec { trigger: Trigger::OneFailed, ..op() }], &[(0, 1)]));
    env.finish(0, SUCCESS);
    assert_eq!((env.settled(), env.run_end()), (vec![(1, FinalState::Skipped)], Some(RunState::Success)));
}

#[test]
fn a_handled_failure_still_fails_the_run() {
    let mut env = Env::new(2);
    env.submit(run(vec![op(), OpSpec { trigger: Trigger::OneFailed, ..op() }], &[(0, 1)]));
    env.finish(0, FAILED).finish(1, SUCCESS);
    assert_eq!(env.run_end(), Some(RunState::Failed));
}
