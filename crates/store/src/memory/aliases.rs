//! Names for versions of models, in memory.

use super::State;
use crate::*;

pub(super) fn list(state: &State, model: Option<&str>) -> Vec<AliasRow> {
    state.aliases.values().filter(|row| model.is_none_or(|model| model == row.model)).cloned().collect()
}

pub(super) fn put(state: &mut State, alias: &AliasRow) -> Result<()> {
    let AliasRow { model, version, .. } = alias;
    let count = state.models.get(model).map_or(0, Vec::len);
    if *version == 0 || *version as usize > count {
        return Err(StoreError::Conflict(format!("model '{model}' has no version {version}")));
    }
    state.aliases.insert((model.clone(), alias.alias.clone()), alias.clone());
    Ok(())
}
