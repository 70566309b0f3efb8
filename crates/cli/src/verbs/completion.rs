//! `suanzi completion SHELL`.

use crate::args::Args;
use crate::fail::Failure;
use clap::CommandFactory;
use std::process::ExitCode;

pub fn run(shell: clap_complete::Shell) -> Result<ExitCode, Failure> {
    clap_complete::generate(shell, &mut Args::command(), "suanzi", &mut std::io::stdout());
    Ok(ExitCode::SUCCESS)
}
