//! JSON bodies whose rejection is a problem like any other.

use crate::problem::Answer;
use axum::Json;
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

fn refuse(rejection: &JsonRejection) -> Answer {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = format!("the request is larger than {} MiB", MAX_BODY_BYTES >> 20);
        return Answer(Problem::new(Code::BodyTooLarge, detail));
    }
    if rejection.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return Answer(Problem::new(Code::UnsupportedMediaType, "this route takes application/json"));
    }
    Answer(Problem::new(Code::BadRequest, rejection.body_text()))
}
