//! `suanzi diff RUN RUN`: what changed from one run to the other: parameters, metrics, the first output that differs.

mod outputs;
mod side;

use crate::args::DiffArgs;
use crate::fail::Failure;
use crate::session::Session;
use crate::show;
use serde::Serialize;
use side::Side;
use std::collections::BTreeSet;
use std::process::ExitCode;
use suanzi_dag::Value;

#[derive(Serialize)]
struct RunDiff {
    before: String,
    after: String,
    /// Operators that only one of them has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    added: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<ParamDiff>,
    /// Seed, environment, code and files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    basis: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    statuses: Vec<StatusDiff>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metrics: Vec<MetricDiff>,
    /// The first output, in the order of the graph, whose content differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_divergence: Option<outputs::Divergence>,
}

#[derive(Serialize)]
struct ParamDiff {
    operator: String,
    parameter: String,
    before: Option<Value>,
    after: Option<Value>,
}

#[derive(Serialize)]
struct StatusDiff {
    operator: String,
    before: Option<&'static str>,
    after: Option<&'static str>,
}

#[derive(Serialize)]
struct MetricDiff {
    operator: String,
    metric: String,
    before: f64,
    after: f64,
}

pub fn run(args: DiffArgs) -> Result<ExitCode, Failure> {
    let session = Session::reader()?;
    let before = Side::load(&session, &args.before)?;
    let after = Side::load(&session, &args.after)?;
    let diff = compare(&session, &before, &after)?;
    if args.json {
        show::json(&diff)?;
    } else {
        print(&diff);
    }
    Ok(ExitCode::SUCCESS)
}

fn compare(session: &Session, before: &Side, after: &Side) -> Result<RunDiff, Failure> {
    let ids = |side: &Side| side.document.dag.operators.iter().map(|op| op.id.to_string()).collect::<BTreeSet<_>>();
    let (old, new) = (ids(before), ids(after));
    Ok(RunDiff {
        before: before.run.run_id.clone(),
        after: after.run.run_id.clone(),
        removed: old.difference(&new).cloned().collect(),
        added: new.difference(&old).cloned().collect(),
        parameters: parameters(before, after),
        basis: basis(before, after),
        statuses: statuses(before, after),
        metrics: metrics(before, after),
        first_divergence: outputs::first(session, before, after)?,
    })
}

fn parameters(before: &Side, after: &Side) -> Vec<ParamDiff> {
    let mut found = Vec::new();
    for op in &after.document.dag.operators {
        let Some(old) = before.operator(&op.id.0) else { continue };
        let names: BTreeSet<&String> = old.params.iter().chain(&op.params).map(|(n, _)| n).collect();
        let get =
            |params: &[(String, Value)], name: &str| params.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        for name in names {
            let (was, is) = (get(&old.params, name), get(&op.params, name));
            if was != is {
                found.push(ParamDiff { operator: op.id.to_string(), parameter: name.clone(), before: was, after: is });
            }
        }
        if old.algo_name != op.algo_name {
            let text = |s: &str| Some(Value::Str(s.to_string()));
            found.push(ParamDiff {
                operator: op.id.to_string(),
                parameter: "algo_name".into(),
                before: text(&old.algo_name),
                after: text(&op.algo_name),
            });
        }
    }
    found
}

fn basis(before: &Side, after: &Side) -> Vec<String> {
    let (old, new) = (&before.options, &after.options);
    let mut lines = Vec::new();
    if old.seed != new.seed {
        lines.push(format!("seed {} → {}", old.seed, new.seed));
    }
    if old.basis.environment != new.basis.environment {
        lines.push("the Python environment differs".into());
    }
    for (package, hash) in &new.basis.code {
        if old.basis.code.get(package).is_some_and(|h| h != hash) {
            lines.push(format!("the source code of {package} differs"));
        }
    }
    for (name, content) in &new.basis.files {
        if old.basis.files.get(name).is_some_and(|c| c != content) {
            lines.push(format!("the content of {name} differs"));
        }
    }
    lines
}

fn statuses(before: &Side, after: &Side) -> Vec<StatusDiff> {
    // Cached or computed anew is no difference of the result.
    let plain = |s: &'static str| if s == "cached" { "success" } else { s };
    let mut found = Vec::new();
    for op in &after.document.dag.operators {
        let of = |side: &Side| side.report.operators.iter().find(|o| o.id == *op.id.0).map(|o| plain(o.status));
        let (was, is) = (of(before), of(after));
        if was != is && before.operator(&op.id.0).is_some() {
            found.push(StatusDiff { operator: op.id.to_string(), before: was, after: is });
        }
    }
    found
}

fn metrics(before: &Side, after: &Side) -> Vec<MetricDiff> {
    let mut found = Vec::new();
    for (operator, numbers) in &after.report.metrics {
        let Some(old) = before.report.metrics.get(operator) else { continue };
        for (metric, value) in numbers.as_object().into_iter().flatten() {
            if let (Some(after), Some(before)) = (value.as_f64(), old.get(metric).and_then(|v| v.as_f64()))
                && after != before
            {
                found.push(MetricDiff { operator: operator.clone(), metric: metric.clone(), before, after });
            }
        }
    }
    found
}

fn print(diff: &RunDiff) {
    say!("{} → {}", diff.before, diff.after);
    for (word, ids) in [("only before", &diff.removed), ("only after", &diff.added)] {
        if !ids.is_empty() {
            say!("{word}: {}", ids.join(", "));
        }
    }
    let text =
        |v: &Option<Value>| v.as_ref().map_or("(not set)".into(), |v| serde_json::to_string(v).unwrap_or_default());
    section(
        "parameters",
        diff.parameters
            .iter()
            .map(|p| vec![format!("{}.{}", p.operator, p.parameter), text(&p.before), "→".into(), text(&p.after)]),
    );
    section("made from", diff.basis.iter().map(|line| vec![line.clone()]));
    let word = |s: Option<&'static str>| s.unwrap_or("not run").to_string();
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
