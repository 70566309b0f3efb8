//! `suanzi run FILE`: plan, run, show what came out.

use crate::args::{DagArgs, LAST, RunArgs};
use crate::fail::{Failure, RUN_FAILED};
use crate::interrupt;
use crate::session::{Session, read_document};
use crate::show::{self, progress::Progress, report::RunReport};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use suanzi_dag::Document;
use suanzi_dag_engine::{CacheMode, Engine, Plan, Prepared, RunEvent, RunOptions, Submitted};
use suanzi_store::{RunFilter, RunState, Store};

pub fn run(args: RunArgs) -> Result<ExitCode, Failure> {
    let file = args.file.display().to_string();
    let document = read_document(&args.file)?;
    let session = Session::owner()?;
    if session.owner.is_none() {
        return Err(Failure::invalid(format!("another process owns {}", session.home.root.display()))
            .hint("wait for it to end, or set SUANZI_HOME to another directory"));
    }
    let mut options = options(&args.dag, &args.file, &document, session.store.as_ref())?;
    options.priority = args.priority;
    options.concurrency = args.concurrency;
    let catalogue = session.catalogue(&options.operator_dirs)?;
    let prepared = session.prepare(&catalogue, document, &options, &file)?;
    if !args.quiet {
        show::warnings(&file, &prepared.bound.warnings);
    }
    let plan = Plan::of(&prepared, session.store.as_ref())?;
    let (engine, local) = session.engine(args.workers)?;
    if plan.runs_anything() {
        // Python imports while the run is being written down.
        local.prepare();
    }
    let submitted = engine.submit(&prepared, &plan.resolution).map_err(|e| Failure::submit(&file, e))?;
    let progress = Progress::new(&prepared, &submitted.run_id, args.quiet || args.json && !show::stderr_is_terminal());
    let state = follow(&engine, &submitted, progress)?;
    engine.shutdown();
    let report = RunReport::load(session.store.as_ref(), &session.home, submitted.key)?;
    if args.json {
        show::json(&report)?;
    } else {
        report.print();
    }
    Ok(if state == RunState::Success { ExitCode::SUCCESS } else { ExitCode::from(RUN_FAILED) })
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
