//! Deny by default: every request over TCP, to whatever path, passes here before its body is read. What is public is decided on the matched route, never on the path's text.

use super::access::Access;
use super::connections::Link;
use super::grant::{Grant, Who};
use super::hosts::is_own_origin;
use super::random::digest;
use crate::problem::Answer;
use crate::router::{Takes, is_public, takes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::Instant;
use suanzi_api::{CSRF_HEADER, Code, Problem};

pub(crate) async fn guard(State(access): State<Arc<Access>>, mut request: Request, next: Next) -> Response {
    match admit(&access, &request) {
        Ok(who) => {
            request.extensions_mut().insert(Grant { who, access: Some(access) });
            next.run(request).await
        }
        Err(problem) => Answer(problem).into_response(),
    }
}

fn admit(access: &Access, request: &Request) -> Result<Who, Problem> {
    let headers = request.headers();
    let link = request.extensions().get::<Link>();
    let host = link.and_then(|link| access.hosts.of(headers, request.uri(), link.local));
    let Some(host) = host else {
        return Err(Problem::new(Code::Misdirected, "this server isn't known by that name")
            .hint(Some("`suanzi serve --allow-host NAME` allows one")));
    };
    if !is_own_origin(headers, host) {
        return Err(Problem::new(Code::Forbidden, "pages of other sites have no way in"));
    }
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let who = who(access, headers);
    // Signing in again with an old cookie is no harm: what comes from other sites' pages has been refused above and by its content type.
    if !route.is_some_and(|route| is_public(request.method(), route)) {
        if who == Who::Nobody {
            return Err(unauthorized());
        }
        check_csrf(access, &who, request)?;
    }
    check_content_type(request.method(), route, headers)?;
    Ok(who)
}

/// Bad credentials are nobody's, and no other ones are looked at beside a token.
fn who(access: &Access, headers: &HeaderMap) -> Who {
    let current = access.secrets.current();
    if headers.contains_key(header::AUTHORIZATION) {
        let mut all = headers.get_all(header::AUTHORIZATION).iter();
        let token = all.next().and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer ")).map(digest);
        let good = all.next().is_none() && token.is_some() && token == current.token;
        return token.filter(|_| good).map_or(Who::Nobody, Who::Token);
    }
    let Some(id) = cookie(headers, &access.cookie_name()).map(digest) else { return Who::Nobody };
    match access.sessions.touch(&id, &current.epoch, Instant::now()) {
        Some(_) => Who::Session(id),
        None => Who::Nobody,
    }
}

/// The only cookie of that name; with two of them one was planted.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut found = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(n, _)| *n == name)
        .map(|(_, value)| value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// A form of another site can send a cookie, but no header.
fn check_csrf(access: &Access, who: &Who, request: &Request) -> Result<(), Problem> {
    let Who::Session(id) = who else { return Ok(()) };
    if is_safe(request.method()) {
        return Ok(());
    }
    let epoch = access.secrets.current().epoch;
    let expected = access.sessions.touch(id, &epoch, Instant::now()).map(|found| digest(&found.csrf));
    let mut sent = request.headers().get_all(CSRF_HEADER).iter();
    let given = sent.next().and_then(|v| v.to_str().ok()).map(digest);
    if expected.is_some() && given == expected && sent.next().is_none() {
        return Ok(());
    }
    Err(Problem::new(Code::Forbidden, format!("the header {CSRF_HEADER} is missing or isn't this session's")))
}

/// What a browser's form can send is nothing that a route takes.
fn check_content_type(method: &Method, route: Option<&str>, headers: &HeaderMap) -> Result<(), Problem> {
    if is_safe(method) {
        return Ok(());
    }
    let Some(takes) = route.and_then(|route| takes(method, route)) else { return Ok(()) };
    let mut all = headers.get_all(header::CONTENT_TYPE).iter();
    let given =
        all.next().and_then(|v| v.to_str().ok()).map(|v| v.split(';').next().unwrap_or("").trim().to_ascii_lowercase());
    let good = all.next().is_none()
        && match (takes, given.as_deref()) {
            (Takes::Nothing, None) => true,
            (Takes::Nothing | Takes::Json, given) => given == Some("application/json"),
            (Takes::Types(all), given) => given.is_some_and(|given| all.contains(&given)),
        };
    let types = if let Takes::Types(all) = takes { all.join(", ") } else { "application/json".into() };
    if good { Ok(()) } else { Err(Problem::new(Code::UnsupportedMediaType, format!("this route takes {types}"))) }
}

fn unauthorized() -> Problem {
    Problem::new(Code::Unauthorized, "a token or a session is needed, and this one isn't valid")
        .hint(Some("`suanzi url` prints an address that signs in; the token is in the home's file `token`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn cookies_are_read_by_their_whole_name() {
        for (lines, expected) in [
            (&["s=1"] as &[&str], Some("1")),
            (&["a=0; s=1 ;b=2"], Some("1")),
            (&["xs=1; s2=1; S=1"], None),
            (&["s"], None),
            (&["s=1; s=2"], None),
            (&["s=1", "s=1"], None),
            (&["s=a=b"], Some("a=b")),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            assert_eq!(cookie(&headers, "s"), expected, "{lines:?}");
        }
    }
}
