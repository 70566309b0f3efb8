//! `suanzi validate FILE…`: every fault of every file.

use crate::args::ValidateArgs;
use crate::fail::{Failure, INVALID};
use crate::session::{Session, read_document};
use crate::show;
use std::path::Path;
use std::process::ExitCode;
use suanzi_dag::{Faults, Limits};
use suanzi_operator::bind::{BindOptions, bind};
use suanzi_operator::catalogue::Catalogue;

pub fn run(args: ValidateArgs) -> Result<ExitCode, Failure> {
    let session = Session::reader()?;
    let catalogue = session.catalogue(&args.operator_dirs)?;
    let options = BindOptions::on(&session.executors);
    let mut valid = true;
    let mut files = Vec::new();
    for file in &args.files {
        let shown = file.display().to_string();
        let (faults, operators) = check(file, &catalogue, &options)?;
        let errors = faults.0.iter().filter(|f| !f.warning).count();
        valid &= errors == 0;
        if args.json {
            files.push(
                serde_json::json!({ "file": shown, "valid": errors == 0, "operators": operators, "faults": faults }),
            );
            continue;
        }
        for fault in &faults.0 {
            talk!("{}", crate::fail::in_file(&shown, fault));
        }
        match errors {
            0 => say!("{shown}: valid, {operators} operators"),
            1 => say!("{shown}: 1 error"),
            n => say!("{shown}: {n} errors"),
        }
    }
    if args.json {
        show::json(&files)?;
    }
    Ok(if valid { ExitCode::SUCCESS } else { ExitCode::from(INVALID) })
}

/// Faults of form and of meaning.
fn check(file: &Path, catalogue: &Catalogue, options: &BindOptions) -> Result<(Faults, usize), Failure> {
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)?;
        bytes
    } else {
        match std::fs::read(file) {
            Ok(bytes) => bytes,
            // The one place that says what is wrong with a path.
            Err(_) => {
                return Err(read_document(file).err().unwrap_or_else(|| Failure::invalid("the file can't be read")));
            }
        }
    };
    let document = match suanzi_dag::read(&bytes, &Limits::file()) {
        Ok(document) => document,
        Err(faults) => return Ok((faults, 0)),
    };
    let mut all = document.warnings.clone();
    let found = match bind(&document.dag, &document, catalogue, options) {
        Ok(bound) => bound.warnings,
        Err(faults) => faults,
    };
    all.0.extend(found.0);
    all.sort();
    Ok((all, document.dag.operators.len()))
}
