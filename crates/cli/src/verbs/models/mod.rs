//! `suanzi models`: registered models, their versions, aliases and cards, and versions side by side.

mod alias;
mod compare;

use crate::fail::Failure;
use crate::model_args::{Lang, ModelsArgs, ModelsVerb};
use crate::session::Session;
use crate::show;
use crate::show::evaluation::Style;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use suanzi_api::VersionName;
use suanzi_report::{ModelFacts, model_facts, version_named};
use suanzi_store::{ModelVersionRow, NoVersion, Store, find_version};

pub fn run(args: ModelsArgs) -> Result<ExitCode, Failure> {
    match args.verb {
        None => list(args.name.as_deref(), args.json)?,
        Some(ModelsVerb::Alias(verb)) => alias::run(verb)?,
        Some(ModelsVerb::Compare { name, versions, all, json }) => compare::run(&name, &versions, all, json)?,
        Some(ModelsVerb::Card { name, version, lang, out }) => card(&name, version.as_ref(), lang, out.as_deref())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn card(name: &str, version: Option<&VersionName>, lang: Option<Lang>, out: Option<&Path>) -> Result<(), Failure> {
    let session = Session::reader()?;
    let facts = facts(&session, name, version)?;
    let chinese = lang.map_or_else(|| Style::of_terminal().chinese, |lang| lang == Lang::Zh);
    let described = serde_json::json!({ "language": if chinese { "zh" } else { "en" }, "facts": facts });
    let page = session.python.card(&described).map_err(|error| {
        let hint = error.hint().to_string();
        Failure::invalid(error).hint(hint)
    })?;
    match out {
        Some(path) => {
            std::fs::write(path, page).map_err(|error| Failure::invalid(format!("{}: {error}", path.display())))?;
            talk!("card of {} {}: {}", facts.name, facts.version, path.display());
        }
        // A reader that went away (`| head`) is no error.
        None => drop(std::io::stdout().lock().write_all(page.as_bytes())),
    }
    Ok(())
}

/// What is stored of the version that is named.
fn facts(session: &Session, name: &str, version: Option<&VersionName>) -> Result<ModelFacts, Failure> {
    let row = found(session.store.as_ref(), name, version)?;
    model_facts(session.store.as_ref(), session.artifacts.store.as_ref(), row).map_err(Failure::invalid)
}

/// The version that is named, beside the model or within its name.
pub(crate) fn found(store: &dyn Store, name: &str, version: Option<&VersionName>) -> Result<ModelVersionRow, Failure> {
    let (name, which) = version_named(name, version).map_err(missing)?;
    find_version(store, &name, &which)?.map_err(missing)
}

fn missing(why: NoVersion) -> Failure {
    let hint = why.hint();
    Failure::invalid(why).hint(hint)
}

fn list(name: Option<&str>, json: bool) -> Result<(), Failure> {
    let session = Session::reader()?;
    let versions = session.store.model_versions(name)?;
    let aliases = session.store.model_aliases(name)?;
    let aliases_of = |v: &ModelVersionRow| -> Vec<String> {
        let named = aliases.iter().filter(|alias| alias.model == v.name && alias.version == v.version);
        named.map(|alias| alias.alias.clone()).collect()
    };
    if json {
        let rows: Vec<_> = versions
            .iter()
            .map(|v| {
                let manifest: serde_json::Value = serde_json::from_str(&v.manifest).unwrap_or_default();
                serde_json::json!({
                    "name": v.name, "version": v.version, "aliases": aliases_of(v), "run_id": v.run_id, "artifact": v.artifact.id.0,
                    "created_at": show::timestamp(v.created_at), "manifest": manifest,
                })
            })
            .collect();
        show::json(&rows)?;
    } else if versions.is_empty() {
        talk!("no models yet; the operator `register_model` registers one");
    } else {
        let rows: Vec<_> = versions
            .iter()
            .map(|v| {
                let (aliases, at) = (aliases_of(v).join(", "), show::timestamp(v.created_at));
                vec![v.name.clone(), v.version.to_string(), aliases, v.run_id.clone(), at]
            })
            .collect();
        show::table(&["model", "version", "aliases", "run", "registered (UTC)"], &rows);
    }
    Ok(())
}
