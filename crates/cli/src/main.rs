//! The program `suanzi`: one file per verb in `verbs/`. Data goes to stdout, talk to stderr; exit 0 success, 1 the run failed, 2 bad usage or invalid input.

#![deny(clippy::print_stdout, clippy::print_stderr)]

#[macro_use]
mod say;

mod args;
mod artifacts;
mod attach;
mod boot;
mod catalogues;
mod database;
mod environments;
mod executors;
mod fail;
mod home;
mod interrupt;
mod isolation;
mod mlflow;
mod model_args;
mod model_process;
mod onnx_library;
mod separation;
mod service_args;
mod serving;
mod session;
mod show;
mod verbs;
mod web_args;
mod workers;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let chosen =
        database::choose(args.database_url.as_deref()).and_then(|()| artifacts::choose(args.artifacts.as_deref()));
    match chosen.and_then(|()| verbs::dispatch(args)) {
        Ok(code) => code,
        Err(failure) => failure.tell(),
    }
}
