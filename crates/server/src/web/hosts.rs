//! Names under which this server may be asked for. A page that had its own name pointed at our address (DNS rebinding) asks for that name.

use axum::http::{HeaderMap, Uri, header};
use std::net::{IpAddr, SocketAddr};

const HTTP_PORT: u16 = 80;

pub(crate) struct Hosts {
    /// In small letters, without port.
    names: Vec<String>,
}

impl Hosts {
    pub fn new(names: Vec<String>) -> Hosts {
        Hosts { names: names.into_iter().map(|n| n.to_ascii_lowercase()).collect() }
    }

    /// The one host that a request asks for, if it is ours. `local`: the connection's end here.
    pub fn of<'a>(&self, headers: &'a HeaderMap, uri: &Uri, local: SocketAddr) -> Option<&'a str> {
        let mut all = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (all.next(), all.next()) else { return None };
        let host = host.to_str().ok()?;
        let same = uri.authority().is_none_or(|authority| authority.as_str().eq_ignore_ascii_case(host));
        (same && self.allows(host, local)).then_some(host)
    }

    fn allows(&self, host: &str, local: SocketAddr) -> bool {
        let (local_ip, local_port) = (local.ip().to_canonical(), local.port());
        if let Some((ip, port)) = literal(host) {
            return ip.to_canonical() == local_ip && port == local_port;
        }
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) => match port.parse::<u16>() {
                Ok(port) => (name, port),
                Err(_) => return false,
            },
            None => (host, HTTP_PORT),
        };
        let name = name.to_ascii_lowercase();
        // Behind a proxy the port is the proxy's.
        name == "localhost" && local_ip.is_loopback() && port == local_port || self.names.contains(&name)
    }
}

fn literal(host: &str) -> Option<(IpAddr, u16)> {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return Some((address.ip(), address.port()));
    }
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    Some((bare.parse().ok()?, HTTP_PORT))
}

/// Does a request come from a page of this server, or from no page at all? Pages of others say where they are from.
pub(crate) fn is_own_origin(headers: &HeaderMap, host: &str) -> bool {
    let mut all = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = all.next() else { return true };
    let authority = origin.to_str().ok().and_then(|o| o.strip_prefix("http://").or_else(|| o.strip_prefix("https://")));
    all.next().is_none() && authority.is_some_and(|a| a.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(name: header::HeaderName, values: &[&str]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for value in values {
            map.append(name.clone(), HeaderValue::from_str(value).expect("a header"));
        }
        map
    }

    #[track_caller]
    fn check(local: &str, uri: &str, hosts: &[&str], expected: bool) {
        let allowed = Hosts::new(vec!["ML.example.com".into()]);
        let map = headers(header::HOST, hosts);
        let found = allowed.of(&map, &uri.parse().expect("a URI"), local.parse().expect("an address"));
        assert_eq!(found.is_some(), expected, "{hosts:?} {uri} at {local}");
    }

    #[test]
    fn b5_dns_rebinding() {
        let loopback = "127.0.0.1:8765";
        for (host, expected) in [
            ("127.0.0.1:8765", true),
            ("localhost:8765", true),
            ("LOCALHOST:8765", true),
            ("ml.example.com", true),
            ("ml.example.com:8443", true),
            ("evil.com", false),
            ("evil.com:8765", false),
            ("127.0.0.1.nip.io:8765", false),
            ("localhost.evil.com:8765", false),
            ("localhost:1", false),
            ("localhost", false),
            ("127.0.0.1:1", false),
            ("127.0.0.1", false),
            ("127.1:8765", false),
            ("10.0.0.1:8765", false),
            ("[::1]:8765", false),
            ("localhost:8765:8765", false),
            ("localhost:", false),
            ("user@localhost:8765", false),
            ("ml.example.com.", false),
            ("", false),
        ] {
            check(loopback, "/x", &[host], expected);
        }
        check(loopback, "/x", &[], false);
        check(loopback, "/x", &["127.0.0.1:8765", "127.0.0.1:8765"], false);
        check(loopback, "/x", &["127.0.0.1:8765", "evil.com"], false);
        check(loopback, "http://127.0.0.1:8765/x", &["127.0.0.1:8765"], true);
        check(loopback, "http://evil.com/x", &["127.0.0.1:8765"], false);
        check("[::1]:8765", "/x", &["[::1]:8765"], true);
        check("[::ffff:10.0.0.5]:8765", "/x", &["10.0.0.5:8765"], true);
        check("10.0.0.5:8765", "/x", &["localhost:8765"], false);
        check("10.0.0.5:80", "/x", &["10.0.0.5"], true);
    }

    #[test]
    fn b4_origins() {
        for (origins, expected) in [
            (&[] as &[&str], true),
            (&["http://127.0.0.1:8765"], true),
            (&["https://127.0.0.1:8765"], true),
            (&["http://127.0.0.1:8766"], false),
            (&["http://localhost:8765"], false),
            (&["http://127.0.0.1:8765.evil.com"], false),
            (&["http://evil"], false),
            (&["null"], false),
            (&["file://"], false),
            (&[""], false),
            (&["http://127.0.0.1:8765", "http://evil"], false),
        ] {
            assert_eq!(is_own_origin(&headers(header::ORIGIN, origins), "127.0.0.1:8765"), expected, "{origins:?}");
        }
    }
}
