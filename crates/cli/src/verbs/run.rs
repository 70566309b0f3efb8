//! `suanzi run FILE`: plan, run, show what came out.

use crate::args::{DagArgs, LAST, RunArgs};
use crate::attach::{self, CallError, Client, Turn};
use crate::fail::{Failure, RUN_FAILED};
use crate::home::Home;
use crate::interrupt;
use crate::isolation::Surroundings;
use crate::mlflow;
use crate::serving::Serving;
use crate::session::{Session, owner_name, read_document};
use crate::show::{self, progress::Progress};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use suanzi_api::{SubmitAnswer, SubmitRequest};
use suanzi_dag::Document;
use suanzi_dag_engine::{CacheMode, Engine, Plan, Prepared, RunEvent, RunOptions, Submitted};
use suanzi_store::{RunFilter, RunKey, RunState, Store};

pub fn run(args: RunArgs) -> Result<ExitCode, Failure> {
    let file = args.file.display().to_string();
    let document = read_document(&args.file)?;
    let home = Home::open()?;
    match attach::take_or_ask(&home, &file, |client| begin_there(&args, &file, &document, &home, client))? {
        Turn::Mine(owner) => {
            let mut session = Session::with(home, Some(owner))?;
            session.pools = args.pools.iter().cloned().collect();
            run_here(&args, &file, document, Arc::new(session))
        }
        Turn::Theirs((session, answer)) => follow_there(&args, &document, &session, &answer),
    }
}

/// In this process, which owns the home.
fn run_here(args: &RunArgs, file: &str, document: Arc<Document>, session: Arc<Session>) -> Result<ExitCode, Failure> {
    let options = run_options(args, &document, session.store.as_ref())?;
    let catalogue = session.catalogue(&options.operator_dirs)?;
    let prepared = session.prepare(&catalogue, document, &options, file)?;
    if !args.quiet {
        show::warnings(file, &prepared.bound.warnings);
    }
    let plan = Plan::of(&prepared, session.store.as_ref())?;
    if plan.runs_anything() {
        check_platforms(&session, &prepared)?;
    }
    let owner = owner_name();
    let around = Surroundings {
        operator_dirs: options.operator_dirs.clone(),
        data: prepared.files.iter().flatten().map(|file| file.path.clone()).collect(),
        ..Surroundings::default()
    };
    let (engine, local) = session.engine_as(&owner, args.local, around)?;
    if plan.runs_anything() {
        // Python imports while the run is being written down.
        local.prepare();
    }
    let submitted = engine.submit(&prepared, &plan.resolution).map_err(|e| Failure::submit(file, e))?;
    let serving = Serving::start(&session, &engine, &local, &owner);
    let progress = Progress::new(&prepared, &submitted.run_id, hides_progress(args));
    let state = follow(&engine, &submitted, progress)?;
    mlflow::note(&session, &submitted.run_id);
    serving.end(args.quiet, || tell(args, &session, submitted.key))?;
    mlflow::send(&session, &submitted.run_id);
    session.make_room(submitted.key)?;
    Ok(exit_code(state))
}

/// A platform that doesn't answer is told before anything begins.
fn check_platforms(session: &Session, prepared: &Prepared) -> Result<(), Failure> {
    let names: std::collections::BTreeSet<&str> = prepared.bound.ops.iter().map(|op| op.executor.as_str()).collect();
    names.into_iter().try_for_each(|name| session.configured.check(name, &session.python, &session.home.logs()))
}

type Begun = (Session, SubmitAnswer);

/// Has the process that owns the home begin the run.
fn begin_there(
    args: &RunArgs,
    file: &str,
    document: &Document,
    home: &Home,
    client: &Client,
) -> Result<Begun, CallError> {
    let session = Session::with(home.clone(), None)?;
    let options = run_options(args, document, session.store.as_ref())?;
    let request = SubmitRequest {
        source: Some(document.source().to_string()),
        options: serde_json::to_value(&options).map_err(Failure::invalid)?,
        environment: Some(session.environment.fingerprint.clone()),
        ..SubmitRequest::default()
    };
    let answer = client.submit(&request)?;
    if !args.quiet {
        talk!("the run goes in {} until it ends", attach::owner_of(home));
        answer.warnings.iter().for_each(|w| talk!("{}", attach::in_file(file, w)));
        if args.local.is_set() || !args.pools.is_empty() {
            talk!("note: --workers, --memory, --isolation and --pool are not used: that process has its own already");
        }
    }
    Ok((session, answer))
}

fn follow_there(
    args: &RunArgs,
    document: &Document,
    session: &Session,
    answer: &SubmitAnswer,
) -> Result<ExitCode, Failure> {
    let client = Client::new(&session.home)?;
    let (key, state) = attach::follow(&client, session, answer, document, hides_progress(args))?;
    tell(args, session, key)?;
    Ok(exit_code(state))
}

fn run_options(args: &RunArgs, document: &Document, store: &dyn Store) -> Result<RunOptions, Failure> {
    let mut options = options(&args.dag, &args.file, document, store)?;
    options.priority = args.priority;
    options.concurrency = args.concurrency;
    Ok(options)
}

fn hides_progress(args: &RunArgs) -> bool {
    args.quiet || args.json && !show::stderr_is_terminal()
}

fn tell(args: &RunArgs, session: &Session, run: RunKey) -> Result<(), Failure> {
    let report = session.report(run)?;
    if args.json {
        return show::json(&report);
    }
    show::report::print(&report);
    Ok(())
}

fn exit_code(state: RunState) -> ExitCode {
    if state == RunState::Success { ExitCode::SUCCESS } else { ExitCode::from(RUN_FAILED) }
}

/// Shows events until the run ends.
pub fn follow(engine: &Arc<Engine>, submitted: &Submitted, mut progress: Progress) -> Result<RunState, Failure> {
    interrupt::cancels(Arc::downgrade(engine), submitted.key);
    let mut state = None;
    for event in &submitted.events {
        progress.tell(&event);
        if let RunEvent::RunEnded { state: ended, .. } = event {
            state = Some(ended);
            break;
        }
    }
    progress.finish();
    state.ok_or_else(|| {
        Failure::invalid("the run was taken over by another process").hint("`suanzi runs show` says how it goes")
    })
}

/// Flags as options of a run. Relative paths start where the command was typed; those in the DAG at its file.
pub fn options(args: &DagArgs, file: &Path, document: &Document, store: &dyn Store) -> Result<RunOptions, Failure> {
    let file = (file != Path::new("-")).then(|| std::fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf()));
    let here = std::env::current_dir()?;
    let base_dir = file.as_ref().and_then(|f| f.parent()).map_or(here, Path::to_path_buf);
    let mut datasets = std::collections::BTreeMap::new();
    for (id, path) in &args.datasets {
        datasets.insert(id.clone(), std::path::absolute(path)?);
    }
    let failed_of = match &args.failed {
        Some(name) if name == LAST => {
            let identity = suanzi_dag_engine::identity(document, file.as_deref());
            let filter = RunFilter { dag_identity: Some(identity), limit: 1, ..RunFilter::default() };
            let last = store.runs(&filter)?.into_iter().next();
            Some(last.ok_or_else(|| Failure::invalid("this DAG was never run").hint("leave out --failed"))?.run_id)
        }
        Some(name) => Some(crate::show::find_run(store, name)?.run_id),
        None => None,
    };
    Ok(RunOptions {
        seed: args.seed,
        cache: if args.no_cache { CacheMode::Bypass } else { CacheMode::Use },
        datasets,
        parameters: args.parameters.iter().cloned().collect(),
        operator_dirs: args.operator_dirs.iter().map(std::path::absolute).collect::<Result<Vec<PathBuf>, _>>()?,
        executor: args.executor.clone(),
        from: args.from.clone(),
        to: args.to.clone(),
        only: args.only.clone(),
        failed_of,
        base_dir,
        file,
        ..RunOptions::default()
    })
}

/// Kept for those that begin from what a run was given.
pub fn prepared_again(session: &Session, options: &RunOptions, source: &str) -> Result<Prepared, Failure> {
    let catalogue = session.catalogue(&options.operator_dirs)?;
    let document =
        suanzi_dag::read(source, &suanzi_dag::Limits::file()).map_err(|f| Failure::faults("the stored DAG", &f))?;
    session.prepare(&catalogue, Arc::new(document), options, "the stored DAG")
}
