//! Where artifacts lie: in the home, unless the command line, the environment, or whoever owned the home last named a store of objects.

use crate::fail::Failure;
use crate::home::Home;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use suanzi_artifact::{ArtifactError, ArtifactStore, LocalArtifacts};
use suanzi_artifact_s3::{Claim, Place, S3Artifacts, Surroundings};
use suanzi_executor::ObjectPlace;
use suanzi_store::{ArtifactFilter, Store};

/// By this word `--artifacts` means the home.
const HOME: &str = "home";
const GUIDE: &str = "docs/guide/artifacts-on-s3.md";
/// Kept in the home: the place, and the name by which the prefix is this home's.
const FILE: &str = "artifacts.store";
/// The kernel's: another one at each reading.
const NEW_NAME: &str = "/proc/sys/kernel/random/uuid";

/// What workers need of this process's environment to reach the store; nothing else of it goes to them.
pub const ENVIRONMENT: [&str; 10] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "SSL_CERT_FILE",
    "SUANZI_ARTIFACTS_WAIT",
    "SUANZI_COPIES_SIZE",
];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Choice {
    Home,
    Objects(Place),
}

static CHOSEN: OnceLock<Choice> = OnceLock::new();

/// Takes the setting for the whole life of this process.
pub fn choose(text: Option<&str>) -> Result<(), Failure> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(()) };
    let choice = match text {
        HOME => Choice::Home,
        _ => Choice::Objects(text.parse().map_err(|why| {
            Failure::invalid(format!("--artifacts: {why}")).hint(format!(
                "--artifacts s3://BUCKET/PREFIX, or `{HOME}` for the home's own directory; {GUIDE} says more"
            ))
        })?),
    };
    let _ = CHOSEN.set(choice);
    Ok(())
}

/// The artifacts of a home.
#[derive(Debug, Clone)]
pub struct Artifacts {
    pub store: Arc<dyn ArtifactStore>,
    /// For workers, where the store's folder holds only copies.
    pub objects: Option<ObjectPlace>,
}

impl Artifacts {
    /// For commands that look, and calls nobody.
    pub fn open(home: &Home) -> Result<Artifacts, Failure> {
        match place(home) {
            Some(place) => Ok(on(place, &home.artifacts())?.1),
            None => Artifacts::in_home(home),
        }
    }

    /// For the home's owner: what was asked for is tried, and remembered.
    pub fn owned(home: &Home, store: &dyn Store) -> Result<Artifacts, Failure> {
        let (before, wanted) = (remembered(home), place(home));
        if before.as_ref().map(|before| &before.place) != wanted.as_ref() {
            may_move(home, store, before.as_ref(), wanted.as_ref())?;
        }
        let Some(wanted) = wanted else {
            forget(home)?;
            return Artifacts::in_home(home);
        };
        let (objects, artifacts) = tried(wanted.clone(), &home.artifacts())?;
        let name = match &before {
            Some(before) => before.name.clone(),
            None => std::fs::read_to_string(NEW_NAME)?.trim().to_owned(),
        };
        match objects.claim(&name).map_err(|error| refused(&wanted, &error))? {
            Claim::Ours => {}
            Claim::AnothersHome => {
                return Err(Failure::invalid(format!("{wanted} holds the artifacts of another home"))
                    .hint("give each home a prefix of its own, or remove what lies there if that home is gone"));
            }
        }
        if before.is_none_or(|before| before.place != wanted) {
            remember(home, &wanted, &name)?;
        }
        Ok(artifacts)
    }

    fn in_home(home: &Home) -> Result<Artifacts, Failure> {
        let store = LocalArtifacts::new(home.artifacts()).map_err(Failure::invalid)?;
        Ok(Artifacts { store: Arc::new(store), objects: None })
    }
}

/// The store that `--artifacts` names, tried; for those who keep only copies of a home's artifacts, in `copies`.
pub fn of_others(copies: &Path) -> Result<Option<ObjectPlace>, Failure> {
    match CHOSEN.get() {
        Some(Choice::Objects(place)) => {
            let (objects, artifacts) = tried(place.clone(), copies)?;
            objects.check().map_err(|error| refused(place, &error))?;
            Ok(artifacts.objects)
        }
        Some(Choice::Home) | None => Ok(None),
    }
}

/// Whether the store of objects that the home uses can be used; none where it uses none.
pub fn check(home: &Home) -> Option<Result<String, Failure>> {
    let place = place(home)?;
    let tried = tried(place.clone(), &home.artifacts());
    Some(tried.and_then(|(objects, _)| match objects.check() {
        Ok(()) => Ok(place.to_string()),
        Err(error) => Err(refused(&place, &error)),
    }))
}

/// Nobody is sent to an owner of the home who keeps artifacts elsewhere than was asked for.
pub fn same(home: &Home) -> Result<(), Failure> {
    let theirs = remembered(home).map(|remembered| remembered.place);
    match CHOSEN.get() {
        Some(_) if place(home) != theirs => {
            let (theirs, mine) = (shown(theirs.as_ref()), shown(place(home).as_ref()));
            Err(Failure::invalid(format!("whoever owns this home keeps artifacts in {theirs}, not in {mine}"))
                .hint("leave out --artifacts and SUANZI_ARTIFACTS, or set SUANZI_HOME to another directory"))
        }
        _ => Ok(()),
    }
}

fn place(home: &Home) -> Option<Place> {
    match CHOSEN.get() {
        Some(Choice::Objects(place)) => Some(place.clone()),
        Some(Choice::Home) => None,
        None => remembered(home).map(|remembered| remembered.place),
    }
}

fn shown(place: Option<&Place>) -> String {
    place.map_or_else(|| "the home".into(), Place::to_string)
}

fn on(place: Place, copies: &Path) -> Result<(Arc<S3Artifacts>, Artifacts), Failure> {
    let around = Surroundings::of_process();
    let objects = ObjectPlace {
        url: place.to_string(),
        endpoint: around.endpoint.clone(),
        region: around.region.clone(),
        root: copies.to_owned(),
        files: Vec::new(),
    };
    let store = Arc::new(S3Artifacts::new(place, &around, copies).map_err(|why| Failure::invalid(why).hint(GUIDE))?);
    Ok((store.clone(), Artifacts { store, objects: Some(objects) }))
}

fn tried(place: Place, copies: &Path) -> Result<(Arc<S3Artifacts>, Artifacts), Failure> {
    if !Surroundings::of_process().has_credentials() {
        return Err(Failure::invalid(format!("{place} needs credentials"))
            .hint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_ENDPOINT_URL for a server of your own"));
    }
    on(place, copies)
}

fn refused(place: &Place, error: &ArtifactError) -> Failure {
    let hint = match error {
        ArtifactError::Away { .. } => "see whether the server runs, and AWS_ENDPOINT_URL".to_owned(),
        ArtifactError::Refused { reason, .. } if reason.contains("no such bucket") => {
            format!("make the bucket {} first; Suanzi makes none", place.bucket)
        }
        _ => "see AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, and what they may read, write and remove"
            .into(),
    };
    Failure::invalid(format!("artifacts can't be kept there: {error}")).hint(hint)
}

/// Results don't move: what rows name must be where it is looked for.
fn may_move(
    home: &Home,
    store: &dyn Store,
    before: Option<&Remembered>,
    wanted: Option<&Place>,
) -> Result<(), Failure> {
    let kept = store.artifacts(&ArtifactFilter { present: true, ..ArtifactFilter::default() })?;
    let files = kept.iter().filter(|artifact| !artifact.path.is_empty()).count();
    if files == 0 {
        return Ok(());
    }
    let (here, there) = (shown(before.map(|before| &before.place)), shown(wanted));
    Err(Failure::invalid(format!("{files} results of {} lie in {here}, and artifacts are asked for in {there}", home.root.display()))
        .hint(format!("without --artifacts, `suanzi cache clear` removes them; or set SUANZI_HOME to another directory; {GUIDE} says more")))
}

struct Remembered {
    place: Place,
    name: String,
}

fn file(home: &Home) -> PathBuf {
    home.root.join(FILE)
}

fn remembered(home: &Home) -> Option<Remembered> {
    let text = std::fs::read_to_string(file(home)).ok()?;
    let mut lines = text.lines();
    Some(Remembered { place: lines.next()?.parse().ok()?, name: lines.next()?.to_owned() })
}

fn remember(home: &Home, place: &Place, name: &str) -> Result<(), Failure> {
    let fresh = home.root.join(format!(".{FILE}.new"));
    std::fs::write(&fresh, format!("{place}\n{name}\n"))?;
    std::fs::rename(&fresh, file(home))?;
    Ok(())
}

fn forget(home: &Home) -> Result<(), Failure> {
    match std::fs::remove_file(file(home)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
