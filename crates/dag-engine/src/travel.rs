//! Files that parameters name, where operators run on hosts that may not have them: they lie beside the artifacts, each under its content.

use crate::engine::Engine;
use crate::plan::Resolution;
use crate::prepare::files::is_unchanged;
use crate::prepare::{FileUse, Prepared};
use crate::submit::SubmitError;
use std::time::Duration;
use suanzi_artifact::{ArtifactError, ArtifactKey};

/// What their keys begin with. No run is called so.
pub(crate) const FILES: &str = "files/";
/// One that no run asked for within this time is removed. Longer than runs that wait for one.
pub(crate) const FILE_KEPT: Duration = Duration::from_secs(14 * 24 * 3_600);
const DEFAULT_NAME: &str = "file";

/// By its content, and by its name, whose ending says what it is.
pub(crate) fn key_of(file: &FileUse) -> String {
    let key = |name: &str| format!("{FILES}{}/{name}", file.content_id);
    let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or(DEFAULT_NAME);
    // A copy that isn't whole yet ends so.
    let plain = !name.ends_with(".tmp") && ArtifactKey::parse(&key(name)).is_ok();
    key(if plain { name } else { DEFAULT_NAME })
}

impl Engine {
    /// Before a run is accepted: what its operators elsewhere will read is there.
    ///
    /// # Errors
    /// The store's, or that a file changed meanwhile.
    pub(crate) fn send_files(&self, prepared: &Prepared, resolution: &Resolution) -> Result<(), SubmitError> {
        let options = &self.inner.options;
        if options.objects.is_none() {
            return Ok(());
        }
        for (ix, op) in prepared.bound.ops.iter().enumerate() {
            let executor = prepared.executors.iter().position(|name| *name == op.executor);
            let here = executor == Some(0) && options.first_is_here;
            if here || !prepared.selected.ops[ix] || resolution.ops[ix].hit.is_some() {
                continue;
            }
            for file in &prepared.files[ix] {
                let key = ArtifactKey::parse(&key_of(file))?;
                options.artifacts.keep(&file.path, &key)?;
                if !is_unchanged(&file.stat) {
                    options.artifacts.remove(&key)?;
                    let source = std::io::Error::other("it changed while it was read; run again");
                    return Err(ArtifactError::Io { path: file.path.clone(), source }.into());
                }
            }
        }
        Ok(())
    }
}
