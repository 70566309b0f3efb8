//! JSON bodies whose rejection is a problem like any other.

use crate::problem::Answer;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use suanzi_api::{Code, MAX_BODY_BYTES, Problem};

pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Answer;

    async fn from_request(request: Request, state: &S) -> Result<Self, Answer> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Body(value)),
            Err(rejection) => Err(refuse(&rejection)),
        }
    }
}

fn refuse(rejection: &JsonRejection) -> Answer {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = format!("the request is larger than {} MiB", MAX_BODY_BYTES >> 20);
        return Answer(Problem::new(Code::BodyTooLarge, detail));
    }
    Answer(Problem::new(Code::BadRequest, rejection.body_text()))
}
