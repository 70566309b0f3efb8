//! Codes, passwords and sessions.

use super::{Ask, PASSWORD, Scene, get, sign_in_by, write_secret};
use crate::web::MAX_FAILURES;
use axum::http::{Method, header};

#[test]
fn a_code_signs_in_once_and_the_session_reads() {
    let scene = Scene::new();
    let code = scene.code();
    let answered = scene.send(sign_in_by("code", &code));
    assert_eq!(answered.status, 201, "{}", answered.body);
    let cookie = answered.headers[header::SET_COOKIE].to_str().expect("text").to_string();
    for part in ["suanzi_session_8765=", "; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let browser = answered.browser();
    let shown = scene.send(get("/api/v1/session").by(&browser));
    assert!(shown.status == 200 && shown.body.contains(&browser.csrf), "{}", shown.body);
    assert_eq!(scene.send(sign_in_by("code", &code)).status, 401);
}

#[test]
fn who_signs_in_how() {
    let scene = Scene::new();
    for (body, expected) in [
        (serde_json::json!({ "password": PASSWORD }), 201),
        (serde_json::json!({ "password": format!("{PASSWORD} ") }), 401),
        (serde_json::json!({ "password": "" }), 401),
        (serde_json::json!({ "code": "" }), 401),
        (serde_json::json!({ "code": scene.token() }), 401),
        (serde_json::json!({ "password": scene.token() }), 401),
        (serde_json::json!({}), 400),
        (serde_json::json!({ "code": scene.code(), "password": PASSWORD }), 400),
        (serde_json::json!({ "code": null }), 400),
        (serde_json::json!({ "token": scene.token() }), 400),
        (serde_json::json!([]), 400),
    ] {
        let ask = Ask::new(Method::POST, "/api/v1/session").json(&body.to_string());
        assert_eq!(scene.send_from(ask, "10.0.0.1:1").status, expected, "{body}");
    }
}

#[test]
fn b8_sessions_end_with_what_they_began_under() {
    let scene = Scene::new();
    let reads = |browser| scene.send(get("/api/v1/runs/x").by(browser)).status;
    let first = scene.sign_in();
    assert_eq!(reads(&first), 404);
    let out = scene.send(Ask::new(Method::DELETE, "/api/v1/session").by(&first).with_csrf(&first));
    assert!(out.status == 204 && out.headers[header::SET_COOKIE].to_str().expect("text").contains("Max-Age=0"));
    assert_eq!(reads(&first), 401, "signed out");
    let second = scene.sign_in();
    write_secret(&scene.path("password"), "another password");
    assert_eq!(reads(&second), 401, "the password was changed");
    let third = scene.sign_in();
    std::fs::remove_file(scene.path("token")).expect("it is there");
    assert_eq!(reads(&third), 401, "the token was taken away");
}

#[test]
fn b9_a_planted_cookie_is_not_taken_up() {
    let scene = Scene::new();
    let planted = "suanzi_session_8765=planted";
    let answered = scene.send(sign_in_by("code", &scene.code()).with(("cookie", planted)));
    let browser = answered.browser();
    assert!(answered.status == 201 && browser.cookie != planted);
    assert_eq!(scene.send(get("/api/v1/runs/x").with(("cookie", planted))).status, 401);
    // Signing in again ends the session before.
    let again = scene.send(sign_in_by("code", &scene.code()).by(&browser)).browser();
    assert_ne!(again.cookie, browser.cookie);
    assert_eq!(scene.send(get("/api/v1/runs/x").by(&browser)).status, 401);
    assert_eq!(scene.send(get("/api/v1/runs/x").by(&again)).status, 404);
}

#[test]
fn b10_a_session_of_another_installation_is_nobody() {
    let (one, other) = (Scene::new(), Scene::new());
    let browser = one.sign_in();
    assert_eq!(other.send(get("/api/v1/runs/x").by(&browser)).status, 401);
}

#[test]
fn b16_guessing_is_slowed_down() {
    let scene = Scene::new();
    for n in 0..MAX_FAILURES {
        assert_eq!(scene.send(sign_in_by("password", &format!("guess {n}"))).status, 401);
    }
    let refused = scene.send(sign_in_by("password", PASSWORD));
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_attempts"), "the right one isn't looked at");
    let wait_s: u64 = refused.headers[header::RETRY_AFTER].to_str().expect("text").parse().expect("seconds");
    assert!((1..=60).contains(&wait_s), "{wait_s}");
    assert_eq!(scene.send_from(sign_in_by("password", PASSWORD), "10.0.0.9:1").status, 201, "others aren't hindered");
    assert_eq!(scene.send(get("/api/v1/runs/x").with(scene.bearer())).status, 404, "the token isn't hindered");
}

#[test]
fn a_session_makes_no_codes() {
    let scene = Scene::new();
    let browser = scene.sign_in();
    let by_session = scene.send(Ask::new(Method::POST, "/api/v1/codes").by(&browser).with_csrf(&browser));
    let by_token = scene.send(Ask::new(Method::POST, "/api/v1/codes").with(scene.bearer()));
    assert_eq!((by_session.status, by_token.status), (403, 201));
    let view: suanzi_api::CodeView = serde_json::from_str(&by_token.body).expect("an address");
    let code = view.url.split_once("/login#code=").expect("a code").1;
    assert_eq!(scene.send(sign_in_by("code", code)).status, 201);
}
