//! One owner per home: a command takes the home if it is free, else asks the process that has it. Between looking at the lock and asking, an owner may end: then the command looks again.

mod client;
mod follow;
mod wire;

pub use client::{CallError, Client};
pub use follow::follow;

use crate::database;
use crate::fail::{Failure, RUN_FAILED};
use crate::home::{Home, Owner};
use std::thread::sleep;
use std::time::{Duration, Instant};
use suanzi_api::{Code, Fault, Problem};

/// How long an owner that doesn't answer is asked again: it may be reading operators before it serves, or be a command that never does.
const MAX_WAIT_S: u64 = 30;
/// After this it is said what is waited for.
const SILENT_WAIT_MS: u64 = 1_000;
const ASK_AGAIN_MS: u64 = 20;

/// Who does it.
pub enum Turn<T> {
    /// This process: the home is its own now.
    Mine(Owner),
    /// The process that owns the home; this is its answer.
    Theirs(T),
}

/// `file`: how the DAG that is asked about is shown in messages.
pub fn take_or_ask<T>(
    home: &Home,
    file: &str,
    mut ask: impl FnMut(&Client) -> Result<T, CallError>,
) -> Result<Turn<T>, Failure> {
    let began = Instant::now();
    let mut said = false;
    loop {
        if let Some(owner) = home.own()? {
            return Ok(Turn::Mine(owner));
        }
        same_database(home)?;
        crate::artifacts::same(home)?;
        // Nothing is made ready for an owner that isn't there (yet).
        let asked = home.connect().map_err(|e| CallError::Away(e.to_string())).and_then(|_| ask(&Client::new(home)?));
        let why = match asked {
            Ok(answer) => return Ok(Turn::Theirs(answer)),
            Err(CallError::Away(why)) => why,
            Err(CallError::Refused(problem)) if problem.code == Code::Closing => problem.detail,
            Err(CallError::Refused(problem)) => return Err(failure(file, &problem)),
            Err(CallError::Failed(failure)) => return Err(failure),
        };
        if began.elapsed() > Duration::from_secs(MAX_WAIT_S) {
            return Err(Failure::invalid(format!("{} doesn't take other commands ({why})", owner_of(home)))
                .hint("wait for it to end, or set SUANZI_HOME to another directory"));
        }
        if !said && began.elapsed() > Duration::from_millis(SILENT_WAIT_MS) {
            said = true;
            talk!("waiting for {}", owner_of(home));
        }
        sleep(Duration::from_millis(ASK_AGAIN_MS));
    }
}

/// What the owner does lands in its database: nobody is sent there who named another.
fn same_database(home: &Home) -> Result<(), Failure> {
    let mine = database::shown(home);
    match home.owner_database() {
        Some(theirs) if theirs != mine => Err(Failure::invalid(format!(
            "{} keeps its state in another database: {theirs}, not {mine}",
            owner_of(home)
        ))
        .hint("name the same with --database-url, or set SUANZI_HOME to another directory")),
        _ => Ok(()),
    }
}

/// "process 1234, which owns /home/u/.suanzi".
pub fn owner_of(home: &Home) -> String {
    let pid = home.owner_pid().map_or("the process".to_string(), |pid| format!("process {pid}"));
    format!("{pid}, which owns {},", home.root.display())
}

/// The owner ended under a run that was attached to it.
pub fn went_away(run_id: &str) -> Failure {
    let mut failure = Failure::invalid(format!("the engine went away; `suanzi runs resume {run_id}` goes on"));
    failure.code = RUN_FAILED;
    failure
}

/// A problem in the words of one found here.
pub fn failure(file: &str, problem: &Problem) -> Failure {
    let failure = if problem.faults.is_empty() {
        Failure::invalid(&problem.detail)
    } else {
        let errors = problem.faults.iter().filter(|f| !f.warning).count();
        let lines: Vec<String> = problem.faults.iter().map(|f| in_file(file, f)).collect();
        let count = format!("{errors} {} in {file}", if errors == 1 { "error" } else { "errors" });
        Failure::invalid(format!("{}\n{count}", lines.join("\n")))
    };
    match &problem.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// As [`crate::fail::in_file`] says it of faults found here.
pub fn in_file(file: &str, fault: &Fault) -> String {
    if fault.line.is_some() { format!("{file}:{fault}") } else { format!("{file}: {fault}") }
}
