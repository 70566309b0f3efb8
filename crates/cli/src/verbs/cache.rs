//! .

use crate::args::CacheArgs;
use crate::fail::Failure;
use std::process::ExitCode;

pub fn run(_args: CacheArgs) -> Result<ExitCode, Failure> {
    Err(Failure::invalid("not yet"))
}
