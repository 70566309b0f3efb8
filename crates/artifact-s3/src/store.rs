//! The artifact store over one bucket, and the mark that says whose it is.

use crate::client::{Client, Fault};
use crate::place::{Place, Surroundings};
use std::fmt;
use std::fs::{self, File, FileTimes};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
use suanzi_artifact::{ArtifactEntry, ArtifactError, ArtifactKey, ArtifactStore, LocalArtifacts, Table};

/// Names the home that artifacts below the prefix belong to: another's sweep would take them for leftovers.
const MARK: &str = ".suanzi-home";
const MAX_MARK_BYTES: u64 = 1_024;

/// The most that S3 takes in one call.
const MAX_PUT_BYTES: u64 = 5 << 30;
/// A kept file that is older is written anew, so that its age says when it was last asked for.
const YOUNG: Duration = Duration::from_secs(24 * 3_600);

fn is_young(written: SystemTime) -> bool {
    SystemTime::now().duration_since(written).is_ok_and(|age| age < YOUNG)
}

/// Artifacts in a bucket, with copies in a folder. Workers write objects and copies; this reads and removes them.
pub struct S3Artifacts {
    copies: LocalArtifacts,
    client: Client,
    place: Place,
    downloads: AtomicU64,
}

impl fmt::Debug for S3Artifacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Artifacts({})", self.place)
    }
}

/// Whose the prefix is.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    Ours,
    AnothersHome,
}

impl S3Artifacts {
    /// Calls nobody. Errors: the server's address is none, in words; or the folder can't be made.
    pub fn new(place: Place, around: &Surroundings, copies: &Path) -> Result<S3Artifacts, String> {
        let client = Client::new(&place, around)?;
        let copies = LocalArtifacts::new(copies).map_err(|error| error.to_string())?;
        Ok(S3Artifacts { copies, client, place, downloads: AtomicU64::new(0) })
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether the store answers and lets these credentials look.
    ///
    /// # Errors
    /// [`ArtifactError::Away`] or [`ArtifactError::Refused`].
    pub fn check(&self) -> Result<(), ArtifactError> {
        self.mark().map(drop)
    }

    /// Takes the prefix for the home with this name, unless another has it.
    ///
    /// # Errors
    /// As [`S3Artifacts::check`]; also that nothing may be written.
    pub fn claim(&self, home: &str) -> Result<Claim, ArtifactError> {
        if let Some(found) = self.mark()? {
            return Ok(if found.trim() == home { Claim::Ours } else { Claim::AnothersHome });
        }
        let object = self.place.object(MARK);
        self.client.put(&object, home.as_bytes()).map_err(|fault| self.client.error(&object, fault))?;
        Ok(Claim::Ours)
    }

    fn mark(&self) -> Result<Option<String>, ArtifactError> {
        let object = self.place.object(MARK);
        match self.client.get(&object) {
            Ok(mut found) => {
                let text = found.body_mut().with_config().limit(MAX_MARK_BYTES).read_to_string();
                text.map(Some).map_err(|_| self.client.error(&object, Fault::Away("the connection broke".into())))
            }
            Err(Fault::Absent) => Ok(None),
            Err(fault) => Err(self.client.error(&object, fault)),
        }
    }

    fn failed(&self, key: &ArtifactKey, fault: Fault) -> ArtifactError {
        self.client.error(&self.shown(key), fault)
    }

    /// Under another name first: a reader never sees half a copy.
    fn download(&self, key: &ArtifactKey, to: &Path) -> Result<(), ArtifactError> {
        let found = self.client.get(&self.place.object(key.as_str())).map_err(|fault| self.failed(key, fault))?;
        let told = found.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        let here = |source: io::Error| ArtifactError::Io { path: to.to_owned(), source };
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(here)?;
        }
        let number = self.downloads.fetch_add(1, Ordering::Relaxed);
        let mut unfinished = to.as_os_str().to_owned();
        unfinished.push(format!(".{}-{number}.tmp", std::process::id()));
        let unfinished = PathBuf::from(unfinished);
        let done = self.take(key, &mut found.into_body().into_reader(), told, &unfinished);
        if let Err(error) = done {
            let _ = fs::remove_file(&unfinished);
            return Err(error);
        }
        fs::rename(&unfinished, to).map_err(here)
    }

    fn take(&self, key: &ArtifactKey, from: &mut dyn Read, told: Option<u64>, to: &Path) -> Result<(), ArtifactError> {
        let here = |source: io::Error| ArtifactError::Io { path: to.to_owned(), source };
        let mut file = File::create(to).map_err(here)?;
        // What breaks is the connection or the disk, and only one of them comes back by itself.
        let mut broken = None;
        let mut from = Noting { from, broken: &mut broken };
        let copied = io::copy(&mut from, &mut file);
        if broken.is_some() {
            return Err(self.failed(key, Fault::Away("the connection broke while an object was read".into())));
        }
        let copied = copied.map_err(here)?;
        match told {
            Some(told) if told != copied => Err(self.failed(key, Fault::Away("an object came cut short".into()))),
            _ => Ok(()),
        }
    }
}

/// Tells errors of reading from errors of writing.
struct Noting<'a> {
    from: &'a mut dyn Read,
    broken: &'a mut Option<io::ErrorKind>,
}

impl Read for Noting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.from.read(buffer).inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                *self.broken = Some(error.kind());
            }
        })
    }
}

impl ArtifactStore for S3Artifacts {
    fn open_table(&self, key: &ArtifactKey) -> Result<Table, ArtifactError> {
        self.fetch(key)?;
        self.copies.open_table(key)
    }

    fn size(&self, key: &ArtifactKey) -> Result<u64, ArtifactError> {
        let found = self.client.head(&self.place.object(key.as_str()));
        found.map(|(bytes, _)| bytes).map_err(|fault| self.failed(key, fault))
    }

    fn remove(&self, key: &ArtifactKey) -> Result<bool, ArtifactError> {
        // S3 doesn't say whether there was one.
        self.client.delete(&self.place.object(key.as_str())).map_err(|fault| self.failed(key, fault))?;
        self.copies.remove(key)?;
        Ok(true)
    }

    fn persist(&self, key: &ArtifactKey) -> Result<(), ArtifactError> {
        // An object that can be seen is stored for good.
        self.size(key).map(drop)
    }

    fn list(&self) -> Result<Vec<ArtifactEntry>, ArtifactError> {
        let whole = self.place.object("");
        let mut entries = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self.client.list(&whole, from.as_deref());
            let page = page.map_err(|fault| self.client.error(&self.place.to_string(), fault))?;
            for object in page.contents {
                let Some(key) = object.key.strip_prefix(&whole).filter(|key| *key != MARK) else { continue };
                let modified = object.last_modified.and_then(|time| time.parse::<jiff::Timestamp>().ok());
                // Of unknown age: as young as can be.
                let modified = modified.map_or_else(SystemTime::now, SystemTime::from);
                if let Ok(key) = ArtifactKey::parse(key) {
                    entries.push(ArtifactEntry { key, bytes: object.size.unwrap_or(0), modified });
                }
            }
            match page.next_continuation_token {
                Some(next) => from = Some(next),
                None => break,
            }
        }
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(entries)
    }

    fn local_path(&self, key: &ArtifactKey) -> Option<PathBuf> {
        self.copies.local_path(key)
    }

    fn fetch(&self, key: &ArtifactKey) -> Result<PathBuf, ArtifactError> {
        let path = self.copies.fetch(key)?;
        match File::open(&path) {
            Ok(file) => {
                // The least recently used copies go first; a file system may refuse, and then they go by age.
                let _ = file.set_times(FileTimes::new().set_accessed(SystemTime::now()));
            }
            Err(_) => self.download(key, &path)?,
        }
        Ok(path)
    }

    fn keep(&self, file: &Path, key: &ArtifactKey) -> Result<(), ArtifactError> {
        let here = |source: io::Error| ArtifactError::Io { path: file.to_owned(), source };
        let opened = File::open(file).map_err(here)?;
        let bytes = opened.metadata().map_err(here)?.len();
        if bytes > MAX_PUT_BYTES {
            return Err(here(io::Error::other(
                "a file that travels has at most 5 GiB; import it as a table of several",
            )));
        }
        let object = self.place.object(key.as_str());
        match self.client.head(&object) {
            Ok((there, Some(written))) if there == bytes && is_young(written) => return Ok(()),
            Ok(_) | Err(Fault::Absent) => {}
            Err(fault) => return Err(self.failed(key, fault)),
        }
        self.client.put_file(&object, &opened).map_err(|fault| self.failed(key, fault))
    }

    fn root(&self) -> &Path {
        self.copies.root()
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn shown(&self, key: &ArtifactKey) -> String {
        format!("s3://{}/{}", self.place.bucket, self.place.object(key.as_str()))
    }
}
