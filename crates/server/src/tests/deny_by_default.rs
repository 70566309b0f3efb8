//! Every route with every method and every kind of bad credential, from the router's own table.

use super::{Ask, Scene, get, write_secret};
use crate::router::{Takes, routes};
use axum::http::Method;

/// The only ways in without credentials: method and route, exactly.
const PUBLIC: &[&str] = &[
    "GET /healthz",
    "HEAD /healthz",
    "GET /readyz",
    "HEAD /readyz",
    "GET /",
    "HEAD /",
    "GET /assets/20261123-224511-k7qm2x",
    "HEAD /assets/20261123-224511-k7qm2x",
    "GET /login",
    "HEAD /login",
    "GET /login.js",
    "HEAD /login.js",
    "POST /api/v1/session",
];

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"];

/// A route with something in the place of each `{name}`.
fn filled(route: &str, value: &str) -> String {
    let parts = route.split('/').map(|part| if part.starts_with('{') { value } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn paths() -> Vec<String> {
    let mut paths: Vec<String> = routes().iter().map(|r| filled(r.path, "20261123-224511-k7qm2x")).collect();
    paths.dedup();
    assert!(paths.len() >= 9, "{paths:?}");
    paths
}

/// Headers that let nobody in.
fn bad_credentials(scene: &Scene) -> Vec<Vec<(&'static str, String)>> {
    let token = scene.token();
    let cookie = |id: &str| ("cookie", format!("suanzi_session_8765={id}"));
    let (revoked, logged_out) = (scene.bearer(), scene.sign_in());
    let out = scene.send(Ask::new(Method::DELETE, "/api/v1/session").by(&logged_out).with_csrf(&logged_out));
    assert_eq!(out.status, 204, "{}", out.body);
    let old = scene.sign_in();
    // Revokes the token and the session that began under it.
    write_secret(&scene.path("token"), &"b".repeat(64));
    let mut all = vec![
        vec![],
        vec![revoked],
        vec![("cookie", old.cookie.clone()), ("x-csrf-token", old.csrf)],
        vec![("cookie", logged_out.cookie), ("x-csrf-token", logged_out.csrf)],
        vec![cookie("")],
        vec![cookie(&"0".repeat(64))],
        vec![cookie(&token)],
        vec![scene.bearer(), scene.bearer()],
    ];
    for text in [
        "Bearer nothing",
        "Bearer ",
        "Bearer",
        "Bearer null",
        "bearer",
        "Basic ::",
        "Basic Og==",
        "null",
        "",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
    ] {
        all.push(vec![("authorization", text.to_string())]);
    }
    let good = scene.token();
    for text in [
        good.clone(),
        format!("Basic {good}"),
        format!("Token {good}"),
        format!("Bearer {good}x"),
        format!("Bearer {}", &good[1..]),
        format!("Bearer {}", good.to_uppercase()),
        format!("Bearer x{good}"),
    ] {
        all.push(vec![("authorization", text)]);
    }
    all
}

#[test]
fn b1_b8_b11_every_route_method_and_bad_credential() {
    let scene = Scene::new();
    let bad = bad_credentials(&scene);
    let mut asked = 0;
    for path in paths() {
        for method in METHODS {
            for headers in &bad {
                let verb = Method::from_bytes(method.as_bytes()).expect("a method");
                let mut ask = Ask::new(verb, &path).json("{}");
                for (name, value) in headers {
                    ask = ask.with((name, value.clone()));
                }
                let answered = scene.send(ask);
                if PUBLIC.contains(&format!("{method} {path}").as_str()) {
                    continue;
                }
                assert_eq!(answered.status, 401, "{method} {path} with {headers:?}: {}", answered.body);
                asked += 1;
            }
        }
    }
    assert!(asked > 1_500, "only {asked} were asked");
}

#[test]
fn the_good_token_gets_past_the_guard_on_every_route() {
    let scene = Scene::new();
    for route in routes() {
        let path = filled(route.path, "none");
        let ask = Ask::new(route.method.clone(), &path).with(scene.bearer());
        let ask = match route.takes {
            Takes::Nothing => ask,
            Takes::Json => ask.json("{}"),
            Takes::Types(all) => ask.with(("content-type", all[0])),
        };
        let answered = scene.send(ask);
        assert!(
            !matches!(answered.status, 401 | 403 | 405 | 415 | 421) && answered.status < 500,
            "{path}: {}",
            answered.status
        );
    }
}

#[test]
fn public_routes_are_these_alone() {
    let scene = Scene::new();
    let mut open = Vec::new();
    for path in paths() {
        for method in METHODS {
            let verb = Method::from_bytes(method.as_bytes()).expect("a method");
            let entry = format!("{method} {path}");
            // Signing in refuses a wrong code by 401 as well: without any it says what it wants.
            if scene.send(Ask::new(verb, &path).json("{}")).status != 401 && !open.contains(&entry) {
                open.push(entry);
            }
        }
    }
    open.sort();
    let mut expected = PUBLIC.to_vec();
    expected.sort_unstable();
    assert_eq!(open, expected);
}

#[test]
fn b2_paths_that_look_public() {
    let scene = Scene::new();
    for path in [
        "/assets",
        "/assets/",
        "/assets/x/y.js",
        "/index.html",
        "//healthz",
        "/healthz/",
        "/healthz.",
        "/healthz;/api",
        "/healthz/../api/v1/runs/x",
        "/healthz/..%2fapi/v1/runs/x",
        "/%68ealthz",
        "/HEALTHZ",
        "/readyz/x",
        "/login/x",
        "/login.js/../api/v1/runs",
        "/api/v1/runs/x-health",
        "/api/v1/runs/healthz",
        "/api/v1/runs/x/healthz",
        "/api/v1/runs/..%2f..%2f..%2fhealthz",
        "/api/v1/runs/%2e%2e",
        "/api/v1/runs/x/",
        "/api/v1/runs/x/.",
        "/api/v1/runs/x;.js",
        "/api/v1/runs/x%00",
        "/api/variables/foo/health",
        "/api/v1/../../etc/passwd",
        "/static/../token",
    ] {
        let (without, with) = (scene.send(get(path)), scene.send(get(path).with(scene.bearer())));
        assert_eq!(without.status, 401, "{path}");
        assert!(matches!(with.status, 400 | 404), "{path}: {}", with.status);
        assert!(!with.body.contains(&scene.token()) && !with.body.contains("root:"), "{path}");
    }
    for query in ["/healthz?x=/../api", "/healthz?"] {
        assert_eq!(scene.send(get(query)).status, 200, "{query}");
    }
}
