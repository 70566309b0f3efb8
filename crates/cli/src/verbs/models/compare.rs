//! `suanzi models compare`: versions side by side.

use super::facts;
use crate::fail::Failure;
use crate::session::Session;
use crate::show;
use suanzi_api::{ComparedMetric, ComparedWord, Judgement, VersionName};
use suanzi_report::compare_versions;

/// Longer values are cut in the middle of a table.
const MAX_SHOWN_CHARS: usize = 40;

pub fn run(name: &str, versions: &[VersionName], all: bool, json: bool) -> Result<(), Failure> {
    let session = Session::reader()?;
    let known: Result<Vec<_>, Failure> = versions.iter().map(|version| facts(&session, name, Some(version))).collect();
    let compared = compare_versions(&known?);
    if json {
        return show::json(&compared);
    }
    let titles = compared.versions.iter().map(|version| match version.aliases.as_slice() {
        [] => format!("v{}", version.version),
        aliases => format!("v{} ({})", version.version, aliases.join(", ")),
    });
    let titles: Vec<String> = titles.collect();
    let metrics: Vec<_> = compared.metrics.iter().filter(|row| all || row.differs).map(metric).collect();
    let parameters: Vec<_> = compared.parameters.iter().filter(|row| all || row.differs).map(word).collect();
    let origin: Vec<_> = compared.origin.iter().filter(|row| all || row.differs).map(word).collect();
    if [&metrics, &parameters, &origin].iter().all(|rows| rows.is_empty()) {
        talk!("nothing differs; --all shows what is the same");
        return Ok(());
    }
    for (title, rows) in [("figure", metrics), ("parameter", parameters), ("data and lineage", origin)] {
        if rows.is_empty() {
            continue;
        }
        let head: Vec<&str> = [title].into_iter().chain(titles.iter().map(String::as_str)).collect();
        show::table(&head, &rows);
        say!("");
    }
    Ok(())
}

fn metric(row: &ComparedMetric) -> Vec<String> {
    let cells = row.values.iter().zip(&row.changes).zip(&row.judgements).map(|((value, change), judgement)| {
        let Some(value) = value else { return "-".to_string() };
        let judged = match judgement {
            Some(Judgement::Better) => " better",
            Some(Judgement::Worse) => " worse",
            None => "",
        };
        match change.filter(|change| *change != 0.0) {
            Some(change) => format!("{} ({}{judged})", number(*value), signed(change)),
            None => number(*value),
        }
    });
    [row.metric.clone()].into_iter().chain(cells).collect()
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { format!("{value:.4}") }
}

fn signed(change: f64) -> String {
    let text = number(change.abs());
    format!("{}{text}", if change < 0.0 { "-" } else { "+" })
}

fn word(row: &ComparedWord) -> Vec<String> {
    let cells = row.values.iter().map(|value| {
        let text = match value {
            None => "-".to_string(),
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        };
        if text.chars().count() <= MAX_SHOWN_CHARS {
            return text;
        }
        text.chars().take(MAX_SHOWN_CHARS - 1).chain(['…']).collect()
    });
    [row.what.clone()].into_iter().chain(cells).collect()
}
