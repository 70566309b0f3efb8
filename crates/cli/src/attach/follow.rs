//! An attached run as it goes, shown like one's own.

use super::{CallError, Client, failure, went_away, wire};
use crate::fail::Failure;
use crate::interrupt;
use crate::session::Session;
use crate::show::progress::Progress;
use std::collections::HashMap;
use std::thread::sleep;
use std::time::{Duration, Instant};
use suanzi_api::SubmitAnswer;
use suanzi_dag::Document;
use suanzi_dag_engine::RunEvent;
use suanzi_store::{RunKey, RunRow, RunState};

/// How long an owner that ended its connections has to end itself.
const MAX_ENDING_S: u64 = 10;
const LOOK_AGAIN_MS: u64 = 50;

/// Shows a run's events until it ends. An interruption cancels this run alone.
pub fn follow(
    client: &Client,
    session: &Session,
    answer: &SubmitAnswer,
    document: &Document,
    quiet: bool,
) -> Result<(RunKey, RunState), Failure> {
    let run_id = &answer.run_id;
    cancels(session, run_id);
    let names: Vec<String> = document.dag.operators.iter().map(|op| op.id.to_string()).collect();
    let positions: HashMap<String, u32> = names.iter().cloned().zip(0..).collect();
    let key = row(session, run_id)?.key;
    let mut progress = Progress::of(names, answer.total as usize, run_id, quiet);
    let mut state = None;
    let told = client.events(run_id, &mut |event| {
        let Some(event) = wire::event(event, key, &positions) else { return };
        if let RunEvent::RunEnded { state: ended, .. } = event {
            state = Some(ended);
        }
        progress.tell(&event);
    });
    let state = match (state, told) {
        (Some(state), _) => state,
        (None, Err(CallError::Refused(problem))) => return Err(failure(run_id, &problem)),
        (None, _) => settle(session, run_id)?,
    };
    progress.finish();
    Ok((key, state))
}

/// The stream ended before the run did, as far as it told: the run's row knows.
fn settle(session: &Session, run_id: &str) -> Result<RunState, Failure> {
    let began = Instant::now();
    loop {
        // Before the row, so that what the owner wrote last is seen.
        let gone = session.home.own()?.is_some() || began.elapsed() > Duration::from_secs(MAX_ENDING_S);
        let state = row(session, run_id)?.state;
        if state != RunState::Running {
            return Ok(state);
        }
        if gone {
            return Err(went_away(run_id));
        }
        sleep(Duration::from_millis(LOOK_AGAIN_MS));
    }
}

fn row(session: &Session, run_id: &str) -> Result<RunRow, Failure> {
    session.store.run_by_id(run_id)?.ok_or_else(|| Failure::invalid(format!("run {run_id} is gone")))
}

fn cancels(session: &Session, run_id: &str) {
    let (home, run_id) = (session.home.clone(), run_id.to_string());
    // On the thread of interruptions: a client of its own.
    interrupt::also(move || {
        let cancelled = Client::new(&home).map_err(CallError::from).and_then(|client| client.cancel(&run_id));
        match cancelled {
            Ok(_) | Err(CallError::Away(_)) => {}
            Err(CallError::Refused(problem)) => talk!("{}", problem.detail),
            Err(CallError::Failed(failure)) => drop(failure.tell()),
        }
    });
}
