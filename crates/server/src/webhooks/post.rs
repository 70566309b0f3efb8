//! One attempt to deliver a message.

use std::time::Duration;
use ureq::Agent;

/// For everything from the name's resolution to the answer's head.
pub(super) const LIMIT: Duration = Duration::from_secs(10);
/// Longest reason that is kept.
const MAX_REASON_CHARACTERS: usize = 200;

/// Goes straight to the address: no proxy, no redirect, no cookie; the answer's body isn't read.
pub(super) struct Poster(Agent);

impl Poster {
    pub fn new(limit: Duration) -> Poster {
        let config = Agent::config_builder()
            .timeout_global(Some(limit))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .max_idle_connections(0)
            .user_agent(concat!("suanzi/", env!("CARGO_PKG_VERSION")))
            .build();
        Poster(config.into())
    }

    /// # Errors
    /// Why it wasn't delivered.
    pub fn post(&self, url: &str, body: &str) -> Result<(), String> {
        let sent = self.0.post(url).header("content-type", "application/json").send(body);
        match sent {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("answered {}", answer.status().as_u16())),
            Err(ureq::Error::Timeout(_)) => Err("no answer in time".into()),
            Err(error) => Err(error.to_string().chars().take(MAX_REASON_CHARACTERS).collect()),
        }
    }
}
