//! A DAG's text as it comes: YAML as it is, or in JSON with a title; and the number it is meant to replace.

use crate::body::Body;
use crate::problem::Answer;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use suanzi_api::{Code, DagText, Problem};

pub(crate) struct Text(pub DagText);

impl<S: Send + Sync> FromRequest<S> for Text {
    type Rejection = Answer;

    async fn from_request(request: Request, state: &S) -> Result<Self, Answer> {
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !media.trim_start().to_ascii_lowercase().starts_with("application/yaml") {
            return Body::<DagText>::from_request(request, state).await.map(|Body(text)| Text(text));
        }
        let bytes = crate::body::bytes(request, state).await?;
        let source = String::from_utf8(bytes.into())
            .map_err(|_| Answer(Problem::new(Code::BadRequest, "the text isn't UTF-8")))?;
        Ok(Text(DagText { source, title: None }))
    }
}

/// The number in `If-Match`.
pub(super) fn expected(headers: &HeaderMap) -> Result<u64, Problem> {
    let Some(given) = headers.get(header::IF_MATCH) else {
        return Err(Problem::new(Code::PreconditionRequired, "If-Match must say what is replaced")
            .hint(Some("send the number that was read last, in quotes")));
    };
    let text = given.to_str().unwrap_or_default().trim();
    let number = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text).parse();
    number.map_err(|_| Problem::new(Code::BadRequest, format!("If-Match: '{text}' isn't a number in quotes")))
}

/// Somebody was faster.
pub(super) fn conflict(what: &str, given: u64, present: u64) -> Problem {
    let mut problem = Problem::new(Code::VersionConflict, format!("the {what} is {present} by now, not {given}"))
        .hint(Some("read it again, then decide what to keep"));
    problem.present = Some(present);
    problem
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_number_that_is_replaced() {
        for (given, expected_code) in [
            (Some("\"3\""), None),
            (Some("3"), None),
            (None, Some(Code::PreconditionRequired)),
            (Some("*"), Some(Code::BadRequest)),
            (Some("W/\"3\""), Some(Code::BadRequest)),
            (Some("\"-1\""), Some(Code::BadRequest)),
            (Some("\""), Some(Code::BadRequest)),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(given) = given {
                headers.insert(header::IF_MATCH, HeaderValue::from_static(given));
            }
            let found = expected(&headers);
            assert_eq!(found.as_ref().err().map(|p| p.code), expected_code, "{given:?}");
            assert!(found.is_err() || found.is_ok_and(|number| number == 3));
        }
    }
}
