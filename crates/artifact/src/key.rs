//! Artifact keys: relative paths that cannot leave the store.

use std::fmt;

use crate::ArtifactError;

/// Longest key accepted, in bytes.
pub const MAX_KEY_BYTES: usize = 1_024;
/// Longest single part of a key, in bytes (the limit of common file systems).
pub const MAX_KEY_PART_BYTES: usize = 255;

/// A relative path with `/` between its parts, as stored in the `path` of an artifact's row: `runs/12/3-0.arrow`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArtifactKey(String);

impl ArtifactKey {
    /// Reads a key.
    ///
    /// # Errors
    /// [`ArtifactError::BadKey`] if it is empty, too long, absolute, has an empty, `.` or `..` part, a backslash or a
    /// control character.
    pub fn parse(text: &str) -> Result<Self, ArtifactError> {
        let reason = match text {
            "" => Some("it is empty"),
            _ if text.len() > MAX_KEY_BYTES => Some("it is too long"),
            _ if text.starts_with('/') => Some("it is absolute"),
            _ if text.chars().any(|c| c.is_control() || c == '\\') => Some("it has a backslash or control character"),
            _ if text.split('/').any(|part| matches!(part, "" | "." | "..")) => Some("it has an empty, . or .. part"),
            _ if text.split('/').any(|part| part.len() > MAX_KEY_PART_BYTES) => Some("one of its parts is too long"),
            _ => None,
        };
        match reason {
            Some(reason) => Err(ArtifactError::BadKey { key: text.chars().take(100).collect(), reason }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its parts, outermost folder first; the last is the file's name.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }
}

impl fmt::Display for ArtifactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_stay_inside_are_keys() {
        let check = |text: &str, accepted: bool| {
            assert_eq!(ArtifactKey::parse(text).is_ok(), accepted, "{text:?}");
        };
        for good in ["a", "a/b.arrow", "runs/1/0-0.arrow", "数据/表.arrow", "a b", "...", "a..b", "~"] {
            check(good, true);
        }
        let long_part = "x".repeat(MAX_KEY_PART_BYTES + 1);
        let long_key = "ab/".repeat(MAX_KEY_BYTES);
        for bad in
            ["", "/", "/etc/passwd", "..", "../x", "a/../b", "a//b", "a/", "./a", "a/.", "a\\..\\b", "a\0b", "a\nb"]
        {
            check(bad, false);
        }
        check(&long_part, false);
        check(&long_key, false);
    }
}
