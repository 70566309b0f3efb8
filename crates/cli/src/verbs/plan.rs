//! `suanzi plan FILE`: what a run would do, and why. Runs nothing, starts no Python.

use crate::args::PlanArgs;
use crate::fail::Failure;
use crate::session::{Session, read_document};
use crate::show;
use std::process::ExitCode;
use suanzi_dag_engine::{Plan, Verdict};

pub fn run(args: PlanArgs) -> Result<ExitCode, Failure> {
    let file = args.file.display().to_string();
    let document = read_document(&args.file)?;
    let session = Session::reader()?;
    let options = super::run::options(&args.dag, &args.file, &document, session.store.as_ref())?;
    let catalogue = session.catalogue(&options.operator_dirs)?;
    let prepared = session.prepare(&catalogue, document, &options, &file)?;
    show::warnings(&file, &prepared.bound.warnings);
    let plan = Plan::of(&prepared, session.store.as_ref())?;
    if args.json {
        show::json(&serde_json::json!({ "operators": plan.rows }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = Vec::new();
    for row in &plan.rows {
        let expected = row.expected_ms.map(show::millis).unwrap_or_default();
        let memory = row.expected_bytes.map(show::bytes).unwrap_or_default();
        rows.push(vec![word(row.verdict).to_string(), row.id.clone(), expected, memory, row.why.en.clone()]);
    }
    show::table(&["", "operator", "expected", "memory", "why"], &rows);
    let count = |verdict| plan.rows.iter().filter(|r| r.verdict == verdict).count();
    say!(
        "\n{} cached, {} will run, {} will run unless upstream turns out unchanged",
        count(Verdict::Cached),
        count(Verdict::WillRun),
        count(Verdict::WillRunUnlessUpstreamUnchanged)
    );
    Ok(ExitCode::SUCCESS)
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Cached => "cached",
        Verdict::WillRun => "will run",
        Verdict::WillRunUnlessUpstreamUnchanged => "may run",
        Verdict::NotSelected => "-",
        Verdict::Disabled => "disabled",
    }
}
