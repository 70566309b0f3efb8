//! Paths and queries whose rejection is a problem like any other.

use crate::problem::Answer;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use suanzi_api::{Code, DEFAULT_PAGE_ITEMS, MAX_PAGE_ITEMS, Problem};

/// The parts of the path between slashes, decoded. What can't be one names nothing.
pub(crate) struct At<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Answer;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Answer> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(At(value)),
            Err(_) => Err(Answer(Problem::new(Code::NotFound, format!("there is nothing at {}", parts.uri.path())))),
        }
    }
}

/// What stands behind `?`.
pub(crate) struct Asked<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Answer;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Answer> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Asked(value)),
            Err(error) => Err(Answer(Problem::new(Code::BadRequest, error.body_text()))),
        }
    }
}

/// A number that was asked for, within its bounds.
pub(crate) fn within(name: &str, given: Option<u32>, default: u32, most: u32) -> Result<u32, Problem> {
    let number = given.unwrap_or(default);
    if (1..=most).contains(&number) {
        return Ok(number);
    }
    Err(Problem::new(Code::BadRequest, format!("'{name}' is {number}; allowed: 1 to {most}")))
}

/// Items of a page.
pub(crate) fn page_items(limit: Option<u32>) -> Result<u32, Problem> {
    within("limit", limit, DEFAULT_PAGE_ITEMS, MAX_PAGE_ITEMS)
}

/// Where the page begins: what an earlier page gave as `next`.
pub(crate) fn page_before(before: Option<&str>) -> Result<Option<u64>, Problem> {
    let wrong =
        |text: &str| Problem::new(Code::BadRequest, format!("'before' is '{text}', which no page gave as next"));
    // Keys of the database are signed.
    let key = |text: &str| text.parse().ok().filter(|key| *key <= i64::MAX as u64);
    before.map(|text| key(text).ok_or_else(|| wrong(text))).transpose()
}
