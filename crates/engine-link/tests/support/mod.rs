//! Operator engines and a dag engine's fleet, on loopback.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use suanzi_engine_link::{Fleet, FleetError, FleetOptions, Host, HostOptions, KEEP_FOR, Secret};
use suanzi_executor::Executor;

pub const ENVIRONMENT: &str = "test";

pub fn secret() -> Secret {
    Secret::parse(&"s".repeat(32)).expect("a secret")
}

pub fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a free port")
}

pub fn host(name: &str, labels: &[&str], executor: Arc<dyn Executor>, at: TcpListener) -> Host {
    let options = HostOptions {
        name: name.into(),
        labels: labels.iter().map(|label| label.to_string()).collect(),
        environment: ENVIRONMENT.into(),
        artifacts: None,
        secret: secret(),
        keep_for: KEEP_FOR,
        tell: |_| {},
    };
    Host::start(at, executor, options).expect("a host")
}

/// With a name of its own and the secret of all.
pub fn fleet(members: Vec<String>, log_dir: &Path) -> Result<Fleet, FleetError> {
    fleet_as("engine", secret(), members, log_dir)
}

pub fn fleet_as(engine: &str, secret: Secret, members: Vec<String>, log_dir: &Path) -> Result<Fleet, FleetError> {
    let listener = listener();
    let callback = format!("http://{}", listener.local_addr().expect("an address"));
    Fleet::start(FleetOptions {
        engine: engine.into(),
        secret,
        members,
        listener,
        callback,
        environment: ENVIRONMENT.into(),
        artifacts: None,
        name: "local".into(),
        log_dir: log_dir.to_owned(),
        lost_after: Duration::from_secs(4),
        tell: |line| eprintln!("{line}"),
    })
}

pub fn at(host: &Host) -> String {
    format!("http://{}", host.address())
}
