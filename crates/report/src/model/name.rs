//! What a request calls a version.

use suanzi_api::VersionName;
use suanzi_store::{NoVersion, Which, model_at};

/// The model, and which of its versions: `credit`, `credit@champion`, or a version beside the name.
///
/// # Errors
/// What is neither a number nor an alias; two names at once.
pub fn version_named(model: &str, version: Option<&VersionName>) -> Result<(String, Which), NoVersion> {
    let (name, at) = model_at(model);
    let which = match (at, version) {
        (None, None) => Which::Newest,
        (Some(text), None) => Which::read(text)?,
        (None, Some(VersionName::Number(number))) => Which::read(&number.to_string())?,
        (None, Some(VersionName::Text(text))) => Which::read(text)?,
        (Some(_), Some(_)) => return Err(NoVersion::Twice(model.to_string())),
    };
    Ok((name.to_string(), which))
}
