//! Remembers which worker has which artifact open, so that its readers can go there.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};

const MAX_PATHS: usize = 4096;

#[derive(Default)]
pub(crate) struct Locality {
    holders: HashMap<PathBuf, u64>,
    order: VecDeque<PathBuf>,
}

impl Locality {
    pub fn note(&mut self, path: &Path, worker: u64) {
        if let Some(holder) = self.holders.get_mut(path) {
            *holder = worker;
            return;
        }
        if self.order.len() == MAX_PATHS
            && let Some(oldest) = self.order.pop_front()
        {
            self.holders.remove(&oldest);
        }
        self.order.push_back(path.to_owned());
        self.holders.insert(path.to_owned(), worker);
    }

    /// The worker that last read or wrote `path`; it may be gone.
    pub fn holder(&self, path: &Path) -> Option<u64> {
        self.holders.get(path).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_holder_counts_and_the_oldest_paths_are_forgotten() {
        let mut locality = Locality::default();
        locality.note(Path::new("a"), 1);
        locality.note(Path::new("a"), 2);
        assert_eq!(locality.holder(Path::new("a")), Some(2));
        for number in 0..MAX_PATHS {
            locality.note(Path::new(&format!("b{number}")), 3);
        }
        assert_eq!(locality.holder(Path::new("a")), None);
        assert_eq!(locality.order.len(), locality.holders.len());
    }
}
