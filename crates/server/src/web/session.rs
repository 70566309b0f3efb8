//! `/api/v1/session`: signing in and out; `/api/v1/codes`: addresses that sign in once.

use super::access::Access;
use super::codes::CODE_LIFETIME_S;
use super::connections::Link;
use super::grant::{Grant, Who};
use super::random::digest;
use super::sessions::SESSION_LIFETIME_H;
use crate::body::Body;
use crate::problem::Answer;
use crate::service::Service;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use std::sync::Arc;
use std::time::Instant;
use suanzi_api::{Code, CodeView, Problem, SessionView, SignIn};

const SESSION_LIFETIME_S: u64 = SESSION_LIFETIME_H * 3_600;

/// Always a new session, whatever cookie came along.
pub(crate) async fn sign_in(
    grant: Grant,
    link: Option<Extension<Link>>,
    Body(request): Body<SignIn>,
) -> Result<Response, Answer> {
    let (Some(access), Some(Extension(link))) = (&grant.access, link) else { return Err(no_web()) };
    let now = Instant::now();
    let attempt = match access.attempts.begin(link.peer.ip(), now) {
        Ok(attempt) => attempt,
        Err(wait_s) => return Ok(too_many(wait_s)),
    };
    let current = access.secrets.current();
    let good = match (&request.code, &request.password) {
        (Some(code), None) => access.codes.take(code, now),
        (None, Some(password)) => current.password.is_some() && Some(digest(password)) == current.password,
        _ => return Err(Answer(Problem::new(Code::BadRequest, "give either a code or a password"))),
    };
    if !good {
        let problem = Problem::new(Code::Unauthorized, "that doesn't sign in: wrong, used already or too old");
        return Err(Answer(problem.hint(Some("`suanzi url` prints another address"))));
    }
    access.attempts.succeeded(attempt);
    if let Who::Session(before) = &grant.who {
        access.sessions.end(before);
    }
    let begun = access.sessions.begin(current.epoch, now);
    let view = SessionView { csrf: begun.csrf, expires_in_s: SESSION_LIFETIME_S };
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie(access, &begun.id, SESSION_LIFETIME_S))], Json(view))
        .into_response())
}

pub(crate) async fn show(grant: Grant) -> Result<Json<SessionView>, Answer> {
    let (Some(access), Who::Session(id)) = (&grant.access, &grant.who) else { return Err(no_session()) };
    let epoch = access.secrets.current().epoch;
    let found = access.sessions.touch(id, &epoch, Instant::now()).ok_or_else(no_session)?;
    Ok(Json(SessionView { csrf: found.csrf, expires_in_s: found.left.as_secs() }))
}

pub(crate) async fn sign_out(grant: Grant) -> Result<Response, Answer> {
    let (Some(access), Who::Session(id)) = (&grant.access, &grant.who) else { return Err(no_session()) };
    access.sessions.end(id);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie(access, "", 0))]).into_response())
}

/// Not for sessions: one that is about to end must not make its own successor.
pub(crate) async fn make_code(
    grant: Grant,
    State(service): State<Arc<Service>>,
) -> Result<(StatusCode, Json<CodeView>), Answer> {
    if matches!(grant.who, Who::Session(_)) {
        return Err(Answer(Problem::new(Code::Forbidden, "a session makes no codes; the token does")));
    }
    let access = service.web.as_ref().ok_or_else(no_web)?;
    Ok((StatusCode::CREATED, Json(CodeView { url: access.url(), expires_in_s: CODE_LIFETIME_S })))
}

fn cookie(access: &Access, id: &str, max_age_s: u64) -> HeaderValue {
    let text = format!("{}={id}; HttpOnly; SameSite=Strict; Path=/; Max-Age={max_age_s}", access.cookie_name());
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

fn too_many(wait_s: u64) -> Response {
    let problem = Problem::new(Code::TooManyAttempts, format!("too many failed attempts; wait {wait_s} s"));
    let mut response = Answer(problem).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
    response
}

fn no_session() -> Answer {
    Answer(Problem::new(Code::NotFound, "this request has no session"))
}

fn no_web() -> Answer {
    let problem = Problem::new(Code::NoWeb, "the process that owns the home serves no address");
    Answer(problem.hint(Some("`suanzi serve` does; it needs the home for itself")))
}
