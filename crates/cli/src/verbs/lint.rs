//! `suanzi lint FILE…`: what is probably a mistake, and with `--fix` the edits that mend it.

use super::fmt::replace;
use crate::args::LintArgs;
use crate::fail::Failure;
use crate::session::{Session, read_document};
use crate::show;
use crate::show::evaluation::Style;
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use suanzi_dag::{Document, Limits};
use suanzi_lint::Said;
use suanzi_operator::bind::{BindOptions, bind};
use suanzi_operator::catalogue::Catalogue;

/// Fixes made in one file at most: each mends one finding, and no fix brings another back.
const MAX_FIXES: usize = 1_000;

#[derive(Serialize)]
struct Report {
    file: String,
    findings: Vec<Row>,
    /// Fixes that were made.
    fixed: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    code: &'static str,
    operator: String,
    message: Words,
    hint: Words,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Words>,
}

#[derive(Serialize)]
struct Words {
    en: String,
    zh: String,
}

pub fn run(args: LintArgs) -> Result<ExitCode, Failure> {
    let session = Session::reader()?;
    let catalogue = session.catalogue(&args.operator_dirs)?;
    let options = BindOptions::on(&session.executors);
    let mut reports = Vec::new();
    for file in &args.files {
        let report = look(file, &catalogue, &options, args.fix)?;
        if !args.json {
            print(&report);
        }
        reports.push(report);
    }
    if args.json {
        show::json(&reports)?;
    }
    let left = reports.iter().any(|report| !report.findings.is_empty());
    Ok(if left { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn look(file: &Path, catalogue: &Catalogue, options: &BindOptions, fix: bool) -> Result<Report, Failure> {
    let shown = file.display().to_string();
    let mut document = read_document(file)?;
    let original = document.source().to_owned();
    let mut fixed = Vec::new();
    let findings = loop {
        let (rows, next) = found_in(&shown, &document, catalogue, options)?;
        match next.filter(|_| fix && fixed.len() < MAX_FIXES) {
            None => break rows,
            Some((row, after)) => {
                fixed.push(row);
                document = after;
            }
        }
    };
    if document.source() != original {
        if file == Path::new("-") {
            say_on!("{}", document.source());
        } else {
            replace(file, document.source())?;
        }
    }
    Ok(Report { file: shown, findings, fixed })
}

type Fixed = (Row, Arc<Document>);

/// All findings, and what the DAG is after the first fix there is.
fn found_in(
    shown: &str,
    document: &Document,
    catalogue: &Catalogue,
    options: &BindOptions,
) -> Result<(Vec<Row>, Option<Fixed>), Failure> {
    let bound = bind(&document.dag, document, catalogue, options).map_err(|faults| Failure::faults(shown, &faults))?;
    let mut rows = Vec::new();
    let mut first = None;
    for finding in suanzi_lint::lint(&document.dag, &bound) {
        let operator = document.dag.operators.get(finding.operator as usize).map(|op| op.id.to_string());
        let row = |fix: Option<&Said>| Row {
            code: finding.code,
            operator: operator.clone().unwrap_or_default(),
            message: words(&finding.message),
            hint: words(&finding.hint),
            fix: fix.map(words),
        };
        let label = finding.fix.as_ref().map(|fix| &fix.label);
        if let Some(fix) = finding.fix.as_ref().filter(|_| first.is_none())
            && let Ok(after) = suanzi_dag::edit(document.source(), &fix.edits, &Limits::file())
            && let Ok(after) = suanzi_dag::read(&after.source, &Limits::file())
        {
            first = Some((row(label), Arc::new(after)));
        }
        rows.push(row(label));
    }
    Ok((rows, first))
}

fn words(said: &Said) -> Words {
    Words { en: said.en.clone(), zh: said.zh.clone() }
}

fn print(report: &Report) {
    let style = Style::of_terminal();
    let text = |words: &Words| style.say(&words.en, &words.zh).to_owned();
    for row in &report.fixed {
        if let Some(fix) = &row.fix {
            talk!("{}: fixed {}: {}", report.file, row.code, text(fix));
        }
    }
    for row in &report.findings {
        say!("{}: {} [{}]", report.file, text(&row.message), row.code);
        say!("  hint: {}{}", text(&row.hint), if row.fix.is_some() { " (--fix)" } else { "" });
    }
    if report.findings.is_empty() {
        talk!("{}: nothing found", report.file);
    }
}
