//! Names for versions of models.

use suanzi_store::{AliasRow, StoreError};

use crate::quarantine::{Quarantine, one};
use crate::rows;
use crate::session::{Answer, Clash, Fault, Session};
use crate::value::values;

pub(crate) fn list(session: &mut dyn Session, quarantine: &Quarantine, model: Option<&str>) -> Answer<Vec<AliasRow>> {
    let (only, params) = match model {
        Some(model) => ("WHERE m.name = ?", values![model].to_vec()),
        None => ("", Vec::new()),
    };
    let sql = format!(
        "SELECT m.name, a.alias, a.version, a.changed_at FROM models m JOIN model_aliases a ON a.model = m.key \
         {only} ORDER BY m.name, a.alias"
    );
    quarantine.list(session, "model_aliases", &sql, &params, |row| {
        Ok(AliasRow { model: row.text(0)?, alias: row.text(1)?, version: row.number(2)?, changed_at: row.int(3)? })
    })
}

pub(crate) fn put(session: &mut dyn Session, alias: &AliasRow) -> Answer<()> {
    let sql = "SELECT m.key FROM models m JOIN model_versions v ON v.model = m.key WHERE m.name = ? AND v.version = ?";
    let model = one(session, "models", sql, &values![&alias.model, alias.version], |row| row.int(0))?;
    let Some(model) = model else {
        let why = format!("model '{}' has no version {}", alias.model, alias.version);
        return Err(Fault::Store(StoreError::Conflict(why)));
    };
    let row = values![model, &alias.alias, alias.version, alias.changed_at];
    let columns = ["model", "alias", "version", "changed_at"];
    rows::insert(session, "model_aliases", &columns, Clash::Overwrite(&["model", "alias"], &columns[2..]), [row])
}

pub(crate) fn remove(session: &mut dyn Session, model: &str, alias: &str) -> Answer<bool> {
    let sql = "DELETE FROM model_aliases WHERE alias = ? AND model = (SELECT \"key\" FROM models WHERE name = ?)";
    Ok(session.execute(sql, &values![alias, model])? > 0)
}
