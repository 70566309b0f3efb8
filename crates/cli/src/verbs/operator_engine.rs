//! `suanzi operator-engine`: workers of this host, for a dag engine elsewhere.

use crate::args::OperatorEngineArgs;
use crate::artifacts;
use crate::fail::Failure;
use crate::home::Home;
use crate::interrupt;
use crate::isolation::{self, Surroundings};
use crate::separation;
use crate::session::local_executor;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::channel;
use suanzi_engine_link::{Host, HostOptions, KEEP_FOR};
use suanzi_python_env::Interpreter;

pub fn run(args: OperatorEngineArgs) -> Result<ExitCode, Failure> {
    let secret = separation::secret(&args.secret.file)?;
    let name = args.name.unwrap_or_else(host_name);
    let at = SocketAddr::new(args.host, args.port);
    let listener = TcpListener::bind(at).map_err(|error| {
        Failure::invalid(format!("{at} can't be listened on: {error}"))
            .hint("--host is an address of this host, --port a free one; 0 takes any")
    })?;
    let home = Home::open()?;
    let python = Interpreter::find(&home.memory())?;
    let log_dir = home.root.join("operator-engines").join(&name);
    let around = Surroundings { secrets: vec![args.secret.file.clone()], ..Surroundings::default() };
    let objects = artifacts::of_others(&log_dir.join("artifacts"))?;
    let local = Arc::new(local_executor(&home, &python, log_dir, args.local, &around, objects.is_some())?);
    let options = HostOptions {
        name,
        artifacts: objects,
        labels: args.labels,
        environment: python.fingerprint(),
        secret,
        keep_for: KEEP_FOR,
        tell: |line| talk!("{line}"),
    };
    let host = Host::start(listener, local.clone(), options)?;
    // Python imports while nobody has asked for anything yet.
    local.prepare();
    let (ask, asked) = channel();
    interrupt::instead("what runs is ended; once more to leave at once", move || {
        let _ = ask.send(());
    });
    if !args.host.is_loopback() {
        talk!(
            "note: other hosts can reach this; calls are signed but not encrypted: put them on a network of their own"
        );
        isolation::tell(local.profile());
    }
    say!("http://{}", host.address());
    // Ends with the handler, which lives as long as the process.
    let _ = asked.recv();
    host.shutdown();
    Ok(ExitCode::SUCCESS)
}

fn host_name() -> String {
    let uname = rustix::system::uname();
    uname.nodename().to_str().map_or_else(|_| "operator-engine".into(), str::to_owned)
}
