//! `suanzi runs`: list, show, resume, cancel.

mod resume;

use crate::args::{RunsArgs, RunsVerb};
use crate::attach::{self, Client, Turn};
use crate::fail::Failure;
use crate::home::Home;
use crate::mlflow;
use crate::session::Session;
use crate::show;
use std::process::ExitCode;
use suanzi_store::{RunFilter, RunRow, RunState};

pub fn run(args: RunsArgs) -> Result<ExitCode, Failure> {
    match args.verb {
        None => list(args.limit, args.json),
        Some(RunsVerb::Show { run, json }) => show_one(&run, json),
        Some(RunsVerb::Resume { run, json, local }) => resume::run(run.as_deref(), json, local),
        Some(RunsVerb::Cancel { run }) => cancel(&run),
    }
}

fn list(limit: u32, json: bool) -> Result<ExitCode, Failure> {
    let session = Session::reader()?;
    let runs = session.store.runs(&RunFilter { limit, ..RunFilter::default() })?;
    if json {
        let rows: Vec<_> = runs
            .iter()
            .map(|r| {
                serde_json::json!({
                    "run_id": r.run_id, "status": show::run_word(r.state), "dag": r.dag_identity, "operators": r.total,
                    "created_at": show::timestamp(r.created_at), "duration_ms": r.ended_at.map(|e| e - r.created_at),
                })
            })
            .collect();
        show::json(&rows)?;
    } else if runs.is_empty() {
        talk!("no runs yet; `suanzi run FILE` makes one");
    } else {
        let rows: Vec<_> = runs
            .iter()
            .map(|r| {
                let took = r.ended_at.map(|e| show::millis((e - r.created_at).max(0) as u64)).unwrap_or_default();
                vec![
                    r.run_id.clone(),
                    show::run_word(r.state).into(),
                    r.total.to_string(),
                    took,
                    show::timestamp(r.created_at),
                    r.dag_identity.clone(),
                ]
            })
            .collect();
        show::table(&["run", "status", "operators", "took", "created (UTC)", "dag"], &rows);
    }
    Ok(ExitCode::SUCCESS)
}

fn show_one(name: &str, json: bool) -> Result<ExitCode, Failure> {
    let session = Session::reader()?;
    let run = show::find_run(session.store.as_ref(), name)?;
    let report = session.report(run.key)?;
    if json {
        show::json(&report)?
    } else {
        show::report::print(&report);
        show::report::print_failures(&report);
        if let Some(said) = mlflow::of_run(&session.home, &run.run_id) {
            say!("MLflow: {said}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The owner cancels what goes with it; where there is none, the wish is written down.
fn cancel(name: &str) -> Result<ExitCode, Failure> {
    let home = Home::open()?;
    let ask = |client: &Client| {
        let session = Session::with(home.clone(), None)?;
        client.cancel(&running(&session, name)?.run_id)
    };
    let session = match attach::take_or_ask(&home, name, ask)? {
        Turn::Mine(owner) => Session::with(home.clone(), Some(owner))?,
        Turn::Theirs(run) => {
            talk!("run {} is being cancelled", run.run_id);
            return Ok(ExitCode::SUCCESS);
        }
    };
    let run = running(&session, name)?;
    session.store.request_cancel(run.key)?;
    talk!("run {} is to be cancelled; interrupted runs are when they are resumed", run.run_id);
    Ok(ExitCode::SUCCESS)
}

/// A run that hasn't ended.
fn running(session: &Session, name: &str) -> Result<RunRow, Failure> {
    let run = show::find_run(session.store.as_ref(), name)?;
    if run.state == RunState::Running {
        return Ok(run);
    }
    Err(ended(&run))
}

fn ended(run: &RunRow) -> Failure {
    Failure::invalid(format!("run {} has ended ({})", run.run_id, show::run_word(run.state)))
}
