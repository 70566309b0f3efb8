//! The page that signs in: it hands the code after `#` of its address, or a password, to `/api/v1/session`.

use axum::http::header;
use axum::response::IntoResponse;

const PAGE: &str = include_str!("login.html");
const SCRIPT: &str = include_str!("login.js");

pub(crate) async fn login() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], PAGE)
}

pub(crate) async fn login_script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)
}
