//! `suanzi logs RUN [OPERATOR]`: what operators printed, each attempt's own bytes.

use crate::args::LogsArgs;
use crate::fail::Failure;
use crate::session::Session;
use crate::show;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::process::ExitCode;
use suanzi_dag::Limits;

pub fn run(args: LogsArgs) -> Result<ExitCode, Failure> {
    let session = Session::reader()?;
    let store = session.store.as_ref();
    let run = show::find_run(store, &args.run)?;
    let version =
        store.dag_version(run.dag_version)?.ok_or_else(|| Failure::invalid("the run's DAG version is gone"))?;
    let document =
        suanzi_dag::read(&version.source, &Limits::file()).map_err(|f| Failure::faults("the stored DAG", &f))?;
    let op = match &args.operator {
        None => None,
        Some(name) => Some(document.dag.operators.iter().position(|op| *op.id.0 == **name).ok_or_else(|| {
            Failure::invalid(format!("run {} has no operator '{name}'", run.run_id))
                .hint("`suanzi runs show` lists them")
        })? as u32),
    };
    let mut attempts = store.attempts(run.key, op)?;
    match args.attempt {
        Some(no) => {
            attempts.retain(|a| a.attempt_no == no);
            if attempts.is_empty() {
                return Err(Failure::invalid(format!("there is no attempt {no}")));
            }
        }
        None => {
            let newest: std::collections::BTreeMap<u32, u32> = attempts.iter().map(|a| (a.op, a.attempt_no)).collect();
            attempts.retain(|a| newest.get(&a.op) == Some(&a.attempt_no));
        }
    }
    let mut out = std::io::stdout().lock();
    for attempt in &attempts {
        if op.is_none() {
            let id = document.dag.operators.get(attempt.op as usize).map_or("?", |op| &op.id.0);
            let _ = writeln!(out, "==> {id} (attempt {}) <==", attempt.attempt_no);
        }
        let Some(end) = &attempt.ended else { continue };
        if end.log_end > end.log_start {
            let path = session.home.logs().join(format!("{}.log", end.log_file));
            copy(&path, end.log_start, end.log_end, op.is_none(), &mut out)?;
        }
    }
    if attempts.is_empty() {
        talk!("no attempts: its operators came from the cache or never began");
    }
    Ok(ExitCode::SUCCESS)
}

fn copy(path: &std::path::Path, start: u64, end: u64, ends_line: bool, out: &mut impl Write) -> Result<(), Failure> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(_) => {
            talk!("its log was collected");
            return Ok(());
        }
    };
    file.seek(SeekFrom::Start(start))?;
    // A reader that went away is no error.
    let mut text = LineEnd { out, open: false };
    let _ = std::io::copy(&mut file.take(end - start), &mut text);
    if text.open && ends_line {
        let _ = out.write_all(b"\n");
    }
    Ok(())
}

/// Passes bytes on and knows whether the last line is unfinished.
struct LineEnd<'a, W> {
    out: &'a mut W,
    open: bool,
}

impl<W: Write> Write for LineEnd<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        if let Some(last) = bytes[..written].last() {
            self.open = *last != b'\n';
        }
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
