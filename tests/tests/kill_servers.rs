//! `kill -9` of the real engine with its state on a database server, judged as with a file of its own. `make test-db` gives the servers.

use std::ops::Range;
use std::thread;
use suanzi_tests::checker::{Campaign, Database, ServerDatabase, Tally};
use suanzi_tests::program;

/// Kills on each server in an ordinary test run; `SUANZI_SERVER_KILLS` sets another number.
const KILLS: u64 = 16;
/// Databases at a time on each server.
const HOMES: u64 = 2;
/// So many of a hundred kills must hit work under way, as with a file.
const MIN_IN_FLIGHT_PERCENT: u64 = 80;
/// A commit takes longer than with a file, and so does an engine's way to its first operator: operators work longer, and some have succeeded before a kill
/// while more are left.
const MAX_SLEEP_MS: u64 = 100;
const KILL_AFTER: [Range<u64>; 2] = [1..20, 1..5];

fn wage(base: &str, seed: u64, kills: u64) -> Result<Tally, String> {
    let name = format!("suanzi_killed_{}_{seed}", std::process::id());
    let database = ServerDatabase::create(base, &name)?;
    let mut campaign = Campaign::new(program::binary().to_path_buf(), seed, kills);
    campaign.max_sleep_ms = MAX_SLEEP_MS;
    campaign.kill_after = KILL_AFTER;
    campaign.database = Some(Database::Server(database.clone()));
    let tally = campaign.wage();
    database.drop()?;
    tally
}

#[test]
fn nothing_told_is_lost_on_a_server_and_nothing_finished_runs_again() {
    let kills = std::env::var("SUANZI_SERVER_KILLS").map_or(KILLS, |text| text.parse().expect("a number of kills"));
    let servers = std::env::var("SUANZI_TEST_DATABASES").expect("`make test-db` names the servers");
    let mut campaigns = Vec::new();
    for base in servers.split_whitespace() {
        for home in 0..HOMES {
            let base = base.to_owned();
            let kind = base.split(':').next().unwrap_or("").to_owned();
            let kills = kills.div_ceil(HOMES);
            campaigns.push((kind, thread::spawn(move || wage(&base, 1 + home, kills))));
        }
    }
    assert!(campaigns.len() > HOMES as usize, "two servers: {servers}");
    let (mut sum, mut wrong) = (Tally::default(), Vec::new());
    for (kind, campaign) in campaigns {
        match campaign.join().expect("a campaign does not panic") {
            Ok(tally) => {
                println!("{kind}: {tally:?}");
                sum.add(&tally);
            }
            Err(what) => wrong.push(format!("{kind}: {what}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(sum.kills >= kills * servers.split_whitespace().count() as u64, "{sum:?}");
    assert!(
        sum.kills_in_flight * 100 >= sum.kills * MIN_IN_FLIGHT_PERCENT,
        "too few kills hit work under way: {sum:?}"
    );
}
