//! The base environment, and names of those that stand on it.

use std::fmt;
use std::path::PathBuf;

/// Suanzi's own environment: what operators without requirements run in.
#[derive(Debug, Clone)]
pub struct Base {
    /// The interpreter.
    pub python: PathBuf,
    /// `3.12.4`.
    pub version: String,
    pub site_packages: Vec<PathBuf>,
    /// Where the `suanzi` package is found when it isn't installed.
    pub python_path: Option<PathBuf>,
    /// Names and versions of what is installed there. What pip finds there it doesn't install again, so another list makes another environment.
    pub distributions: Vec<String>,
}

/// 32 hex digits: the hash of all that decides what an environment holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnvironmentId(String);

const DIGITS: usize = 32;
/// As many tell environments apart on a screen.
const SHORT_DIGITS: usize = 12;

impl EnvironmentId {
    /// `None` for anything but an id, such as the name of another file.
    pub fn parse(text: &str) -> Option<EnvironmentId> {
        let digits = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (digits && text.len() == DIGITS).then(|| EnvironmentId(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For people.
    pub fn short(&self) -> &str {
        &self.0[..SHORT_DIGITS]
    }
}

impl fmt::Display for EnvironmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Base {
    pub(crate) fn id(&self, requirements: &[String]) -> EnvironmentId {
        let mut hasher = blake3::Hasher::new_derive_key("suanzi 1 environment");
        let mut part = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        part(env!("CARGO_PKG_VERSION"));
        part(&self.version);
        part(&self.python.to_string_lossy());
        part(std::env::consts::OS);
        part(std::env::consts::ARCH);
        for list in [&self.distributions, requirements] {
            part(&list.len().to_string());
            list.iter().for_each(|text| part(text));
        }
        EnvironmentId(hasher.finalize().to_hex()[..DIGITS].to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        Base {
            python: "/usr/bin/python3".into(),
            version: "3.12.4".into(),
            site_packages: Vec::new(),
            python_path: None,
            distributions: vec!["numpy-2.0.dist-info".into()],
        }
    }

    #[test]
    fn an_id_follows_all_that_decides_what_is_installed() {
        let list = |texts: &[&str]| texts.iter().map(|t| t.to_string()).collect::<Vec<_>>();
        let id = base().id(&list(&["tiny==1"]));
        assert_eq!(EnvironmentId::parse(id.as_str()).as_ref(), Some(&id));
        assert_eq!(base().id(&list(&["tiny==1"])), id, "the same again");
        let others = [
            base().id(&list(&["tiny==2"])),
            base().id(&list(&["tiny==1", "b"])),
            base().id(&[]),
            Base { version: "3.12.5".into(), ..base() }.id(&list(&["tiny==1"])),
            Base { python: "/opt/python3".into(), ..base() }.id(&list(&["tiny==1"])),
            Base { distributions: list(&["numpy-2.1.dist-info"]), ..base() }.id(&list(&["tiny==1"])),
            // A list's end is told.
            Base { distributions: list(&["numpy-2.0.dist-info", "tiny==1"]), ..base() }.id(&[]),
        ];
        for (at, other) in others.iter().enumerate() {
            assert!(*other != id && !others[..at].contains(other), "{at}");
        }
    }

    #[test]
    fn only_ids_are_ids() {
        for text in ["", "..", "0123", "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcdef.lock"] {
            assert_eq!(EnvironmentId::parse(text), None, "{text}");
        }
    }
}
