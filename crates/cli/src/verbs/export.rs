//! `suanzi export --python FILE`: the pipeline as a script of pandas and scikit-learn that runs alone.

use crate::args::ExportArgs;
use crate::fail::Failure;
use crate::session::{Session, read_document};
use crate::show;
use std::io::Write;
use std::process::ExitCode;
use suanzi_dag_engine::for_script;

pub fn run(args: ExportArgs) -> Result<ExitCode, Failure> {
    let file = args.file.display().to_string();
    let document = read_document(&args.file)?;
    let session = Session::reader()?;
    let options = super::run::options(&args.dag, &args.file, &document, session.store.as_ref())?;
    let catalogue = session.catalogue(&options.operator_dirs)?;
    let prepared = session.prepare(&catalogue, document, &options, &file)?;
    show::warnings(&file, &prepared.bound.warnings);
    let script = session.python.script(&for_script(&prepared))?;
    match &args.output {
        Some(path) => std::fs::write(path, &script).map_err(|error| {
            Failure::invalid(format!("{} can't be written: {error}", path.display())).hint("name a file in a directory")
        })?,
        None => std::io::stdout().lock().write_all(script.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}
