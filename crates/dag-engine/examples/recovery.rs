//! How soon an engine is back: a DAG of independent operators, all of them under way on an executor that never ends them. `cargo run --release -p suanzi-dag-engine --example recovery -- OPERATORS HOME`;
//! the first engine of a home begins the run, each later one takes it over. `bench/workloads/recovery.py` kills them.
//!
//! Prints two lines, in milliseconds since the process began: `scheduling` when the first attempt is handed to the executor, `in_flight` once the rows of all are committed. Then it waits to be killed.

mod nothing;

use nothing::{Bench, Failure, layers};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Once;
use std::time::{Duration, Instant};
use suanzi_dag_engine::{Resolution, RunEvent};
use suanzi_executor::{NullExecutor, Script};

/// Longer than any benchmark.
const NEVER: Duration = Duration::from_secs(86_400);

fn main() -> Result<(), Failure> {
    let began = Instant::now();
    let mut args = std::env::args().skip(1);
    let operators: usize = args.next().ok_or("how many operators?")?.parse()?;
    let home = PathBuf::from(args.next().ok_or("in which home?")?);
    let first = Once::new();
    let executor = NullExecutor::scripted(u32::try_from(operators)?, move |_| {
        first.call_once(|| say("scheduling", began));
        Script { delay: NEVER, ..Script::nothing() }
    });
    let owner = format!("recovery-{}", std::process::id());
    let bench = Bench::new(&home, &owner, executor)?;
    let claimed = bench.store.claim_runs(&owner, None)?;
    let submitted = match claimed.first() {
        Some(row) => {
            let version = bench.store.dag_version(row.dag_version)?.ok_or("its DAG is gone")?;
            bench.engine.resume(row, &bench.prepared(&version.source)?)?
        }
        None => {
            let prepared = bench.prepared(&layers(operators, operators))?;
            let resolution = Resolution::of(&prepared, bench.store.as_ref())?;
            bench.engine.submit(&prepared, &resolution)?
        }
    };
    let mut started = 0;
    for event in submitted.events {
        match event {
            RunEvent::TaskStarted { .. } => started += 1,
            RunEvent::TaskEnded(_) | RunEvent::RunEnded { .. } => return Err("something ended".into()),
            RunEvent::Progress { .. } | RunEvent::Metric { .. } => {}
        }
        if started == operators {
            say("in_flight", began);
        }
    }
    Err("the run is over".into())
}

fn say(what: &str, began: Instant) {
    let mut out = std::io::stdout().lock();
    // Who reads this may have killed us meanwhile.
    let _ = writeln!(out, "{what} {:.1}", began.elapsed().as_secs_f64() * 1e3);
    let _ = out.flush();
}
