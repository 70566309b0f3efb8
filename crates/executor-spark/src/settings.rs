//! What an administrator says of one cluster, and which clusters are taken.

use std::fmt;
use std::path::PathBuf;
use suanzi_executor_http::Terms;

/// The oldest Spark whose Connect has all that operators use: machine learning and tokens.
const OLDEST: u32 = 4;
const MAX_QUOTED_CHARS: usize = 40;
const PREFIX: &str = "sc://";

#[derive(Clone)]
pub struct SparkOptions {
    pub terms: Terms,
    pub address: Address,
    /// Sent as a bearer token; stays out of every message.
    pub token: Option<String>,
    /// The interpreter of the driver: it has PySpark.
    pub python: PathBuf,
}

/// Where Spark Connect listens: `sc://host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Errors: in words, what is wrong with it. Options of the client (`/;…`) aren't taken: a token among them would be shown.
    pub fn parse(text: &str) -> Result<Address, String> {
        let rest = text.strip_prefix(PREFIX).ok_or_else(|| format!("the url {text:?} must begin with {PREFIX}"))?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
        let port = rest.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
        let plain = !host.is_empty() && !rest.contains(['/', ';', '@', '?', '#', ' ']);
        match port {
            None | Some(Ok(1..)) if plain => Ok(Address(format!("{PREFIX}{rest}"))),
            _ => Err(format!("the url {text:?} is not {PREFIX}host:port")),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong with a cluster of this version, to be said after its address.
pub fn judge(version: &str) -> Result<(), String> {
    let shown: String = version.chars().take(MAX_QUOTED_CHARS).collect();
    match version.split('.').next().and_then(|major| major.parse::<u32>().ok()) {
        Some(major) if major == OLDEST => Ok(()),
        Some(_) => Err(format!("runs Spark {shown:?}; from {OLDEST}.0 on and below {} is needed", OLDEST + 1)),
        None => Err(format!("says that it runs Spark {shown:?}, which is no version")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, judge};

    #[test]
    fn addresses() {
        for good in ["sc://h:15002", "sc://h", "sc://10.0.0.1:1/"] {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        for bad in ["http://h:1", "sc://", "sc://:15002", "sc://h:99999", "sc://h:0", "sc://h:1/;token=x", "sc://u@h:1"]
        {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn other_clusters_are_told() {
        assert_eq!(judge("4.3.0"), Ok(()));
        for (version, part) in [("3.5.1", "4.0"), ("5.0.0", "below 5"), ("", "no version")] {
            assert!(judge(version).is_err_and(|why| why.contains(part)), "{version}");
        }
    }
}
