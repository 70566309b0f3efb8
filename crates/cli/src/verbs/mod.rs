//! One file per verb.

pub mod cache;
mod completion;
mod dataset;
mod diff;
mod doctor;
mod env;
mod export;
mod fmt;
mod lint;
mod logs;
mod models;
mod operator_engine;
pub mod operators;
mod operators_check;
mod plan;
mod run;
mod runs;
mod serve;
mod service;
mod url;
mod validate;

use crate::args::{Args, Verb};
use crate::fail::Failure;
use std::process::ExitCode;

pub fn dispatch(args: Args) -> Result<ExitCode, Failure> {
    match args.verb {
        Verb::Run(args) => run::run(args),
        Verb::Plan(args) => plan::run(args),
        Verb::Validate(args) => validate::run(args),
        Verb::Lint(args) => lint::run(args),
        Verb::Fmt(args) => fmt::run(args),
        Verb::Export(args) => export::run(args),
        Verb::Serve(args) => serve::run(args),
        Verb::DagEngine(args) => serve::dag_engine(args),
        Verb::OperatorEngine(args) => operator_engine::run(args),
        Verb::Url => url::run(),
        Verb::Diff(args) => diff::run(args),
        Verb::Runs(args) => runs::run(args),
        Verb::Logs(args) => logs::run(args),
        Verb::Cache(args) => cache::run(args),
        Verb::Dataset(args) => dataset::run(args),
        Verb::Models(args) => models::run(args),
        Verb::Service(args) => service::run(args),
        Verb::Env(args) => env::run(args),
        Verb::Operators(args) => operators::run(args),
        Verb::Doctor(args) => doctor::run(args),
        Verb::Completion { shell } => completion::run(shell),
    }
}
