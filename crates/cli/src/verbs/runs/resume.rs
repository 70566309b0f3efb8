//! `suanzi runs resume`: goes on with runs whose owner died, here or in the process that owns the home now.

use super::ended;
use crate::attach::{self, CallError, Client, Turn};
use crate::fail::{Failure, RUN_FAILED};
use crate::home::Home;
use crate::interrupt;
use crate::isolation::Surroundings;
use crate::mlflow;
use crate::serving::Serving;
use crate::session::{Session, owner_name};
use crate::show::{self, progress::Progress};
use crate::workers::WorkersArgs;
use std::process::ExitCode;
use std::sync::Arc;
use suanzi_api::{Code, SubmitAnswer};
use suanzi_dag::Limits;
use suanzi_dag_engine::{Engine, Prepared, RunOptions, Step, Submitted, durable};
use suanzi_store::{RunFilter, RunRow, RunState};

/// How a stored DAG is shown in messages.
const STORED: &str = "the stored DAG";

/// All interrupted runs, or the one that is named.
pub fn run(name: Option<&str>, json: bool, local: WorkersArgs) -> Result<ExitCode, Failure> {
    let home = Home::open()?;
    match attach::take_or_ask(&home, STORED, |client| begin_there(&home, name, client))? {
        Turn::Mine(owner) => resume_here(Arc::new(Session::with(home, Some(owner))?), name, json, local),
        Turn::Theirs(begun) => follow_there(begun, json),
    }
}

/// One after the other in the order they were made, all at once in the engine.
fn resume_here(session: Arc<Session>, name: Option<&str>, json: bool, local: WorkersArgs) -> Result<ExitCode, Failure> {
    let only = match name {
        Some(name) => Some(unended(&session, name)?.key),
        None => None,
    };
    let owner = owner_name();
    let (engine, local) = session.engine_as(&owner, local, Surroundings::default())?;
    let mut claimed = durable(Step::Claimed, || session.store.claim_runs(&owner, only))?;
    claimed.sort_by_key(|r| r.key);
    if claimed.is_empty() {
        nothing();
    } else {
        local.prepare();
    }
    let mut going = Vec::new();
    let mut failed = false;
    for row in &claimed {
        let done = session.store.tasks(row.key)?.iter().filter(|t| t.state.is_final()).count();
        match begin_again(&session, &engine, row) {
            Ok(started) => {
                interrupt::cancels(Arc::downgrade(&engine), row.key);
                going.push((row, started, done));
            }
            Err(failure) => {
                failed = true;
                talk!("run {} can't go on:", row.run_id);
                failure.tell();
            }
        }
    }
    let serving = Serving::start(&session, &engine, &local, &owner);
    let mut reports = Vec::new();
    for (row, (prepared, submitted), done) in going {
        talk!("resuming run {}", row.run_id);
        let progress = Progress::new(&prepared, &row.run_id, json).already(done);
        failed |= crate::verbs::run::follow(&engine, &submitted, progress)? != RunState::Success;
        mlflow::note(&session, &row.run_id);
        reports.push(session.report(row.key)?);
    }
    serving.end(false, || tell(&reports, json))?;
    if let Some(row) = claimed.last() {
        mlflow::send(&session, &row.run_id);
    }
    Ok(exit_code(failed))
}

fn begin_again(session: &Session, engine: &Arc<Engine>, row: &RunRow) -> Result<(Prepared, Submitted), Failure> {
    let options: RunOptions = serde_json::from_str(&row.config)
        .map_err(|e| Failure::invalid(format!("its stored options aren't understood: {e}")))?;
    let version =
        session.store.dag_version(row.dag_version)?.ok_or_else(|| Failure::invalid("its DAG version is gone"))?;
    let prepared = crate::verbs::run::prepared_again(session, &options, &version.source)?;
    let submitted = engine.resume(row, &prepared).map_err(|e| Failure::submit(STORED, e))?;
    Ok((prepared, submitted))
}

/// Runs that go on in the process that owns the home.
struct Begun {
    session: Session,
    going: Vec<(RunRow, SubmitAnswer)>,
    failed: bool,
}

fn begin_there(home: &Home, name: Option<&str>, client: &Client) -> Result<Begun, CallError> {
    let session = Session::with(home.clone(), None)?;
    let rows = match name {
        Some(name) => vec![unended(&session, name)?],
        None => interrupted(&session)?,
    };
    let mut begun = Begun { session, going: Vec::new(), failed: false };
    for row in rows {
        match client.resume(&row.run_id) {
            Ok(answer) => begun.going.push((row, answer)),
            Err(CallError::Refused(problem)) if problem.code == Code::RunIsGoing => {
                if name.is_some() {
                    talk!("run {} is going already, in {}", row.run_id, attach::owner_of(home));
                }
            }
            // It ended while this looked.
            Err(CallError::Refused(problem)) if problem.code == Code::RunEnded => {}
            Err(error @ CallError::Refused(_)) if begun.going.is_empty() && is_closing(&error) => return Err(error),
            Err(CallError::Refused(problem)) => {
                begun.failed = true;
                talk!("run {} can't go on:", row.run_id);
                attach::failure(STORED, &problem).tell();
            }
            Err(error) if begun.going.is_empty() => return Err(error),
            Err(_) => {
                begun.failed = true;
                attach::went_away(&row.run_id).tell();
            }
        }
    }
    Ok(begun)
}

fn is_closing(error: &CallError) -> bool {
    matches!(error, CallError::Refused(problem) if problem.code == Code::Closing)
}

fn follow_there(begun: Begun, json: bool) -> Result<ExitCode, Failure> {
    let Begun { session, going, mut failed } = begun;
    if going.is_empty() && !failed {
        nothing();
    }
    let client = Client::new(&session.home)?;
    let mut reports = Vec::new();
    for (row, answer) in &going {
        talk!("resuming run {} in {}", row.run_id, attach::owner_of(&session.home));
        let version =
            session.store.dag_version(row.dag_version)?.ok_or_else(|| Failure::invalid("its DAG version is gone"))?;
        let document = suanzi_dag::read(&version.source, &Limits::file()).map_err(|f| Failure::faults(STORED, &f))?;
        let (key, state) = attach::follow(&client, &session, answer, &document, json)?;
        failed |= state != RunState::Success;
        reports.push(session.report(key)?);
    }
    tell(&reports, json)?;
    Ok(exit_code(failed))
}

fn unended(session: &Session, name: &str) -> Result<RunRow, Failure> {
    let run = show::find_run(session.store.as_ref(), name)?;
    if run.state == RunState::Running {
        return Ok(run);
    }
    Err(ended(&run).hint("`suanzi run FILE --failed` runs what failed or is missing in it"))
}

/// Runs that haven't ended, the oldest first. Which of them are going only their owner knows.
fn interrupted(session: &Session) -> Result<Vec<RunRow>, Failure> {
    let mut rows = session.store.runs(&RunFilter { states: vec![RunState::Running], ..RunFilter::default() })?;
    rows.reverse();
    Ok(rows)
}

fn nothing() {
    talk!("nothing to resume: no run was interrupted");
}

fn tell(reports: &[suanzi_api::RunReport], json: bool) -> Result<(), Failure> {
    if json {
        return show::json(&reports);
    }
    reports.iter().for_each(show::report::print);
    Ok(())
}

fn exit_code(failed: bool) -> ExitCode {
    if failed { ExitCode::from(RUN_FAILED) } else { ExitCode::SUCCESS }
}
