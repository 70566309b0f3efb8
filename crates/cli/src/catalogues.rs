//! Catalogues kept between requests: made anew only where an operator's sources or the installed packages look different than before.

use crate::fail::Failure;
use crate::session::Session;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use suanzi_operator::catalogue::Catalogue;
use suanzi_operator::source::SourcesLook;

/// Sets of directories whose catalogues are kept.
const MOST_KEPT: usize = 8;

#[derive(Default)]
pub struct Catalogues {
    kept: Mutex<Vec<Arc<Kept>>>,
}

struct Kept {
    dirs: Vec<PathBuf>,
    /// Of installed packages with operators.
    packages: Vec<PathBuf>,
    look: Look,
    catalogue: Arc<Catalogue>,
}

/// What a catalogue was made from, as it looked from outside.
#[derive(PartialEq)]
struct Look {
    sources: Vec<SourcesLook>,
    /// Of the directories packages are installed into: an installation changes their times.
    site_packages: Vec<Option<(u64, i64, i64)>>,
}

impl Catalogues {
    /// As [`Session::catalogue`], of that moment.
    pub fn of(&self, session: &Session, dirs: &[PathBuf]) -> Result<Arc<Catalogue>, Failure> {
        // Not held meanwhile: indexing a directory may take Python some seconds.
        let found = self.kept().iter().find(|one| one.dirs == dirs).cloned();
        if let Some(one) = found
            && look(session, &one.dirs, &one.packages).is_some_and(|now| now == one.look)
        {
            return Ok(one.catalogue.clone());
        }
        // Looked at before it is read: what changes meanwhile is seen the next time.
        let packages: Vec<PathBuf> = session.python.operator_packages().into_iter().map(|(_, root)| root).collect();
        let look = look(session, dirs, &packages).filter(|look| look.sources.iter().all(SourcesLook::is_settled));
        let catalogue = Arc::new(session.catalogue(dirs)?);
        if let Some(look) = look {
            self.keep(Arc::new(Kept { dirs: dirs.to_vec(), packages, look, catalogue: catalogue.clone() }));
        }
        Ok(catalogue)
    }

    fn keep(&self, one: Arc<Kept>) {
        let mut kept = self.kept();
        kept.retain(|other| other.dirs != one.dirs);
        if kept.len() == MOST_KEPT {
            kept.remove(0);
        }
        kept.push(one);
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Arc<Kept>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `None` where something can't be looked at: making the catalogue says what.
fn look(session: &Session, dirs: &[PathBuf], packages: &[PathBuf]) -> Option<Look> {
    let roots = std::iter::once(&session.python.package).chain(dirs).chain(packages);
    let sources = roots.map(|root| SourcesLook::at(root)).collect::<Result<_, _>>().ok()?;
    let site_packages = session.python.site_packages.iter().map(|dir| {
        let stat = std::fs::metadata(dir).ok()?;
        Some((stat.ino(), stat.mtime(), stat.mtime_nsec()))
    });
    Some(Look { sources, site_packages: site_packages.collect() })
}
