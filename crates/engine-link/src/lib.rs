//! Dag engine and operator engines as processes of their own, on hosts of their own: the same verbs as within one process (start, stop, status, logs,
//! callback), over HTTP.
//!
//! [`Host`] is the operator engine's side: an executor behind an address. [`Fleet`] is the dag engine's side: all operator engines as executors of the
//! dag engine, which chooses among them. A *link* is the time in which one dag engine and one operator engine know each other; what either tells the
//! other names the link, and what was begun in the one before goes on
//! in a new one of the same dag engine, which takes over what it still wants: a dag engine that dies costs none of its attempts.
//!
//! Both sides prove to each other that they hold one secret, with each call and each answer, without sending it ([`Secret`]).

mod call;
mod door;
mod fleet;
mod host;
mod secret;
mod wire;

pub use call::CallError;
pub use fleet::{Fleet, FleetError, FleetExecutor, FleetOptions, LOST_AFTER};
pub use host::{Host, HostOptions, KEEP_FOR};
pub use secret::{MIN_SECRET_CHARS, Secret};
pub use wire::PROTOCOL;

/// An operator engine's address, as it is called. Errors: in words, what is wrong with it.
pub fn address(text: &str) -> Result<String, String> {
    let uri: axum::http::Uri =
        text.parse().map_err(|_| "it must be an address such as http://worker-1:8766".to_owned())?;
    let plain = uri.scheme_str() == Some("http") && uri.query().is_none() && matches!(uri.path(), "" | "/");
    match uri.authority() {
        Some(authority) if plain && authority.port().is_some() && !authority.as_str().contains('@') => {
            Ok(format!("http://{authority}"))
        }
        _ => Err("it must be http://HOST:PORT, such as http://worker-1:8766".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_have_a_host_and_a_port_and_nothing_else() {
        assert_eq!(address("http://worker-1:8766/"), Ok("http://worker-1:8766".into()));
        assert_eq!(address("http://[::1]:1"), Ok("http://[::1]:1".into()));
        for bad in
            ["", "worker", "https://a:1", "http://a", "http://a:1/x", "http://a:1/?q", "http://u@a:1", "http://a:b"]
        {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
