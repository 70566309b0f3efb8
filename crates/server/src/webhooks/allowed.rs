//! To which hosts messages may go.

use axum::http::Uri;
use std::fmt;
use std::str::FromStr;
use suanzi_dag::{Document, Fault};
use suanzi_operator::scheduling::webhook;

/// A host that the administrator allowed: with its port, or with that of the address's scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookHost {
    /// In small letters; an IPv6 address in brackets.
    host: String,
    port: Option<u16>,
}

/// Where an address leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub host: String,
    pub port: u16,
    default_port: bool,
}

impl Target {
    /// `None` for what isn't an `http` or `https` address.
    pub fn of(url: &str) -> Option<Target> {
        let uri: Uri = url.parse().ok()?;
        let usual = match uri.scheme_str()? {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let authority = uri.authority()?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return None;
        }
        let port = authority.port_u16().unwrap_or(usual);
        Some(Target { host: authority.host().to_ascii_lowercase(), port, default_port: port == usual })
    }

    pub fn is_allowed(&self, hosts: &[WebhookHost]) -> bool {
        hosts.iter().any(|allowed| {
            allowed.host == self.host && allowed.port.map_or(self.default_port, |port| port == self.port)
        })
    }

    /// As it is given to `--webhook-host`.
    pub fn wanted(&self) -> WebhookHost {
        WebhookHost { host: self.host.clone(), port: Some(self.port).filter(|_| !self.default_port) }
    }
}

/// The document's addresses at hosts that aren't allowed.
pub(crate) fn refused(document: &Document, hosts: &[WebhookHost]) -> Vec<Fault> {
    let of = |field: &str, failed: bool| {
        // What isn't an address is said by binding.
        let target = Target::of(webhook(&document.dag, failed).ok()??)?;
        if target.is_allowed(hosts) {
            return None;
        }
        let wanted = target.wanted();
        let fault =
            Fault::new("webhook_refused", format!("`{field}` sends to '{wanted}', which this server doesn't allow"))
                .hint(format!("ask the administrator to start it with `--webhook-host {wanted}`, or take the key out"));
        Some(fault.at(document.place_of_dag_field(field)))
    };
    [of("on_failure", true), of("on_success", false)].into_iter().flatten().collect()
}

impl FromStr for WebhookHost {
    type Err = String;

    fn from_str(text: &str) -> Result<WebhookHost, String> {
        let bad = || format!("'{text}' isn't HOST or HOST:PORT, as in `hooks.example.com` or `10.0.0.5:8080`");
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().map_err(|_| bad())?)),
            _ => (text, None),
        };
        let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let good = match inner {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)),
        };
        if !good || port == Some(0) {
            return Err(bad());
        }
        Ok(WebhookHost { host: host.to_ascii_lowercase(), port })
    }
}

impl fmt::Display for WebhookHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read() {
        for (text, good) in [
            ("hooks.example.com", true),
            ("Hooks.Example.com:8443", true),
            ("10.0.0.5:8080", true),
            ("[::1]", true),
            ("[::1]:9000", true),
            ("::1", false),
            ("", false),
            ("*", false),
            ("*.example.com", false),
            ("http://h", false),
            ("h/", false),
            ("h:0", false),
            ("h:70000", false),
            ("u@h", false),
        ] {
            let read: Result<WebhookHost, _> = text.parse();
            assert_eq!(read.is_ok(), good, "{text}");
            assert!(read.is_err() || read.is_ok_and(|h| h.to_string() == text.to_ascii_lowercase()));
        }
    }

    #[test]
    fn b46_only_what_was_allowed_is_reached() {
        let hosts: Vec<WebhookHost> =
            ["hooks.example.com", "10.0.0.5:8080", "[::1]:9000"].iter().map(|h| h.parse().expect("a host")).collect();
        for (url, expected) in [
            ("https://hooks.example.com/a", true),
            ("http://HOOKS.example.com/a", true),
            ("https://hooks.example.com:443/a", true),
            ("https://hooks.example.com:8443/a", false),
            ("http://hooks.example.com:443/a", false),
            ("http://10.0.0.5:8080/", true),
            ("http://10.0.0.5/", false),
            ("http://[::1]:9000/", true),
            ("http://[::ffff:7f00:1]:9000/", false),
            ("http://169.254.169.254/latest", false),
            ("http://0x7f.1/", false),
            ("http://0/", false),
            ("http://hooks.example.com.evil.org/", false),
            ("http://evil.org/hooks.example.com", false),
            ("http://evil.org\\@hooks.example.com/", false),
            ("http://hooks.example.com@evil.org/", false),
            ("http://evil.org@hooks.example.com/", false),
            ("http://evil.org#@hooks.example.com/", false),
            ("file:///etc/passwd", false),
            ("gopher://hooks.example.com/", false),
            ("hooks.example.com", false),
        ] {
            assert_eq!(Target::of(url).is_some_and(|target| target.is_allowed(&hosts)), expected, "{url}");
        }
    }
}
