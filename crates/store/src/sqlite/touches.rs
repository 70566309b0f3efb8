//! Noted uses of artifacts, written with a batch.

use rusqlite::{Connection, params};

use crate::Result;
use crate::touches::Touches;

/// Within the caller's transaction. If that fails, these uses are forgotten.
pub(super) fn write(connection: &Connection, touches: &Touches) -> Result<()> {
    let pending = touches.take();
    if pending.is_empty() {
        return Ok(());
    }
    let mut touch = connection.prepare_cached("UPDATE artifacts SET last_used = max(last_used, ?2) WHERE id = ?1")?;
    for (artifact, at) in pending {
        touch.execute(params![artifact.0, at])?;
    }
    Ok(())
}
