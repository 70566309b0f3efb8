//! `suanzi serve` and `suanzi dag-engine`: owns the home, serves the API on TCP and on the home's socket, and ends without losing a run.

use crate::args::{DagEngineArgs, ServeArgs};
use crate::attach::{failure, owner_of};
use crate::fail::Failure;
use crate::home::Home;
use crate::interrupt;
use crate::isolation::{self, Surroundings};
use crate::separation;
use crate::serving::Workshop;
use crate::session::{Session, owner_name};
use crate::web_args::WebArgs;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;
use suanzi_dag_engine::Engine;
use suanzi_executor_local::{LocalPools, Profile};
use suanzi_server::{Access, AccessOptions, CODE_LIFETIME_S, Options, SERVING, Server, Web};

/// How the DAG of an interrupted run is shown in messages.
const STORED: &str = "the stored DAG";

pub fn run(args: ServeArgs) -> Result<ExitCode, Failure> {
    serve(&args.web, |session, owner| {
        let secrets = args.web.password_file.iter().cloned().collect();
        let around = Surroundings { secrets, data: args.web.data_roots.clone(), ..Surroundings::default() };
        let (engine, local) = session.engine_as(owner, args.local, around)?;
        Ok((engine, Some(local)))
    })
}

/// With operators run elsewhere.
pub fn dag_engine(args: DagEngineArgs) -> Result<ExitCode, Failure> {
    let secret = separation::secret(&args.secret.file)?;
    serve(&args.web, |session, owner| Ok((separation::engine(session, owner, &args, secret)?, None)))
}

type Begun = (Arc<Engine>, Option<Arc<LocalPools>>);

fn serve(
    args: &WebArgs,
    engine: impl FnOnce(&mut Session, &str) -> Result<Begun, Failure>,
) -> Result<ExitCode, Failure> {
    if !args.host.is_loopback() && args.password_file.is_none() {
        return Err(Failure::invalid(format!("{} can be reached from other hosts: a password is needed", args.host))
            .hint("set SUANZI_PASSWORD_FILE to a file (mode 600) that holds one, or leave out --host"));
    }
    let home = Home::open()?;
    let Some(owner) = home.own()? else {
        return Err(Failure::invalid(format!(
            "{} is in use by {} so it can't be served",
            home.root.display(),
            owner_of(&home)
        ))
        .hint("wait for it to end; if it is `suanzi serve`, `suanzi url` signs in to it"));
    };
    let listener = bind(SocketAddr::new(args.host, args.port))?;
    let web = Web { access: Arc::new(access(args, &home, listener.local_addr()?)?), listener };
    let access = web.access.clone();

    let mut session = Session::with(home, Some(owner))?;
    session.pools = args.pools.iter().cloned().collect();
    let owner = format!("{SERVING}{}", owner_name());
    let (engine, local) = engine(&mut session, &owner)?;
    let session = Arc::new(session);
    let Some(lock) = &session.owner else { return Err(Failure::invalid("the home is not owned")) };
    let (socket, listening) = session.home.listen(lock)?;
    let host = Arc::new(Workshop::new(session.clone(), local.clone(), args.onnxruntime.clone()));
    let server = Server::start(
        socket,
        Options {
            engine: engine.clone(),
            owner,
            host,
            home: session.home.root.clone(),
            webhook_hosts: args.webhook_hosts.clone(),
            web: Some(web),
        },
    )?;

    let (ask, asked) = channel();
    let close = server.closer();
    interrupt::instead("no more runs are taken; those that go may end; once more to leave at once", move || {
        close();
        let _ = ask.send(());
    });
    tell_address(args, &access, local.as_deref().map(LocalPools::profile));
    // Python imports while nobody has asked for anything yet.
    if let Some(local) = &local {
        local.prepare();
    }
    resume(&server)?;
    tell_schedules(&server)?;
    // Ends with the handler, which lives as long as the process.
    let _ = asked.recv();
    let left = server.drain(Duration::from_secs(args.grace.into()));
    if left > 0 {
        match left {
            1 => talk!("1 run has not ended; it goes on at the next start"),
            _ => talk!("{left} runs have not ended; they go on at the next start"),
        }
    }
    // Executors end before connections do: who is attached finds the home free once it has lost the owner.
    engine.shutdown();
    drop(listening);
    server.stop();
    Ok(ExitCode::SUCCESS)
}

fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => Failure::invalid(format!("port {} of {} is in use", address.port(), address.ip()))
            .hint("choose another with --port; 0 takes any free one"),
        _ => Failure::invalid(format!("{address} can't be listened on: {error}")),
    })
}

fn access(args: &WebArgs, home: &Home, address: SocketAddr) -> Result<Access, Failure> {
    let mut data_roots: Vec<PathBuf> = Vec::new();
    for dir in &args.data_roots {
        let real = std::fs::canonicalize(dir).ok().filter(|real| real.is_dir());
        data_roots.push(
            real.ok_or_else(|| Failure::invalid(format!("--data-root {}: there is no such directory", dir.display())))?,
        );
    }
    let options = AccessOptions {
        token: home.token(),
        password: args.password_file.clone(),
        address,
        hosts: args.hosts.clone(),
        data_roots,
    };
    Access::new(options).map_err(Failure::invalid)
}

fn tell_address(args: &WebArgs, access: &Access, profile: Option<Profile>) {
    if !args.host.is_loopback() {
        talk!("note: other hosts can reach this, and nothing on the way is encrypted: put a proxy with TLS before it");
        if let Some(profile) = profile {
            isolation::tell(profile);
        }
    }
    talk!("this address signs in once, within {} minutes; `suanzi url` prints another", CODE_LIFETIME_S / 60);
    say!("{}", access.url());
}

fn tell_schedules(server: &Server) -> Result<(), Failure> {
    match server.active_schedules().map_err(|problem| failure(STORED, &problem))? {
        0 => {}
        1 => talk!("1 schedule is active"),
        active => talk!("{active} schedules are active"),
    }
    Ok(())
}

fn resume(server: &Server) -> Result<(), Failure> {
    let resumed = server.resume_interrupted(&|run_id, resumed| match resumed {
        Ok(()) => talk!("resuming run {run_id}"),
        Err(problem) => {
            talk!("run {run_id} can't go on:");
            failure(STORED, &problem).tell();
        }
    });
    resumed.map_err(|problem| failure(STORED, &problem))
}
