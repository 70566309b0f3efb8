//! JSON bodies whose rejection is a problem like any other.

use crate::problem::Answer;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use std::time::Duration;
use suanzi_api::{Code, MAX_BODY_BYTES, Problem};

/// How long a request's body may take.
const BODY_S: u64 = 60;

pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Answer;

    async fn from_request(request: Request, state: &S) -> Result<Self, Answer> {
        let limit = Duration::from_secs(BODY_S);
        match tokio::time::timeout(limit, Json::<T>::from_request(request, state)).await {
            Ok(Ok(Json(value))) => Ok(Body(value)),
            Ok(Err(rejection)) => Err(refuse(&rejection)),
            Err(_) => Err(Answer(Problem::new(Code::RequestTimeout, format!("the body took longer than {BODY_S} s")))),
        }
    }
}

/// A body as it is, within the same bounds.
pub(crate) async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Answer> {
    let limit = Duration::from_secs(BODY_S);
    match tokio::time::timeout(limit, Bytes::from_request(request, state)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(too_large()),
        Ok(Err(rejection)) => Err(Answer(Problem::new(Code::BadRequest, rejection.body_text()))),
        Err(_) => Err(Answer(Problem::new(Code::RequestTimeout, format!("the body took longer than {BODY_S} s")))),
    }
}

fn too_large() -> Answer {
    Answer(Problem::new(Code::BodyTooLarge, format!("the request is larger than {} MiB", MAX_BODY_BYTES >> 20)))
}

fn refuse(rejection: &JsonRejection) -> Answer {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    if rejection.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return Answer(Problem::new(Code::UnsupportedMediaType, "this route takes application/json"));
    }
    Answer(Problem::new(Code::BadRequest, rejection.body_text()))
}
