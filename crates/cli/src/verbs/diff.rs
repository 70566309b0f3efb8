//! .

use crate::args::DiffArgs;
use crate::fail::Failure;
use std::process::ExitCode;

pub fn run(_args: DiffArgs) -> Result<ExitCode, Failure> {
    Err(Failure::invalid("not yet"))
}
