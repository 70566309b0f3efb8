//! Names of models' versions: a number, or an alias that can be moved.

use crate::{EpochMillis, ModelVersionRow, Result, Store};

/// A name for a version of a model, unique within the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasRow {
    pub model: String,
    pub alias: String,
    pub version: u32,
    pub changed_at: EpochMillis,
}

impl AliasRow {
    /// Longest alias, in characters.
    pub const MAX_CHARS: usize = 63;

    /// Can it be an alias? Small letters, digits, `_` and `-`, a letter first: never mistaken for a version's number.
    pub fn is_alias(text: &str) -> bool {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
            && text.len() <= Self::MAX_CHARS
    }
}

/// What names a version of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    Newest,
    Number(u32),
    Alias(String),
}

/// Why a version isn't found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoVersion {
    #[error("there is no model '{0}'")]
    Model(String),
    #[error("model '{model}' has no version {version}")]
    Number { model: String, version: u32 },
    #[error("model '{model}' has no alias '{alias}'")]
    Alias { model: String, alias: String },
    /// A version stands behind the `@`, and another beside it.
    #[error("'{0}' names a version, and another one was given besides")]
    Twice(String),
    /// Neither a number nor a possible alias.
    #[error("'{0}' is neither a version's number nor an alias")]
    Text(String),
}

impl NoVersion {
    pub fn hint(&self) -> &'static str {
        match self {
            NoVersion::Model(_) => "`suanzi models` lists them; the operator register_model registers one",
            NoVersion::Number { .. } => "`suanzi models NAME` shows its versions",
            NoVersion::Alias { .. } => {
                "`suanzi models alias list NAME` shows its aliases, `suanzi models alias set NAME ALIAS VERSION` sets one"
            }
            NoVersion::Twice(_) => "leave one of them out",
            NoVersion::Text(_) => {
                "give a number from 1, or an alias: small letters, digits, `_` and `-`, a letter first, at most 63"
            }
        }
    }
}

impl Which {
    /// Of a version as people write it.
    ///
    /// # Errors
    /// [`NoVersion::Text`].
    pub fn read(text: &str) -> std::result::Result<Which, NoVersion> {
        let number = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
        match number {
            Some(number) if number > 0 => Ok(Which::Number(number)),
            None if AliasRow::is_alias(text) => Ok(Which::Alias(text.to_string())),
            _ => Err(NoVersion::Text(text.to_string())),
        }
    }
}

/// `credit@champion` as the model and what stands behind the `@`, which no model's name has.
pub fn model_at(text: &str) -> (&str, Option<&str>) {
    text.split_once('@').map_or((text, None), |(model, which)| (model, Some(which)))
}

/// A model's version, if it has that one.
///
/// # Errors
/// The database's.
pub fn find_version(
    store: &dyn Store,
    model: &str,
    which: &Which,
) -> Result<std::result::Result<ModelVersionRow, NoVersion>> {
    let mut versions = store.model_versions(Some(model))?;
    let Some(newest) = versions.last().map(|row| row.version) else {
        return Ok(Err(NoVersion::Model(model.to_string())));
    };
    let number = match which {
        Which::Newest => newest,
        Which::Number(number) => *number,
        Which::Alias(alias) => {
            let aliases = store.model_aliases(Some(model))?;
            match aliases.into_iter().find(|row| row.alias == *alias) {
                Some(row) => row.version,
                None => return Ok(Err(NoVersion::Alias { model: model.to_string(), alias: alias.clone() })),
            }
        }
    };
    match versions.iter().position(|row| row.version == number) {
        Some(at) => Ok(Ok(versions.swap_remove(at))),
        None => Ok(Err(NoVersion::Number { model: model.to_string(), version: number })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let alias = |text: &str| Ok(Which::Alias(text.to_string()));
        for (text, expected) in [
            ("1", Ok(Which::Number(1))),
            ("042", Ok(Which::Number(42))),
            ("champion", alias("champion")),
            ("v2_old-one", alias("v2_old-one")),
        ] {
            assert_eq!(Which::read(text), expected, "{text}");
        }
        let long = "a".repeat(64);
        for text in ["", "0", "4294967296", "-1", "+1", "1a", "Champion", "a b", "冠军", "_a", "a@b", long.as_str()] {
            assert_eq!(Which::read(text), Err(NoVersion::Text(text.to_string())), "{text}");
        }
        assert_eq!(model_at("credit@champion"), ("credit", Some("champion")));
        assert_eq!(model_at("credit"), ("credit", None));
    }
}
