//! Ids, queries and bodies that nobody means well, on every route: an answer in the API's own form, never a failure of the server.

use super::{Ask, Scene};
use crate::router::{Takes, routes};
use axum::http::Method;

/// Percent-encoded, as they stand in a path.
const IDS: &[&str] = &[
    "..",
    "%2e%2e",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%00",
    "a%00b",
    "%ff%fe",
    "%0d%0aX-Evil:1",
    "'%20OR%201=1--",
    "%22%3b%20DROP%20TABLE%20runs",
    "-1",
    "0",
    "00",
    "+1",
    "1e9",
    "18446744073709551615",
    "99999999999999999999999",
    "%F0%9F%92%A9",
    "%E2%80%AE",
    "~",
    "con",
    "%25",
    "%252e%252e",
    "*",
    "{run_id}",
    "a%2Fb",
    "%5c..%5c",
];

const QUERIES: &[&str] = &[
    "limit=0",
    "limit=-1",
    "limit=4294967296",
    "limit=1001",
    "limit=1e3",
    "limit=",
    "limit=1&limit=2",
    "offset=18446744073709551616",
    "offset=-1",
    "before=-1",
    "before=x",
    "before=18446744073709551615",
    "status=gone",
    "q=%ff",
    "q=%00",
    "q=%25_%27",
    "attempt=-1",
    "format=../../etc",
    "none=1",
    "%",
    "&&&&",
    "a[]=1",
    "draft=maybe",
];

fn filled(route: &str, value: &str) -> String {
    let parts = route.split('/').map(|part| if part.starts_with('{') { value } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn check(scene: &Scene, method: &Method, takes: Takes, uri: &str, body: &str) {
    let ask = Ask::new(method.clone(), uri).with(scene.bearer()).with(("if-match", "\"0\""));
    let ask = match takes {
        Takes::Nothing => ask,
        Takes::Json => ask.json(body),
        Takes::Types(all) => {
            let mut ask = ask.with(("content-type", all[0]));
            ask.body = body.into();
            ask
        }
    };
    let answered = scene.send(ask);
    // 507 says that the disk is full, which is no failure of the server's.
    assert!(answered.status < 500, "{method} {uri} {body}: {} {}", answered.status, answered.body);
    if answered.status >= 400 {
        assert!(!answered.code().is_empty(), "{method} {uri}: {} isn't a problem: {}", answered.status, answered.body);
    }
    let token = scene.token();
    assert!(!answered.body.contains(&token) && !answered.body.contains("root:"), "{method} {uri} tells secrets");
}

/// Streams that don't end are asked in tests of their own.
fn endless(path: &str) -> bool {
    path == suanzi_api::path::EVENTS
}

#[test]
fn b30_hostile_ids() {
    let scene = Scene::new();
    for route in routes().iter().filter(|route| route.path.contains('{')) {
        for id in IDS {
            check(&scene, &route.method, route.takes, &filled(route.path, id), "{}");
        }
        check(&scene, &route.method, route.takes, &filled(route.path, &"a".repeat(8_000)), "{}");
    }
}

#[test]
fn b50_query_bombs() {
    let scene = Scene::new();
    for route in routes().iter().filter(|route| !endless(route.path)) {
        let path = filled(route.path, "1");
        for query in QUERIES {
            check(&scene, &route.method, route.takes, &format!("{path}?{query}"), "{}");
        }
        let many: String = (0..2_000).map(|n| format!("k{n}=v&")).collect();
        check(&scene, &route.method, route.takes, &format!("{path}?{many}"), "{}");
    }
}

#[test]
fn bodies_of_every_wrong_shape() {
    let scene = Scene::new();
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let bodies = [
        "",
        "{",
        "null",
        "[]",
        "0",
        "\"x\"",
        "{\"source\": 1}",
        "{\"source\": null}",
        "{\"source\": \"\\u0000\"}",
        "{\"source\": \"a\", \"none\": 1}",
        "{\"source\": \"a\", \"edits\": [{\"type\": \"none\"}]}",
        "\u{feff}{}",
        &deep,
    ];
    for route in routes().iter().filter(|route| route.takes != Takes::Nothing) {
        for body in bodies {
            check(&scene, &route.method, route.takes, &filled(route.path, "1"), body);
        }
    }
}
