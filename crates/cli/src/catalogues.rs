//! Catalogues kept between requests: made anew only where an operator's sources or the installed packages look different than before. Where the kernel tells of every change, nothing is looked at until it did.

use crate::fail::Failure;
use crate::session::Session;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use suanzi_operator::catalogue::Catalogue;
use suanzi_operator::source::SourcesLook;
use suanzi_operator::source_watch::SourceWatch;

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
    /// Since before `look` was taken; `None` where the kernel can't tell of all changes.
    watch: Option<SourceWatch>,
    catalogue: Arc<Catalogue>,
}

/// What a catalogue was made from, as it looked from outside.
#[derive(Clone, PartialEq)]
struct Look {
    sources: Vec<SourcesLook>,
    /// Of the directories packages are installed into: an installation changes their times.
    site_packages: Vec<Option<(u64, i64, i64)>>,
}

impl Kept {
    /// The same, not watched yet.
    fn again(&self) -> Kept {
        Kept {
            dirs: self.dirs.clone(),
            packages: self.packages.clone(),
            look: self.look.clone(),
            watch: None,
            catalogue: self.catalogue.clone(),
        }
    }
}

impl Catalogues {
    /// As [`Session::catalogue`], of that moment.
    pub fn of(&self, session: &Session, dirs: &[PathBuf]) -> Result<Arc<Catalogue>, Failure> {
        // Not held meanwhile: indexing a directory may take Python some seconds.
        let found = self.kept().iter().find(|one| one.dirs == dirs).cloned();
        if let Some(one) = found {
            if one.watch.as_ref().is_some_and(SourceWatch::untouched) {
                return Ok(one.catalogue.clone());
            }
            let watch = watch(session, dirs, &one.packages);
            if look(session, dirs, &one.packages).is_some_and(|now| now == one.look) {
                if watch.is_some() {
                    self.keep(Kept { watch, ..one.again() });
                }
                return Ok(one.catalogue.clone());
            }
        }
        // Looked at before it is read: what changes meanwhile is seen the next time.
        let packages: Vec<PathBuf> = session.python.operator_packages().into_iter().map(|(_, root)| root).collect();
        let watch = watch(session, dirs, &packages);
        let look = look(session, dirs, &packages).filter(|look| look.sources.iter().all(SourcesLook::is_settled));
        let catalogue = Arc::new(session.catalogue(dirs)?);
        if let Some(look) = look {
            self.keep(Kept { dirs: dirs.to_vec(), packages, look, watch, catalogue: catalogue.clone() });
        }
        Ok(catalogue)
    }

    fn keep(&self, one: Kept) {
        let mut kept = self.kept();
        kept.retain(|other| other.dirs != one.dirs);
        if kept.len() == MOST_KEPT {
            kept.remove(0);
        }
        kept.push(Arc::new(one));
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Arc<Kept>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn watch(session: &Session, dirs: &[PathBuf], packages: &[PathBuf]) -> Option<SourceWatch> {
    let roots = std::iter::once(&session.python.package).chain(dirs).chain(packages);
    SourceWatch::begin(roots.map(PathBuf::as_path), session.python.site_packages.iter().map(PathBuf::as_path))
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
