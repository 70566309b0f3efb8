//! The page that signs in: it hands the code after `#` of its address, or a password where one is set, to `/api/v1/session`, and goes on to the canvas.

use super::grant::Grant;
use axum::http::header;
use axum::response::IntoResponse;

const PAGE: &str = include_str!("login.html");
const SCRIPT: &str = include_str!("login.js");
/// What the page holds where it is told whether a password signs in here.
const PASSWORD_MARK: &str = "__PASSWORD__";

pub(crate) async fn login(grant: Grant) -> impl IntoResponse {
    let password = grant.access.is_some_and(|access| access.secrets.current().password.is_some());
    let text = PAGE.replace(PASSWORD_MARK, if password { "yes" } else { "no" });
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text)
}

pub(crate) async fn login_script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)
}
