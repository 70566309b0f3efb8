//! `suanzi diff RUN RUN`: what changed from one run to the other: parameters, metrics, the first output that differs.

mod outputs;

use crate::args::DiffArgs;
use crate::fail::Failure;
use crate::session::Session;
use crate::show;
use std::process::ExitCode;
use suanzi_api::{RunDiff, TaskState};

pub fn run(args: DiffArgs) -> Result<ExitCode, Failure> {
    let session = Session::reader()?;
    let store = session.store.as_ref();
    let (before, after) = (show::find_run(store, &args.before)?, show::find_run(store, &args.after)?);
    let diff = suanzi_report::diff(store, session.artifacts.store.as_ref(), &before, &after)?;
    if args.json {
        show::json(&diff)?;
    } else {
        print(&diff);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(diff: &RunDiff) {
    say!("{} → {}", diff.before, diff.after);
    for (word, ids) in [("only before", &diff.removed), ("only after", &diff.added)] {
        if !ids.is_empty() {
            say!("{word}: {}", ids.join(", "));
        }
    }
    let text = |v: &Option<serde_json::Value>| {
        v.as_ref().map_or("(not set)".into(), |v| serde_json::to_string(v).unwrap_or_default())
    };
    section(
        "parameters",
        diff.parameters
            .iter()
            .map(|p| vec![format!("{}.{}", p.operator, p.parameter), text(&p.before), "→".into(), text(&p.after)]),
    );
    section("made from", diff.basis.iter().map(|line| vec![line.clone()]));
    let word = |s: Option<TaskState>| s.map_or("not run", TaskState::word).to_string();
    section(
        "status",
        diff.statuses.iter().map(|s| vec![s.operator.clone(), word(s.before), "→".into(), word(s.after)]),
    );
    section(
        "metrics",
        diff.metrics.iter().map(|m| {
            vec![
                m.operator.clone(),
                m.metric.clone(),
                format!("{:.4}", m.before),
                "→".into(),
                format!("{:.4}", m.after),
                format!("{:+.4}", m.after - m.before),
            ]
        }),
    );
    match &diff.first_divergence {
        Some(divergence) => outputs::print(divergence),
        None if diff.added.is_empty() && diff.removed.is_empty() => say!("\nevery output is the same"),
        None => say!("\nevery output of the operators they share is the same"),
    }
}

fn section(title: &str, rows: impl Iterator<Item = Vec<String>>) {
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        return;
    }
    say!();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(1);
    let mut head = vec![""; columns];
    head[0] = title;
    show::table(&head, &rows);
}
