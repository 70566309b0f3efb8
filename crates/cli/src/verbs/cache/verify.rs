//! `suanzi cache verify`: computes a sample of kept results again and compares. A difference means that an operator isn't deterministic and doesn't say so.

use crate::fail::{Failure, RUN_FAILED};
use crate::session::Session;
use crate::show;
use crate::workers::WorkersArgs;
use std::collections::BTreeSet;
use std::process::ExitCode;
use suanzi_dag::Limits;
use suanzi_dag_engine::{Plan, RunEvent, RunOptions};
use suanzi_store::{ArtifactRow, OutputRow, RunFilter, RunRow, RunState, TaskState};

/// How many of the newest runs the sample is taken from.
const RUNS_SAMPLED: u32 = 20;

pub fn run(sample: u32) -> Result<ExitCode, Failure> {
    let session = Session::owner()?;
    if session.owner.is_none() {
        return Err(Failure::invalid("another process owns this home").hint("wait for its runs to end"));
    }
    let filter = RunFilter { states: vec![RunState::Success], limit: RUNS_SAMPLED, ..RunFilter::default() };
    let mut left = sample as usize;
    let mut checked = 0;
    let mut different = Vec::new();
    let mut seen = BTreeSet::new();
    for row in session.store.runs(&filter)? {
        if left == 0 {
            break;
        }
        let (done, differ) = verify_run(&session, &row, left, &mut seen)?;
        left -= done.min(left);
        checked += done;
        different.extend(differ);
    }
    talk!("{checked} results computed again, {} differ", different.len());
    for line in &different {
        say!("{line}");
    }
    if different.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    talk!(
        "hint: an operator whose result differs each time declares `deterministic=False`; what it drew from chance should come from the context's seed"
    );
    Ok(ExitCode::from(RUN_FAILED))
}

/// Runs up to `most` of a run's operators again. Gives how many, and what differs.
fn verify_run(
    session: &Session,
    row: &RunRow,
    most: usize,
    seen: &mut BTreeSet<String>,
) -> Result<(usize, Vec<String>), Failure> {
    let Some(version) = session.store.dag_version(row.dag_version)? else { return Ok((0, Vec::new())) };
    let Ok(document) = suanzi_dag::read(&version.source, &Limits::file()) else { return Ok((0, Vec::new())) };
    let id = |op: u32| document.dag.operators.get(op as usize).map(|o| o.id.to_string());
    let before = session.store.outputs(row.key)?;
    let mut only: Vec<String> = Vec::new();
    for task in session.store.tasks(row.key)? {
        let kept = before.iter().any(|o| o.op == task.op && o.artifact.present);
        let Some(id) = id(task.op).filter(|_| kept && task.state == TaskState::Success) else { continue };
        if only.len() < most && seen.insert(format!("{}#{id}", row.dag_identity)) {
            only.push(id);
        }
    }
    if only.is_empty() {
        return Ok((0, Vec::new()));
    }
    let stored: RunOptions = serde_json::from_str(&row.config).unwrap_or_default();
    let options = RunOptions { from: Vec::new(), to: Vec::new(), failed_of: None, only: only.clone(), ..stored };
    // What can't be prepared any more (sources, files or inputs are gone) can't be verified, and isn't used either.
    let Ok(prepared) = crate::verbs::run::prepared_again(session, &options, &version.source) else {
        return Ok((0, Vec::new()));
    };
    let plan = Plan::of(&prepared, session.store.as_ref())?;
    let (engine, local) = session.engine(WorkersArgs::of_environment()?)?;
    local.prepare();
    let Ok(submitted) = engine.submit(&prepared, &plan.resolution) else {
        engine.shutdown();
        return Ok((0, Vec::new()));
    };
    for event in &submitted.events {
        if matches!(event, RunEvent::RunEnded { .. }) {
            break;
        }
    }
    engine.shutdown();
    let after = session.store.outputs(submitted.key)?;
    let mut different = Vec::new();
    for new in &after {
        let Some(id) = id(new.op).filter(|id| only.contains(id)) else { continue };
        let Some(old) = before.iter().find(|o: &&OutputRow| (o.op, o.port) == (new.op, new.port)) else { continue };
        if !same(session, &old.artifact, &new.artifact) {
            different
                .push(format!("{id}, output {}: run {} and run {} differ", new.port, row.run_id, submitted.run_id));
        }
    }
    talk!("run {}: {} operators again ({})", row.run_id, only.len(), show::timestamp(row.created_at));
    Ok((only.len(), different))
}

/// Models have no comparable bytes; what they predict is compared where a prediction follows.
fn same(session: &Session, old: &ArtifactRow, new: &ArtifactRow) -> bool {
    match new.port_type.as_str() {
        "data" => old.content_id.is_none() || old.content_id == new.content_id,
        "model" | "transform" | "estimator" => true,
        _ => {
            !old.present || {
                let artifacts = session.artifacts.store.as_ref();
                suanzi_report::read_json(old, artifacts) == suanzi_report::read_json(new, artifacts)
            }
        }
    }
}
