//! `suanzi runs`: list, show, resume, cancel.

use crate::args::{RunsArgs, RunsVerb};
use crate::fail::{Failure, RUN_FAILED};
use crate::session::Session;
use crate::show::{self, progress::Progress, report::RunReport};
use std::process::ExitCode;
use suanzi_dag_engine::RunOptions;
use suanzi_store::{RunFilter, RunState};

pub fn run(args: RunsArgs) -> Result<ExitCode, Failure> {
    match args.verb {
        None => list(args.limit, args.json),
        Some(RunsVerb::Show { run, json }) => show_one(&run, json),
        Some(RunsVerb::Resume { run, json, workers }) => resume(run.as_deref(), json, workers),
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
        eprintln!("no runs yet; `suanzi run FILE` makes one");
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
    let report = RunReport::load(session.store.as_ref(), &session.home, run.key)?;
    if json {
        show::json(&report)?
    } else {
        report.print()
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes over interrupted runs, one after the other in the order they were made, all at once in the engine.
fn resume(name: Option<&str>, json: bool, workers: Option<u32>) -> Result<ExitCode, Failure> {
    let session = Session::owner()?;
    if session.owner.is_none() {
        return Err(Failure::invalid("another process owns this home, and goes on with its runs itself"));
    }
    let only = match name {
        Some(name) => {
            let run = show::find_run(session.store.as_ref(), name)?;
            if run.state != RunState::Running {
                return Err(Failure::invalid(format!("run {} has ended ({})", run.run_id, show::run_word(run.state)))
                    .hint("`suanzi run FILE --failed` runs what failed or is missing in it"));
            }
            Some(run.key)
        }
        None => None,
    };
    let owner = format!("resume-{}-{}", std::process::id(), show::now_millis());
    let (engine, local) = session.engine_as(&owner, workers)?;
    let mut claimed = session.store.claim_runs(&owner, only)?;
    claimed.sort_by_key(|r| r.key);
    if claimed.is_empty() {
        eprintln!("nothing to resume: no run was interrupted");
    } else {
        local.prepare();
    }
    let mut going = Vec::new();
    let mut failed = false;
    for row in &claimed {
        match begin_again(&session, &engine, row) {
            Ok(started) => going.push((row, started)),
            Err(failure) => {
                failed = true;
                eprintln!("run {} can't go on:", row.run_id);
                failure.tell();
            }
        }
    }
    let mut reports = Vec::new();
    for (row, (prepared, submitted)) in going {
        eprintln!("resuming run {}", row.run_id);
        let progress = Progress::new(&prepared, &row.run_id, json);
        failed |= super::run::follow(&engine, &submitted, progress)? != RunState::Success;
        reports.push(RunReport::load(session.store.as_ref(), &session.home, row.key)?);
    }
    engine.shutdown();
    if json {
        show::json(&reports)?;
    } else {
        reports.iter().for_each(RunReport::print);
    }
    Ok(if failed { ExitCode::from(RUN_FAILED) } else { ExitCode::SUCCESS })
}

type Begun = (suanzi_dag_engine::Prepared, suanzi_dag_engine::Submitted);

fn begin_again(
    session: &Session,
    engine: &std::sync::Arc<suanzi_dag_engine::Engine>,
    row: &suanzi_store::RunRow,
) -> Result<Begun, Failure> {
    let options: RunOptions = serde_json::from_str(&row.config)
        .map_err(|e| Failure::invalid(format!("its stored options aren't understood: {e}")))?;
    let version =
        session.store.dag_version(row.dag_version)?.ok_or_else(|| Failure::invalid("its DAG version is gone"))?;
    let prepared = super::run::prepared_again(session, &options, &version.source)?;
    let submitted = engine.resume(row, &prepared).map_err(|e| Failure::submit("the stored DAG", e))?;
    Ok((prepared, submitted))
}

fn cancel(name: &str) -> Result<ExitCode, Failure> {
    let session = Session::writer()?;
    let run = show::find_run(session.store.as_ref(), name)?;
    if run.state != RunState::Running {
        return Err(Failure::invalid(format!("run {} has ended ({})", run.run_id, show::run_word(run.state))));
    }
    session.store.request_cancel(run.key)?;
    eprintln!("run {} is to be cancelled; interrupted runs are when they are resumed", run.run_id);
    Ok(ExitCode::SUCCESS)
}
