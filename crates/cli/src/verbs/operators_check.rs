//! `suanzi operators check`: the contract suite of the Python SDK, run by the interpreter that operators run in.

use crate::args::OperatorsCheckArgs;
use crate::fail::{Failure, INVALID, RUN_FAILED};
use crate::session::Session;
use std::process::{Command, ExitCode};

/// The suite's exit codes are the program's: 0 all passed, 1 some failed, 2 no such operator.
pub fn run(args: OperatorsCheckArgs) -> Result<ExitCode, Failure> {
    let session = Session::reader()?;
    let python = &session.python;
    let mut command = Command::new(&python.path);
    command.args(["-W", "ignore", "-m", "suanzi.sdk.check"]);
    match &args.operator_dir {
        Some(dir) if dir.is_dir() => command.arg("--dir").arg(dir),
        Some(dir) => {
            return Err(Failure::invalid(format!("{} is not a directory", dir.display()))
                .hint("name the directory that holds the operators' files"));
        }
        None => command.args(["--package", "suanzi.operators"]),
    };
    if args.json {
        command.arg("--json");
    }
    command.arg("--").args(&args.names);
    if let Some(path) = &python.python_path {
        command.env("PYTHONPATH", path);
    }
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("OMP_NUM_THREADS", "1").env("OPENBLAS_NUM_THREADS", "1");
    let status = command.status().map_err(|error| {
        Failure::invalid(format!("{} can't be started: {error}", python.path.display()))
            .hint("`suanzi doctor` says which interpreter is used, and why")
    })?;
    Ok(match status.code() {
        Some(0) => ExitCode::SUCCESS,
        Some(2) => ExitCode::from(INVALID),
        _ => ExitCode::from(RUN_FAILED),
    })
}
