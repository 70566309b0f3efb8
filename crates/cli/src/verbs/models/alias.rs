//! `suanzi models alias`: names for versions. Each is one write of a row, beside a living owner too.

use super::{found, missing};
use crate::fail::Failure;
use crate::model_args::AliasVerb;
use crate::session::Session;
use crate::show;
use serde_json::json;
use suanzi_api::AliasView;
use suanzi_store::{AliasRow, NoVersion};

pub fn run(verb: AliasVerb) -> Result<(), Failure> {
    match verb {
        AliasVerb::Set { name, alias, version, json } => {
            if !AliasRow::is_alias(&alias) {
                return Err(Failure::invalid(format!("'{alias}' can't be an alias"))
                    .hint("use small letters, digits, `_` and `-`, a letter first, at most 63 characters"));
            }
            let session = Session::writer()?;
            let row = found(session.store.as_ref(), &name, Some(&version))?;
            let row = AliasRow { model: row.name, alias, version: row.version, changed_at: show::now_millis() };
            session.store.put_model_alias(&row)?;
            if json {
                return show::json(&view(row));
            }
            talk!("{}@{} is version {}", row.model, row.alias, row.version);
        }
        AliasVerb::List { name, json } => list(name.as_deref(), json)?,
        AliasVerb::Remove { name, alias, json } => {
            let session = Session::writer()?;
            if session.store.model_versions(Some(&name))?.is_empty() {
                return Err(missing(NoVersion::Model(name)));
            }
            if !session.store.remove_model_alias(&name, &alias)? {
                return Err(missing(NoVersion::Alias { model: name, alias }));
            }
            if json {
                return show::json(&json!({ "removed": alias }));
            }
            talk!("{name}@{alias} is gone; its version stays");
        }
    }
    Ok(())
}

fn list(name: Option<&str>, json: bool) -> Result<(), Failure> {
    let session = Session::reader()?;
    if let Some(name) = name
        && session.store.model_versions(Some(name))?.is_empty()
    {
        return Err(missing(NoVersion::Model(name.to_string())));
    }
    let rows = session.store.model_aliases(name)?;
    if json {
        return show::json(&rows.into_iter().map(view).collect::<Vec<_>>());
    }
    if rows.is_empty() {
        talk!("no aliases yet; `suanzi models alias set NAME ALIAS VERSION` sets one");
        return Ok(());
    }
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| vec![row.model, row.alias, row.version.to_string(), show::timestamp(row.changed_at)])
        .collect();
    show::table(&["model", "alias", "version", "changed (UTC)"], &rows);
    Ok(())
}

fn view(row: AliasRow) -> AliasView {
    AliasView { model: row.model, alias: row.alias, version: row.version, changed_at_ms: row.changed_at }
}
