//! What came out of a run, as text: for `run` and `runs show`.

use suanzi_api::RunReport;

/// What failed and why, for those who did not watch it.
pub fn print_failures(report: &RunReport) {
    for op in &report.operators {
        let Some(error) = &op.error else { continue };
        say!("\n{} failed: {}", op.id, error.message);
        if let Some(hint) = &error.hint {
            say!("  hint: {hint}");
        }
    }
}

pub fn print(report: &RunReport) {
    let rows: Vec<Vec<String>> = report
        .operators
        .iter()
        .map(|op| {
            let took = if op.attempts > 0 { super::millis(op.duration_ms.ceil() as u64) } else { String::new() };
            let made: Vec<String> = op
                .outputs
                .iter()
                .map(|o| match o.rows {
                    Some(rows) => format!("{} {rows} rows", o.port_type),
                    None => format!("{} {}", o.port_type, super::bytes(o.bytes)),
                })
                .collect();
            vec![op.status.word().to_string(), op.id.clone(), op.algo_name.clone(), took, made.join(", ")]
        })
        .collect();
    super::table(&["status", "operator", "algorithm", "took", "outputs"], &rows);
    for (id, evaluation) in &report.evaluations {
        say!();
        super::evaluation::print(id, evaluation);
    }
    say!("\nrun {}: {} in {}", report.run_id, report.status.word(), super::millis(report.duration_ms));
}
