//! `suanzi url`: another address that signs in once, from the server that owns the home.

use crate::attach::{CallError, Client, failure, owner_of};
use crate::fail::Failure;
use crate::home::Home;
use std::process::ExitCode;

/// For problems with no file.
const NO_FILE: &str = "the request";

pub fn run() -> Result<ExitCode, Failure> {
    let home = Home::open()?;
    // The lock is looked at only where nobody answers: a server that starts just now must not find it taken.
    if home.connect().is_err() && home.own()?.is_some() {
        return Err(Failure::invalid(format!("nothing serves {}", home.root.display())).hint("`suanzi serve` does"));
    }
    match Client::new(&home)?.code() {
        Ok(view) => {
            talk!("good once, for {} minutes", view.expires_in_s / 60);
            say!("{}", view.url);
            Ok(ExitCode::SUCCESS)
        }
        Err(CallError::Refused(problem)) => Err(failure(NO_FILE, &problem)),
        Err(CallError::Away(why)) => Err(Failure::invalid(format!("{} doesn't answer: {why}", owner_of(&home)))),
        Err(CallError::Failed(failure)) => Err(failure),
    }
}
