//! Services in memory.

use super::State;
use crate::*;

pub(super) fn put(state: &mut State, service: &ServiceRow) -> Result<()> {
    for version in std::iter::once(&service.served).chain(&service.before) {
        let count = state.models.get(&version.model).map_or(0, Vec::len);
        if version.version == 0 || version.version as usize > count {
            let ServedVersion { model, version } = version;
            return Err(StoreError::Conflict(format!("model '{model}' has no version {version}")));
        }
    }
    state.services.insert(service.name.clone(), service.clone());
    Ok(())
}
