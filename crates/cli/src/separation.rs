//! A dag engine whose operator engines are other processes: the secret they share, and their place among the executors.

use crate::args::DagEngineArgs;
use crate::fail::Failure;
use crate::session::Session;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use suanzi_dag_engine::Engine;
use suanzi_engine_link::{Fleet, FleetOptions, LOST_AFTER, Secret};
use suanzi_executor::Executor;
use suanzi_executor_local::NAME as LOCAL;

const OTHERS: u32 = 0o077;
const HINT: &str =
    "make one with: (umask 077; head -c 32 /dev/urandom | base64 > secret), and give the same file to all engines";

/// What a secret file holds. Errors: it can't be read, others may read it, or it holds none.
pub fn secret(path: &Path) -> Result<Secret, Failure> {
    let wrong = |why: String| Failure::invalid(format!("--secret-file {}: it {why}", path.display())).hint(HINT);
    let meta = std::fs::metadata(path).map_err(|error| wrong(format!("can't be read: {error}")))?;
    if meta.permissions().mode() & OTHERS != 0 {
        let fix = format!("chmod 600 {}", path.display());
        return Err(Failure::invalid(format!("--secret-file {}: others may read it", path.display())).hint(fix));
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(format!("can't be read: {error}")))?;
    Secret::parse(&text).map_err(wrong)
}

/// An engine over the operator engines that are named; their labels are executors of the session from now on.
pub fn engine(
    session: &mut Session,
    owner: &str,
    args: &DagEngineArgs,
    secret: Secret,
) -> Result<Arc<Engine>, Failure> {
    let at = SocketAddr::new(args.callback_host, args.callback_port);
    let listener = TcpListener::bind(at).map_err(|error| {
        Failure::invalid(format!("callbacks can't be listened for at {at}: {error}"))
            .hint("--callback-host is an address of this host that operator engines reach")
    })?;
    let callback = format!("http://{}", listener.local_addr()?);
    let options = FleetOptions {
        engine: name_of(session, &secret),
        secret,
        members: args.engines.clone(),
        listener,
        callback,
        environment: session.environment.fingerprint.clone(),
        artifacts: session.artifacts.objects.as_ref().map(|place| place.url.clone()),
        name: LOCAL.into(),
        log_dir: session.home.logs(),
        lost_after: LOST_AFTER,
        tell: |line| talk!("{line}"),
    };
    let fleet = Fleet::start(options).map_err(|error| {
        Failure::invalid(error.to_string())
            .hint("start them first: suanzi operator-engine --secret-file FILE --host ADDRESS")
    })?;
    let mut names = Vec::new();
    let mut executors: Vec<Arc<dyn Executor>> = Vec::new();
    for executor in fleet.executors() {
        let name = executor.name().to_owned();
        if names.contains(&name) || session.configured.names().iter().skip(1).any(|taken| *taken == name) {
            executor.shutdown();
            return Err(Failure::invalid(format!(
                "the label {name} is also the name of an executor in executors.json"
            ))
            .hint("give one of them another name"));
        }
        names.push(name);
        executors.push(executor);
    }
    names.extend(session.configured.names().into_iter().skip(1));
    session.executors = names;
    session.engine_over(owner, executors, false)
}

/// The same after a restart, and another for every home.
fn name_of(session: &Session, secret: &Secret) -> String {
    let token = std::fs::read_to_string(session.home.token()).unwrap_or_default();
    let of_home = format!("{} {}", session.home.root.display(), token.trim());
    secret.name_of(&of_home)
}
