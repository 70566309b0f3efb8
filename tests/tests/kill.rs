//! `kill -9` of the real engine at random instants, and `suanzi runs resume`: nothing that was told is lost, nothing that had finished runs again.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use suanzi_tests::checker::{Campaign, FailPoint, Tally};
use suanzi_tests::{program, repository};

/// Kills of an ordinary test run; `SUANZI_KILLS` sets another number.
const KILLS: u64 = 120;
/// The same for each fail point.
const KILLS_PER_POINT: u64 = 2;
/// Homes that are killed at the same time.
const HOMES: u64 = 4;
/// So many of a hundred kills must hit work under way, or the campaign proves little.
const MIN_IN_FLIGHT_PERCENT: u64 = 80;
/// A planted defect must be found by so many kills.
const DEFECT_BUDGET_KILLS: u64 = 100;
const DEFECTS: [&str; 5] =
    ["ack_before_commit", "double_dispatch", "lost_callback", "missing_epoch_fence", "premature_run_end"];
/// An engine with a defect that makes it hang is given up sooner.
const DEFECT_PATIENCE: Duration = Duration::from_secs(10);

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not '{text}'")))
}

fn wage(seed: u64, kills: u64) -> Tally {
    let binary = program::binary().to_path_buf();
    let homes: Vec<_> = (0..HOMES)
        .map(|home| Campaign::new(binary.clone(), seed + home, kills.div_ceil(HOMES)))
        .map(|mut campaign| {
            if let Some(one_of) = number("SUANZI_TAKEOVER_ONE_OF") {
                campaign.takeover_one_of = one_of;
            }
            thread::spawn(move || campaign.wage())
        })
        .collect();
    let mut sum = Tally::default();
    for home in homes {
        match home.join().expect("a campaign does not panic") {
            Ok(tally) => sum.add(&tally),
            Err(what) => panic!("{what}"),
        }
    }
    sum
}

#[test]
fn nothing_told_is_lost_and_nothing_finished_runs_again() {
    let began = Instant::now();
    let seconds = number("SUANZI_SOAK_SECONDS").unwrap_or(0);
    let kills = number("SUANZI_KILLS").unwrap_or(KILLS);
    let mut seed = number("SUANZI_KILL_SEED").unwrap_or(1);
    let mut sum = Tally::default();
    loop {
        sum.add(&wage(seed, kills));
        seed += HOMES;
        println!("{:?} after {:.0?}", sum, began.elapsed());
        if began.elapsed().as_secs() >= seconds {
            break;
        }
    }
    println!("{} % of {} kills hit work under way", sum.kills_in_flight * 100 / sum.kills, sum.kills);
    assert!(sum.kills >= kills);
    assert!(sum.takeovers > 0, "no engine went on after another had taken its run: {sum:?}");
    assert!(sum.most_processes >= 3, "engine, zygote and worker weren't seen, so their end wasn't either: {sum:?}");
    // The kill after a takeover hits an engine that has less left to do.
    let percent =
        if number("SUANZI_TAKEOVER_ONE_OF").is_some() { MIN_IN_FLIGHT_PERCENT / 2 } else { MIN_IN_FLIGHT_PERCENT };
    assert!(sum.kills_in_flight * 100 >= sum.kills * percent, "too few kills hit work under way: {sum:?}");
}

/// A program built with the feature `planted-defects`, named by `SUANZI_DEFECTS_BIN`; `make test-defects` and `make soak` build it.
fn defective_program() -> Option<PathBuf> {
    let Some(program) = std::env::var_os("SUANZI_DEFECTS_BIN").map(PathBuf::from) else {
        suanzi_tests::skipped("SUANZI_DEFECTS_BIN is not set; `make test-defects` plants defects and looks for them");
        return None;
    };
    let bytes = std::fs::read(&program).unwrap_or_else(|e| panic!("SUANZI_DEFECTS_BIN: {}: {e}", program.display()));
    for name in ["SUANZI_DEFECT", "SUANZI_FAIL_POINT"] {
        let knows = bytes.windows(name.len()).any(|window| window == name.as_bytes());
        assert!(knows, "{} is built without the feature `planted-defects`", program.display());
    }
    Some(program)
}

#[test]
fn planted_deaths_are_beside_every_step_there_is() {
    let path = repository::root().join("crates/dag-engine/src/durable.rs");
    let source = std::fs::read_to_string(path).expect("the steps are there");
    let named = source.lines().filter_map(|line| line.trim().strip_prefix("Step::")?.split('"').nth(1));
    let mut expected: Vec<String> =
        named.flat_map(|step| [format!("after:{step}"), format!("before:{step}")]).collect();
    let mut found: Vec<String> = FailPoint::all().iter().map(FailPoint::name).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

/// The engine dies just before and just after each durable step; `SUANZI_POINT_KILLS` times at each.
#[test]
fn planted_deaths_beside_each_durable_step_lose_nothing() {
    let Some(program) = defective_program() else { return };
    let kills = number("SUANZI_POINT_KILLS").unwrap_or(KILLS_PER_POINT);
    let points = FailPoint::all();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut tallies = Vec::new();
        while let Some(point) = points.get(next.fetch_add(1, Ordering::SeqCst)) {
            let mut campaign = Campaign::new(program.clone(), 1, kills);
            campaign.takeover_one_of = 0;
            campaign.fail_point = Some(point.clone());
            tallies.push((point.name(), campaign.wage()));
        }
        tallies
    };
    let tallies: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..HOMES).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a campaign does not panic")).collect()
    });
    for (point, tally) in &tallies {
        match tally {
            Ok(tally) => println!("{point:<16} {} kills, 0 lost, 0 doubled", tally.kills_at_point),
            Err(what) => println!("{point:<16} {what}"),
        }
    }
    assert_eq!(tallies.len(), points.len());
    assert!(tallies.iter().all(|(_, tally)| tally.as_ref().is_ok_and(|tally| tally.kills_at_point >= kills)));
}

#[test]
fn planted_defects_are_found() {
    let Some(program) = defective_program() else { return };
    let mut campaigns = Vec::new();
    for defect in DEFECTS {
        let mut campaign = Campaign::new(program.clone(), 1, DEFECT_BUDGET_KILLS);
        campaign.defect = Some(defect.to_string());
        campaign.patience = DEFECT_PATIENCE;
        campaigns.push((defect, thread::spawn(move || campaign.wage())));
    }
    let mut missed = Vec::new();
    println!("{:<20} what the checker says", "defect");
    for (defect, campaign) in campaigns {
        match campaign.join().expect("a campaign does not panic") {
            Ok(tally) => missed.push((defect, tally)),
            Err(what) => println!("{defect:<20} {}", what.chars().take(160).collect::<String>()),
        }
    }
    assert!(missed.is_empty(), "not found within {DEFECT_BUDGET_KILLS} kills: {missed:?}");
}
