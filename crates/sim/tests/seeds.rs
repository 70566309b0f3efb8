//! Every seed keeps the promises; every planted flaw breaks one that is noticed.

use suanzi_sim::{Flaw, Report, simulate};

/// Worlds per ordinary test run; `SUANZI_SIM_SEEDS` sets another number.
const SEEDS: u64 = 500;
/// A flaw must show within so many worlds.
const FLAW_BUDGET_SEEDS: u64 = 500;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not '{text}'")))
}

#[test]
fn all_promises_hold() {
    let first = number("SUANZI_SIM_FIRST").unwrap_or(0);
    let seeds = number("SUANZI_SIM_SEEDS").unwrap_or(SEEDS);
    let mut sum = Report::default();
    for seed in first..first + seeds {
        match simulate(seed, None) {
            Ok(report) => sum.add(&report),
            Err(violation) => panic!("{violation}"),
        }
    }
    println!("{seeds} seeds from {first}: {sum:?}");
    // Worlds in which nothing happens would prove nothing.
    assert!(sum.crashes >= seeds, "{sum:?}");
    assert!(sum.crashes_with_uncommitted * 4 >= sum.crashes, "{sum:?}");
    for (what, count) in [
        ("takeovers", sum.takeovers),
        ("refused batches", sum.refused_batches),
        ("zombie results", sum.zombie_results),
        ("duplicates", sum.duplicates),
        ("re-attached attempts", sum.re_attached),
        ("attempts that ended while no engine watched", sum.ended_meanwhile),
        ("cached results", sum.cached),
    ] {
        assert!(count * 10 >= seeds, "only {count} {what} in {seeds} worlds");
    }
}

#[test]
fn one_seed() {
    let seed = number("SUANZI_SIM_SEED").unwrap_or(1);
    let (once, again) = (simulate(seed, None), simulate(seed, None));
    match (once, again) {
        (Ok(once), Ok(again)) => assert_eq!(once, again, "a seed decides everything"),
        (Err(once), _) => panic!("{once}"),
        (Ok(_), Err(again)) => panic!("only the second time: {again}"),
    }
}

#[test]
fn planted_flaws_are_found() {
    let mut missed = Vec::new();
    println!("{:<24}{:>6}  what the oracles say", "flaw", "seeds");
    for flaw in Flaw::all() {
        match (0..FLAW_BUDGET_SEEDS).find_map(|seed| simulate(seed, Some(flaw)).err()) {
            Some(found) => {
                let line: String = found.what.chars().take(100).collect();
                println!("{:<24}{:>6}  {line}", flaw.name(), found.seed + 1);
            }
            None => missed.push(flaw.name()),
        }
    }
    assert!(missed.is_empty(), "not found within {FLAW_BUDGET_SEEDS} seeds: {missed:?}");
}
