//! What an engine notes of its pool in the home, for the engine after it: the pool goes on while one dies and the next comes.

use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Of one pool. The token is a secret of this user's.
#[derive(Clone, Serialize, Deserialize)]
pub struct Note {
    pub id: String,
    pub token: String,
    /// The cluster that it runs on, and the package that it runs.
    pub cluster: String,
    pub package: String,
}

/// None where nothing is noted that can be read.
pub fn read(file: &Path) -> Option<Note> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// Whole or not at all.
pub fn write(file: &Path, note: &Note) -> io::Result<()> {
    let part = file.with_extension("part");
    // What a killed engine left of it may have another mode.
    let _ = fs::remove_file(&part);
    let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    new.write_all(&serde_json::to_vec(note)?)?;
    fs::rename(&part, file)
}

/// There is no such pool any more.
pub fn remove(file: &Path) {
    // A note that stays is found to be of a pool that has ended.
    let _ = fs::remove_file(file);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_note_is_read_as_it_was_written_and_by_nobody_else() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("ray-pool.json");
        assert!(read(&file).is_none());
        for id in ["one", "other"] {
            let note = Note { id: id.into(), token: "t".into(), cluster: "c".into(), package: "p".into() };
            write(&file, &note).expect("it can be written");
            assert_eq!(read(&file).map(|note| note.id).as_deref(), Some(id));
        }
        assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o600);
        fs::write(&file, "{").expect("a file");
        assert!(read(&file).is_none(), "half a note is none");
        remove(&file);
        assert!(!file.exists());
    }
}
