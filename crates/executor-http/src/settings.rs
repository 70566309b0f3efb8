//! What an administrator says of one platform.

use std::fmt;
use std::path::PathBuf;

/// What holds for work on a platform, wherever it is.
#[derive(Debug, Clone)]
pub struct Terms {
    /// By this name DAGs and `--executor` mean it.
    pub name: String,
    /// Tasks it may have at a time, in cpu slots.
    pub slots: u32,
    /// The directory of the package `suanzi`, which goes to the platform.
    pub package: PathBuf,
    /// Copies of tasks' logs go here.
    pub log_dir: PathBuf,
    /// Hears in one line why work waits, and when it goes on.
    pub tell: fn(&str),
}

/// A platform with an address, as an administrator sets it.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    pub terms: Terms,
    pub target: Target,
}

/// Where to call, and as whom. `Debug` never shows the token.
#[derive(Clone)]
pub struct Target {
    pub base: BaseUrl,
    /// Sent as a bearer token; stays out of every message.
    pub token: Option<String>,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.base, if self.token.is_some() { "with a token" } else { "without a token" })
    }
}

/// An address `http://host:port/path`, taken apart once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    pub host: String,
    pub port: u16,
    /// Empty, or begins with a slash and ends without one.
    pub path: String,
}

impl BaseUrl {
    /// Errors: in words, what is wrong with the address.
    pub fn parse(text: &str) -> Result<BaseUrl, String> {
        let Some(rest) = text.strip_prefix("http://") else {
            return Err("the address must begin with http:// (put a proxy that speaks TLS in between for https)".into());
        };
        let (authority, path) = rest.split_once('/').map_or((rest, ""), |(a, p)| (a, p));
        if authority.contains('@') || path.contains(['?', '#']) {
            return Err("the address may hold no user, query or fragment".into());
        }
        let printable = |c: char| c.is_ascii_graphic();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| format!("{port:?} is no port number"))?)
            }
            _ => (authority, 80),
        };
        if host.is_empty() || !host.chars().chain(path.chars()).all(printable) {
            return Err("the address has no host, or signs that must be escaped".into());
        }
        let path = path.trim_end_matches('/');
        let path = if path.is_empty() { String::new() } else { format!("/{path}") };
        Ok(BaseUrl { host: host.to_owned(), port, path })
    }

    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::BaseUrl;

    #[test]
    fn addresses_are_taken_apart_or_refused() {
        let check = |text: &str, expected: Option<(&str, u16, &str)>| {
            let found = BaseUrl::parse(text).ok();
            let found = found.as_ref().map(|url| (url.host.as_str(), url.port, url.path.as_str()));
            assert_eq!(found, expected, "{text}");
        };
        check("http://a:81/x/y/", Some(("a", 81, "/x/y")));
        check("http://a", Some(("a", 80, "")));
        check("http://[::1]:9", Some(("[::1]", 9, "")));
        check("http://[::1]", Some(("[::1]", 80, "")));
        for bad in ["https://a", "file:///etc", "http://", "http://a:b", "http://u:p@a", "http://a/?x", "http://a b/"] {
            check(bad, None);
        }
    }
}
