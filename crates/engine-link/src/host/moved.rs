//! Paths of artifacts: a task names them as they are called on the dag engine's host, this host keeps its copies elsewhere.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use suanzi_executor::{AttemptId, Event, Location, ObjectPlace, Outcome, TaskRequest};

/// The attempts under way, with the folder that the dag engine has for artifacts.
#[derive(Default)]
pub(super) struct Moved(Mutex<HashMap<AttemptId, Roots>>);

struct Roots {
    there: PathBuf,
    here: PathBuf,
}

impl Moved {
    /// The task with paths of this host. Errors: in words, its folder can't be made.
    pub fn here(&self, task: &mut TaskRequest, place: &ObjectPlace) -> Result<(), String> {
        let Some(objects) = &mut task.objects else { return Ok(()) };
        let roots = Roots { there: objects.root.clone(), here: place.root.clone() };
        // How the store is reached from this host, its own environment says.
        let files = std::mem::take(&mut objects.files);
        *objects = ObjectPlace { files, ..place.clone() };
        for (name, path) in &mut task.files {
            if let Some((_, key)) = objects.files.iter().find(|(of, _)| of == name) {
                *path = roots.here.join(key);
            }
        }
        task.out_dir = moved(&task.out_dir, &roots.there, &roots.here);
        for input in &mut task.inputs {
            if let Location::Path(path) = &mut input.at {
                *path = moved(path, &roots.there, &roots.here);
            }
        }
        std::fs::create_dir_all(&task.out_dir)
            .map_err(|error| format!("{} can't be made: {error}", task.out_dir.display()))?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(task.attempt, roots);
        Ok(())
    }

    /// What is told of it, with paths of the dag engine's host.
    pub fn back(&self, mut event: Event) -> Event {
        if let Event::Finished { attempt, outcome, .. } = &mut event {
            let roots = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(attempt);
            if let (Some(roots), Outcome::Success { outputs }) = (roots, outcome) {
                for output in outputs {
                    if let Location::Path(path) = &mut output.at {
                        *path = moved(path, &roots.here, &roots.there);
                    }
                }
            }
        }
        event
    }
}

fn moved(path: &Path, from: &Path, to: &Path) -> PathBuf {
    path.strip_prefix(from).map_or_else(|_| path.to_owned(), |below| to.join(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_below_is_moved() {
        let check = |path: &str, expected: &str| {
            assert_eq!(moved(Path::new(path), Path::new("/home/a"), Path::new("/b")), Path::new(expected));
        };
        check("/home/a/run/0.arrow", "/b/run/0.arrow");
        check("/home/ab/run/0.arrow", "/home/ab/run/0.arrow");
        check("/data/credit.csv", "/data/credit.csv");
    }
}
