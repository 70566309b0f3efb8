//! Power cuts: what the store said is durable is there after a cut at any moment, whatever becomes of writes that weren't synced.
//!
//! One session is recorded write by write; then the machine goes off at hundreds of places of the record.

mod disk;
mod recorder;

use super::Home;
use crate::conformance::scene::*;
use crate::*;
use disk::{Chance, Disk, Left};
use recorder::{Op, Recording};
use std::collections::BTreeMap;

const RUNS: usize = 24;
const OPS: u32 = 8;
const CUTS: u64 = 300;
/// So small that the log is copied into the database, and begun anew, many times in a session.
const CHECKPOINT_PAGES: i64 = 40;

/// What the store said, in order; `Told` counts in it.
enum Said {
    Run(String),
    /// Operators of the run up to this one ended, and the next began, in one batch each.
    Ended(RunKey, u32),
}

/// A session with everything the disk saw of it.
fn session(defect: Option<Defect>) -> (Vec<Said>, Vec<Op>) {
    let home = Home::new();
    let recording = Recording::begin(home.directory.path());
    let mut store = home.owner();
    if let Some(defect) = defect {
        store = store.with_defect(defect).expect("the defect is planted");
    }
    let small = |c: &mut rusqlite::Connection| Ok(c.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?);
    store.write(small).expect("the setting is taken");
    let mut said = Vec::new();
    let mut tell = |what: Said| {
        said.push(what);
        recording.tell(said.len());
    };
    for number in 0..RUNS {
        let run_id = format!("r{number}");
        let run = new_run(&store, &run_id);
        tell(Said::Run(run_id.clone()));
        write(&store, run, vec![dispatched(run, 0, 1, 1)]);
        for op in 0..OPS {
            let made = result(&format!("{run_id}-{op}"), &[key(op as u8)]);
            let seq = u64::from(op) * 2 + 2;
            write(&store, run, vec![succeeded(run, op, 1, made, seq), dispatched(run, op + 1, 1, seq + 1)]);
            tell(Said::Ended(run, op));
        }
    }
    drop(store);
    (said, recording.end())
}

/// Cuts, those during a checkpoint, and what was lost or half there.
struct Verdict {
    cuts: u64,
    syncs: usize,
    lost: Vec<String>,
}

fn cut_everywhere(said: &[Said], ops: &[Op], cuts: u64) -> Verdict {
    let mut chance = Chance(20_261_128);
    let mut places: Vec<usize> = (0..cuts).map(|_| chance.below(ops.len() as u64) as usize + 1).collect();
    places.sort_unstable();
    let mut verdict = Verdict { cuts: 0, syncs: 0, lost: Vec::new() };
    let (mut disk, mut done, mut told) = (Disk::default(), 0, 0);
    for place in places {
        for op in &ops[done..place] {
            disk.perform(op);
            match op {
                Op::Told(number) => told = *number,
                Op::Sync { .. } => verdict.syncs += 1,
                _ => {}
            }
        }
        done = place;
        let home = Home::new();
        let left = [Left::Nothing, Left::Everything, Left::Some, Left::Some][chance.below(4) as usize];
        disk.cut(home.directory.path(), left, &mut chance);
        verdict.cuts += 1;
        if let Err(what) = judge(&home, &said[..told]) {
            verdict.lost.push(format!("cut after {place} of {} changes, {left:?} left: {what}", ops.len()));
        }
    }
    verdict
}

fn judge(home: &Home, said: &[Said]) -> std::result::Result<(), String> {
    if said.is_empty() && !home.path().exists() {
        return Ok(());
    }
    let store = SqliteStore::open(&home.path(), OpenMode::Owner).map_err(|e| e.to_string())?;
    let check = |c: &mut rusqlite::Connection| Ok(c.query_row("PRAGMA integrity_check", [], |row| row.get(0))?);
    let found: String = store.write(check).map_err(|e| e.to_string())?;
    if found != "ok" {
        return Err(found);
    }
    let mut ended: BTreeMap<RunKey, u32> = BTreeMap::new();
    for what in said {
        match what {
            Said::Run(run_id) => {
                let row = store.run_by_id(run_id).map_err(|e| e.to_string())?;
                row.ok_or_else(|| format!("run {run_id} is gone"))?;
            }
            Said::Ended(run, op) => drop(ended.insert(*run, *op)),
        }
    }
    for (run, last) in ended {
        let tasks = store.tasks(run).map_err(|e| e.to_string())?;
        let successes = tasks.iter().filter(|task| task.state == TaskState::Success).count();
        if successes <= last as usize {
            return Err(format!("{run:?}: {successes} of {} ended operators", last + 1));
        }
        // The end of one and the start of the next were one batch.
        if tasks.len() != successes + 1 {
            return Err(format!("{run:?}: half a batch: {tasks:?}"));
        }
    }
    Ok(())
}

#[test]
fn what_was_told_outlives_a_power_cut() {
    let cuts = std::env::var("SUANZI_POWER_CUTS").ok().map_or(CUTS, |n| n.parse().expect("a number"));
    let (said, ops) = session(None);
    let verdict = cut_everywhere(&said, &ops, cuts);
    println!("{} cuts, {} things told, {} syncs: {} lost", verdict.cuts, said.len(), verdict.syncs, verdict.lost.len());
    assert!(verdict.cuts >= 200 && verdict.syncs >= said.len(), "{} cuts, {} syncs", verdict.cuts, verdict.syncs);
    let checkpointed = ops.iter().any(|op| matches!(op, Op::Sync { file } if !file.ends_with("-wal")));
    assert!(checkpointed, "the log was never copied into the database");
    assert!(verdict.lost.is_empty(), "{:#?}", &verdict.lost[..verdict.lost.len().min(5)]);
}

#[test]
fn without_syncing_a_power_cut_loses_what_was_told() {
    let (said, ops) = session(Some(Defect::SynchronousOff));
    let verdict = cut_everywhere(&said, &ops, 200);
    assert!(!verdict.lost.is_empty(), "200 cuts of an unsynced database lost nothing: this test proves nothing");
}
