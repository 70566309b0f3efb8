//! `suanzi env`: Python environments of operators' own: list, create, remove.

use crate::environments::{EnvArgs, EnvVerb, environments};
use crate::fail::{Failure, RUN_FAILED};
use crate::home::Home;
use crate::session::{Session, read_document};
use crate::show;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use suanzi_environments::{Environments, Kept, Making, State};
use suanzi_operator::bind::{BindOptions, bind};
use suanzi_operator::requirement::read_all;
use suanzi_python_env::Interpreter;

const DAY_MS: u64 = 86_400_000;
/// Shorter beginnings of a hash are taken for a slip.
const MIN_HASH_CHARS: usize = 4;

pub fn run(args: EnvArgs) -> Result<ExitCode, Failure> {
    match args.verb {
        EnvVerb::List { json } => list(json),
        EnvVerb::Create { requirements, file, operator_dirs } => create(requirements, file, &operator_dirs),
        EnvVerb::Remove { hashes, unused } => remove(&hashes, unused),
    }
}

fn here() -> Result<Environments, Failure> {
    let home = Home::open()?;
    let python = Interpreter::find(&home.memory())?;
    environments(&python, &home)
}

fn list(json: bool) -> Result<ExitCode, Failure> {
    let all = here()?.list()?;
    if json {
        let rows: Vec<_> = all.iter().map(row).collect();
        show::json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    if all.is_empty() {
        talk!("no environments yet; an operator's `env` or `requirements` makes one");
        return Ok(ExitCode::SUCCESS);
    }
    let lines: Vec<_> = all
        .iter()
        .map(|one| {
            vec![
                one.id.short().to_owned(),
                word(one).to_owned(),
                show::bytes(one.bytes),
                one.used_ms.map(timestamp).unwrap_or_default(),
                one.requirements.join(", "),
            ]
        })
        .collect();
    show::table(&["environment", "state", "size", "last used (UTC)", "requirements"], &lines);
    for one in &all {
        if let State::Failed(why) = &one.state {
            talk!("{}: {why}", one.id.short());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn row(one: &Kept) -> serde_json::Value {
    let failure = match &one.state {
        State::Failed(why) => Some(why),
        _ => None,
    };
    serde_json::json!({
        "hash": one.id.as_str(), "state": word(one), "requirements": one.requirements, "installed": one.installed,
        "bytes": one.bytes, "made": one.made_ms.map(timestamp), "took_ms": one.took_ms,
        "last_used": one.used_ms.map(timestamp), "failure": failure,
    })
}

fn word(one: &Kept) -> &'static str {
    match one.state {
        State::Ready if one.in_use => "in use",
        State::Ready => "ready",
        State::Making => "being made",
        State::Failed(_) => "failed",
        State::Unfinished => "unfinished",
    }
}

fn timestamp(ms: u64) -> String {
    show::timestamp(ms as i64)
}

fn create(texts: Vec<String>, file: Option<PathBuf>, operator_dirs: &[PathBuf]) -> Result<ExitCode, Failure> {
    let wanted: BTreeSet<Vec<String>> = match file {
        Some(file) => of_dag(&file, operator_dirs)?,
        None => {
            let read = read_all(texts.iter().map(String::as_str)).map_err(|(at, error)| {
                let text = texts.get(at).map_or("", String::as_str);
                Failure::invalid(format!("'{text}' is no requirement: {error}")).hint(error.hint)
            })?;
            BTreeSet::from([read.iter().map(ToString::to_string).collect()])
        }
    };
    if wanted.is_empty() {
        talk!("none of its operators asks for an environment");
        return Ok(ExitCode::SUCCESS);
    }
    let environments = here()?;
    let mut code = ExitCode::SUCCESS;
    for requirements in wanted {
        let there = environments.is_ready(&environments.id(&requirements));
        let making = Making { going: &|| true, line: &mut |line| talk!("{line}") };
        match environments.take(&requirements, making) {
            Ok(lease) => {
                let word = if there { "there already" } else { "made" };
                say!("{} {word}: {}", lease.id.short(), requirements.join(", "));
            }
            // The others are made all the same.
            Err(error) => {
                talk!("error: {error}\nhint: {}", error.hint());
                code = ExitCode::from(RUN_FAILED);
            }
        }
    }
    Ok(code)
}

/// The environments that a DAG's operators ask for.
fn of_dag(file: &Path, operator_dirs: &[PathBuf]) -> Result<BTreeSet<Vec<String>>, Failure> {
    let document = read_document(file)?;
    let session = Session::reader()?;
    let catalogue = session.catalogue(operator_dirs)?;
    let options = BindOptions::on(&session.executors);
    let bound = bind(&document.dag, document.as_ref(), &catalogue, &options)
        .map_err(|faults| Failure::faults(&file.display().to_string(), &faults))?;
    let asked = bound.ops.iter().filter(|op| !op.disabled && !op.requirements.is_empty());
    Ok(asked.map(|op| op.requirements.iter().map(ToString::to_string).collect()).collect())
}

fn remove(hashes: &[String], unused_days: Option<u64>) -> Result<ExitCode, Failure> {
    let environments = here()?;
    let all = environments.list()?;
    let mut chosen: Vec<&Kept> = Vec::new();
    match unused_days {
        Some(days) => {
            let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
            let since_ms = now_ms.saturating_sub(days.saturating_mul(DAY_MS));
            let old = |one: &&Kept| one.used_ms.is_none_or(|used_ms| used_ms <= since_ms);
            chosen.extend(all.iter().filter(|one| !one.in_use && one.state != State::Making).filter(old));
        }
        None => {
            for hash in hashes {
                chosen.push(the_one(&all, hash)?);
            }
        }
    }
    let mut bytes = 0;
    for one in &chosen {
        environments.remove(&one.id)?;
        bytes += one.bytes;
    }
    let noun = if chosen.len() == 1 { "environment" } else { "environments" };
    talk!("removed {} {noun} ({})", chosen.len(), show::bytes(bytes));
    Ok(ExitCode::SUCCESS)
}

fn the_one<'a>(all: &'a [Kept], hash: &str) -> Result<&'a Kept, Failure> {
    let found: Vec<&Kept> = all.iter().filter(|one| one.id.as_str().starts_with(hash)).collect();
    match found[..] {
        [one] if hash.len() >= MIN_HASH_CHARS => Ok(one),
        [] => Err(Failure::invalid(format!("there is no environment '{hash}'")).hint("`suanzi env list` shows them")),
        _ => Err(Failure::invalid(format!("'{hash}' isn't enough to tell one environment")).hint("give more digits")),
    }
}
