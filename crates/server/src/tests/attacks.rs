//! Requests that a browser sends for somebody else's page.

use super::{Ask, Scene, get, sign_in_by};
use axum::http::{Method, header};

const UNSAFE: &[&str] = &["POST", "PUT", "PATCH", "DELETE"];

fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).expect("a method")
}

#[test]
fn b4_pages_of_other_sites_are_refused_with_good_credentials_too() {
    let scene = Scene::new();
    let browser = scene.sign_in();
    for origin in ["http://evil", "null", "http://127.0.0.1:9999", "http://localhost:8765", "https://127.0.0.1"] {
        for path in ["/api/v1/runs/x", "/api/v1/runs/x/events", "/healthz"] {
            let by_cookie = scene.send(get(path).by(&browser).with(("origin", origin)));
            let by_token = scene.send(get(path).with(scene.bearer()).with(("origin", origin)));
            assert_eq!((by_cookie.status, by_token.status), (403, 403), "{origin} {path}");
        }
        let code = scene.code();
        assert_eq!(scene.send(sign_in_by("code", &code).with(("origin", origin))).status, 403, "{origin}");
        assert_eq!(scene.send(sign_in_by("code", &code)).status, 201, "the code was not looked at");
    }
    let own = scene.send(get("/api/v1/runs/x").by(&browser).with(("origin", "http://127.0.0.1:8765")));
    assert_eq!(own.status, 404);
}

#[test]
fn b5_other_hosts_are_refused_with_a_good_token_too() {
    let scene = Scene::new();
    for hosts in [&[] as &[&str], &["evil.com"], &["127.0.0.1.nip.io:8765"], &["127.0.0.1:8765", "127.0.0.1:8765"]] {
        let mut ask = get("/healthz").with(scene.bearer());
        ask.headers.retain(|(name, _)| name != "host");
        for host in hosts {
            ask = ask.with(("host", *host));
        }
        let answered = scene.send(ask);
        assert_eq!((answered.status, answered.code().as_str()), (421, "misdirected"), "{hosts:?}");
    }
    let absolute = scene.send(get("http://evil.com/healthz").with(scene.bearer()));
    assert_eq!(absolute.status, 421);
}

#[test]
fn b6_a_cookie_alone_changes_nothing() {
    let scene = Scene::new();
    let (browser, other) = (scene.sign_in(), scene.sign_in());
    for verb in UNSAFE {
        for path in ["/api/v1/runs", "/api/v1/runs/x/cancel", "/api/v1/runs/x/resume", "/api/v1/codes", "/nothing"] {
            let plain = scene.send(Ask::new(method(verb), path).by(&browser).json("{}"));
            let foreign = scene.send(Ask::new(method(verb), path).by(&browser).with_csrf(&other).json("{}"));
            let twice = Ask::new(method(verb), path).by(&browser).with_csrf(&browser).with_csrf(&browser).json("{}");
            let statuses = (plain.status, foreign.status, scene.send(twice).status);
            assert_eq!(statuses, (403, 403, 403), "{verb} {path}");
        }
    }
    assert_eq!(scene.send(Ask::new(Method::DELETE, "/api/v1/session").by(&browser)).status, 403);
    assert_eq!(scene.send(get("/api/v1/session").by(&browser)).status, 200, "nobody was signed out");
    let meant = scene.send(Ask::new(Method::POST, "/api/v1/runs/x/cancel").by(&browser).with_csrf(&browser));
    assert_eq!(meant.status, 404);
}

#[test]
fn b6_content_types_of_forms_are_refused() {
    let scene = Scene::new();
    for (path, given, expected) in [
        ("/api/v1/runs", Some("application/json"), 400),
        ("/api/v1/runs", Some("Application/JSON; charset=utf-8"), 400),
        ("/api/v1/runs", None, 415),
        ("/api/v1/runs", Some("text/plain"), 415),
        ("/api/v1/runs", Some("text/plain; application/json"), 415),
        ("/api/v1/runs", Some("application/x-www-form-urlencoded"), 415),
        ("/api/v1/runs", Some("multipart/form-data; boundary=x"), 415),
        ("/api/v1/runs", Some(""), 415),
        ("/api/v1/session", Some("text/plain"), 415),
        ("/api/v1/runs/x/cancel", None, 404),
        ("/api/v1/runs/x/cancel", Some("application/json"), 404),
        ("/api/v1/runs/x/cancel", Some("text/plain"), 415),
    ] {
        let mut ask = Ask::new(Method::POST, path).with(scene.bearer());
        ask.body = "{}".into();
        let ask = match given {
            Some(given) => ask.with(("content-type", given)),
            None => ask,
        };
        assert_eq!(scene.send(ask).status, expected, "{path} {given:?}");
    }
}

#[test]
fn b7_no_answer_allows_other_origins() {
    let scene = Scene::new();
    for ask in [
        get("/healthz").with(("origin", "http://127.0.0.1:8765")),
        get("/api/v1/runs/x").with(scene.bearer()).with(("origin", "http://evil")),
        Ask::new(Method::OPTIONS, "/api/v1/runs")
            .with(("origin", "http://evil"))
            .with(("access-control-request-method", "POST")),
        Ask::new(Method::OPTIONS, "/api/v1/runs").with(scene.bearer()),
    ] {
        let answered = scene.send(ask);
        let said: Vec<_> = answered.headers.keys().filter(|k| k.as_str().starts_with("access-control")).collect();
        assert!(said.is_empty(), "{said:?}");
    }
}

#[test]
fn b18_every_answer_carries_the_strict_headers() {
    let scene = Scene::new();
    let mut ids = std::collections::BTreeSet::new();
    for ask in
        [get("/healthz"), get("/login"), get("/login.js"), get("/none"), get("/api/v1/runs/x").with(scene.bearer())]
    {
        let uri = ask.uri.clone();
        let answered = scene.send(ask);
        let said =
            |name: &str| answered.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_string();
        let policy = said("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{uri}: {policy}");
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{uri}: {policy}");
        assert_eq!(
            (said("x-content-type-options"), said("cache-control")),
            ("nosniff".into(), "no-store".into()),
            "{uri}"
        );
        assert!(ids.insert(said("x-request-id")), "each request has an id of its own");
    }
    let page = scene.send(get("/login"));
    assert!(
        page.body.contains("src=\"/login.js\"") && !page.body.contains("<script>") && !page.body.contains("style=")
    );
    assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
}

#[test]
fn b15_a_run_begun_over_the_network_names_no_directories() {
    let scene = Scene::new();
    let body = |options: serde_json::Value| serde_json::json!({ "source": "x: 1", "options": options }).to_string();
    for (options, expected) in [
        (serde_json::json!({ "operator_dirs": ["/d"] }), "option_refused"),
        (serde_json::json!({ "base_dir": "/d" }), "option_refused"),
        (serde_json::json!({ "seed": 1 }), "invalid_dag"),
    ] {
        let answered = scene.send(Ask::new(Method::POST, "/api/v1/runs").with(scene.bearer()).json(&body(options)));
        assert_eq!((answered.status, answered.code().as_str()), (422, expected), "{}", answered.body);
    }
}
