//! The canvas: its page at `/` and its built files. They are no secret; what they show is asked for with a session.

use crate::asked::At;
use crate::problem::{Answer, no_route};
use crate::runs::blocking;
use crate::web::{nonce, policy_with_styles};
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use std::borrow::Cow;
use suanzi_api::{Code, Problem};

/// Of release builds.
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/canvas.rs"));
}

/// Endings of built files, and what each is.
const ENDINGS: [&str; 8] = ["js", "css", "svg", "png", "woff2", "json", "map", "wasm"];
pub(crate) const MEDIA: &[&str; 8] = &[
    "text/javascript; charset=utf-8",
    "text/css; charset=utf-8",
    "image/svg+xml",
    "image/png",
    "font/woff2",
    "application/json",
    "application/json",
    "application/wasm",
];
/// Where debug builds find it.
const DIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/dist");
const INDEX: &str = "index.html";
/// What the page holds where each answer's own word for its styles goes.
const NONCE_MARK: &str = "__CSP_NONCE__";
const NOT_BUILT: &str = include_str!("canvas_missing.html");
/// Names of built files carry a hash of what is in them.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

pub(crate) async fn page() -> Result<Response, Answer> {
    let found = blocking(|| Ok(read(INDEX))).await?;
    let nonce = nonce();
    let text = found.map_or(Cow::Borrowed(NOT_BUILT), |bytes| String::from_utf8_lossy(&bytes).into_owned().into());
    let text = text.replace(NONCE_MARK, &nonce);
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response();
    // Hex only: always a header's value.
    if let Ok(policy) = HeaderValue::from_str(&policy_with_styles(&nonce)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

pub(crate) async fn asset(At(file): At<String>, uri: Uri) -> Result<Response, Answer> {
    let Some(media) = media_type(&file) else { return Err(no_route(uri).await) };
    let found = blocking(move || {
        let missing = || Problem::new(Code::NotFound, format!("the canvas has no file '{file}'"));
        read(&format!("assets/{file}")).ok_or_else(missing)
    })
    .await?;
    let headers = [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, FOR_EVER)];
    Ok((headers, found.into_owned()).into_response())
}

/// Only of plain names with a known ending: never a path.
fn media_type(file: &str) -> Option<&'static str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if file.starts_with('.') || !file.bytes().all(plain) {
        return None;
    }
    let ending = file.rsplit_once('.')?.1;
    let at = ENDINGS.iter().position(|known| *known == ending)?;
    Some(MEDIA[at])
}

fn read(name: &str) -> Option<Cow<'static, [u8]>> {
    if cfg!(debug_assertions) {
        return std::fs::read(std::path::Path::new(DIST).join(name)).ok().map(Cow::Owned);
    }
    embedded::FILES.iter().find(|(known, _)| *known == name).map(|(_, bytes)| Cow::Borrowed(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_of_known_kinds_are_files() {
        for (name, expected) in [
            ("index-BZ3f_-9.js", true),
            ("a.b.css", true),
            ("x.woff2", true),
            ("", false),
            ("js", false),
            (".js", false),
            ("..", false),
            ("../token.js", false),
            ("..\\token.js", false),
            ("a/b.js", false),
            ("a\0.js", false),
            ("页.js", false),
            ("token", false),
            ("a.html", false),
        ] {
            assert_eq!(media_type(name).is_some(), expected, "{name:?}");
        }
    }
}
