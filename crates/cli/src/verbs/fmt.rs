//! `suanzi fmt FILE…`: the canonical form.

use crate::args::FmtArgs;
use crate::fail::Failure;
use crate::session::read_document;
use std::path::Path;
use std::process::ExitCode;

pub fn run(args: FmtArgs) -> Result<ExitCode, Failure> {
    let mut differ = false;
    for file in &args.files {
        let document = read_document(file)?;
        let canonical = suanzi_dag::write(&document.dag);
        if !args.write && !args.check {
            say_on!("{canonical}");
        } else if canonical != document.source() {
            differ = true;
            say!("{}", file.display());
            if args.write {
                replace(file, &canonical)?;
            }
        }
    }
    Ok(if args.check && differ { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Written beside and renamed over: a cut in the middle leaves the old file.
pub(super) fn replace(file: &Path, text: &str) -> Result<(), Failure> {
    let mut name = file.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = file.with_file_name(name);
    let written = std::fs::write(&temporary, text).and_then(|()| {
        if let Ok(meta) = std::fs::metadata(file) {
            std::fs::set_permissions(&temporary, meta.permissions())?;
        }
        std::fs::rename(&temporary, file)
    });
    written.map_err(|e| {
        let _ = std::fs::remove_file(&temporary);
        Failure::invalid(format!("{} can't be rewritten: {e}", file.display()))
    })
}
