//! Starts the process that holds a served model: the interpreter of the workers, with their environment, and a socket as its standard input.

use std::fs::OpenOptions;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use suanzi_executor_local::LocalOptions;
use suanzi_python_env::Interpreter;
use suanzi_server::ModelProcess;

/// What models print.
const LOG: &str = "services.log";
/// Each process has one model and answers one batch at a time: more threads would take the workers' processors.
const ONE_THREAD: [&str; 4] = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"];

pub fn start(python: &Interpreter, logs: &Path) -> io::Result<ModelProcess> {
    let (socket, theirs) = UnixStream::pair()?;
    let log = OpenOptions::new().create(true).append(true).mode(0o600).open(logs.join(LOG))?;
    let mut command = Command::new(&python.path);
    command.args(["-P", "-m", "suanzi.serving"]).env_clear();
    let passed = LocalOptions::FIXED_ENV.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    command.envs(passed).envs(ONE_THREAD.map(|name| (name, "1"))).env("PYTHONDONTWRITEBYTECODE", "1");
    if let Some(path) = &python.python_path {
        command.env("PYTHONPATH", path);
    }
    command.stdin(Stdio::from(OwnedFd::from(theirs))).stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log));
    // Its own group: Ctrl-C in the terminal is the server's to answer. It ends when its socket closes, however the server ends.
    command.process_group(0);
    Ok(ModelProcess { child: command.spawn()?, socket })
}
