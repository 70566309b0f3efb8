//! The catalogue: every operator kind that is known, by its `algo_name`.

use crate::manifest::{MANIFEST_VERSION, Manifest, OperatorSpec};
use crate::nearest::nearest;
use crate::spec_check::check_spec;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;
use std::sync::Arc;

/// A manifest larger than this is refused.
pub const MAX_MANIFEST_BYTES: usize = 16 << 20;

/// Where an operator's code comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// As messages name it: a distribution or the directory.
    pub package: String,
    /// A directory to put on `sys.path`, or none for an installed package.
    pub dir: Option<PathBuf>,
    /// Hash of its sources, hex: see [`crate::source::hash_sources`].
    pub code_hash: String,
}

/// An operator kind: what it declares and where its code is.
#[derive(Debug, Clone, PartialEq)]
pub struct Kind {
    pub spec: OperatorSpec,
    pub origin: Arc<Origin>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    #[error("this isn't an operator manifest: {0}")]
    Unreadable(String),
    #[error("operator manifest of version {found}: this program reads version {MANIFEST_VERSION}")]
    Version { found: u32 },
    #[error(
        "operator '{algo_name}' is declared by {first} and by {second}: an operator may not replace another, rename one of them"
    )]
    Duplicate { algo_name: String, first: String, second: String },
    #[error("operator '{algo_name}' of {package}: {what}")]
    Declaration { algo_name: String, package: String, what: String },
}

/// Reads a manifest as `python -m suanzi.sdk.manifest` writes it.
pub fn read_manifest(bytes: &[u8]) -> Result<Manifest, CatalogueError> {
    #[derive(serde::Deserialize)]
    struct Version {
        manifest_version: u32,
    }
    if bytes.len() > MAX_MANIFEST_BYTES {
        return Err(CatalogueError::Unreadable(format!("{} bytes, more than {MAX_MANIFEST_BYTES}", bytes.len())));
    }
    let unreadable = |error: serde_json::Error| CatalogueError::Unreadable(error.to_string());
    // The version first: of a newer manifest nothing else can be expected to read.
    let version: Version = serde_json::from_slice(bytes).map_err(unreadable)?;
    if version.manifest_version != MANIFEST_VERSION {
        return Err(CatalogueError::Version { found: version.manifest_version });
    }
    serde_json::from_slice(bytes).map_err(unreadable)
}

#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    kinds: BTreeMap<String, Arc<Kind>>,
}

impl Catalogue {
    pub fn new() -> Catalogue {
        Catalogue::default()
    }

    /// Adds all operators of a manifest, or none of them and says why.
    pub fn add(&mut self, manifest: Manifest, origin: Origin) -> Result<(), CatalogueError> {
        if manifest.manifest_version != MANIFEST_VERSION {
            return Err(CatalogueError::Version { found: manifest.manifest_version });
        }
        let origin = Arc::new(origin);
        let mut added: BTreeMap<String, Arc<Kind>> = BTreeMap::new();
        for spec in manifest.operators {
            let algo_name = spec.algo_name.clone();
            check_spec(&spec).map_err(|what| CatalogueError::Declaration {
                algo_name: algo_name.clone(),
                package: origin.package.clone(),
                what,
            })?;
            if let Some(first) = self.kinds.get(&algo_name) {
                return Err(duplicate(first, &spec, &origin));
            }
            match added.entry(algo_name) {
                Entry::Occupied(first) => return Err(duplicate(first.get(), &spec, &origin)),
                Entry::Vacant(place) => place.insert(Arc::new(Kind { spec, origin: origin.clone() })),
            };
        }
        self.kinds.append(&mut added);
        Ok(())
    }

    pub fn get(&self, algo_name: &str) -> Option<&Arc<Kind>> {
        self.kinds.get(algo_name)
    }

    /// The known `algo_name` that this one is probably meant to be.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.kinds.keys().map(String::as_str))
    }

    /// All kinds, sorted by `algo_name`.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Kind>> {
        self.kinds.values()
    }

    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }
}

fn duplicate(first: &Kind, second: &OperatorSpec, origin: &Origin) -> CatalogueError {
    let place =
        |origin: &Origin, spec: &OperatorSpec| format!("{} ({}.{})", origin.package, spec.module, spec.function);
    CatalogueError::Duplicate {
        algo_name: second.algo_name.clone(),
        first: place(&first.origin, &first.spec),
        second: place(origin, second),
    }
}
