//! `suanzi cache`: kept results: list, collect, clear, verify.

mod verify;

use crate::args::{CacheArgs, CacheVerb};
use crate::fail::Failure;
use crate::session::Session;
use crate::show;
use std::process::ExitCode;
use suanzi_dag_engine::{Collected, collect, sweep_leftovers};
use suanzi_store::ArtifactFilter;

pub fn run(args: CacheArgs) -> Result<ExitCode, Failure> {
    match args.verb {
        CacheVerb::List { json } => list(json),
        CacheVerb::Gc { max_size } => gc(bytes(&max_size)?),
        CacheVerb::Clear => gc(0),
        CacheVerb::Verify { sample } => verify::run(sample),
    }
}

fn list(json: bool) -> Result<ExitCode, Failure> {
    let session = Session::reader()?;
    let mut rows = session.store.artifacts(&ArtifactFilter { present: true, ..ArtifactFilter::default() })?;
    rows.sort_by_key(|a| std::cmp::Reverse(a.bytes));
    if json {
        let rows: Vec<_> = rows
            .iter()
            .map(|a| {
                serde_json::json!({
                    "artifact": a.id.0, "type": a.port_type, "bytes": a.bytes, "rows": a.rows, "content_id": a.content_id,
                    "durable": a.durable, "last_used": show::timestamp(a.last_used),
                })
            })
            .collect();
        show::json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    let total = rows.iter().map(|a| a.bytes).sum();
    let lines: Vec<_> = rows
        .into_iter()
        .map(|a| {
            vec![
                a.id.0,
                a.port_type,
                show::bytes(a.bytes),
                a.rows.map(|r| r.to_string()).unwrap_or_default(),
                show::timestamp(a.last_used),
            ]
        })
        .collect();
    show::table(&["artifact", "type", "size", "rows", "last used (UTC)"], &lines);
    say!("\n{} artifacts, {}", lines.len(), show::bytes(total));
    Ok(ExitCode::SUCCESS)
}

fn gc(limit_bytes: u64) -> Result<ExitCode, Failure> {
    let session = Session::owner()?;
    if session.owner.is_none() {
        return Err(Failure::invalid("another process owns this home and may be using its results")
            .hint("wait for its runs to end"));
    }
    let leftovers = sweep_leftovers(session.store.as_ref(), session.artifacts.store.as_ref())?;
    let collected = collect(session.store.as_ref(), session.artifacts.store.as_ref(), limit_bytes)?;
    tell(&Collected { leftovers, ..collected });
    Ok(ExitCode::SUCCESS)
}

pub fn tell(collected: &Collected) {
    talk!(
        "removed {} artifacts ({}); {} stay",
        collected.artifacts,
        show::bytes(collected.bytes),
        show::bytes(collected.kept_bytes)
    );
    if collected.leftovers > 0 {
        talk!("removed {} files that crashes left", collected.leftovers);
    }
}

/// `10GiB`, `500MiB`, `1G`, `1000`: powers of 1024, with or without `i` and `B`.
pub fn bytes(text: &str) -> Result<u64, Failure> {
    let wrong = || Failure::invalid(format!("'{text}' is no size")).hint("write 10GiB, 500MiB or a number of bytes");
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let factor = match unit.trim().to_ascii_lowercase().trim_end_matches('b').trim_end_matches('i') {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        _ => return Err(wrong()),
    };
    let bytes = number * 1024f64.powi(factor);
    if bytes.is_finite() && bytes <= u64::MAX as f64 { Ok(bytes as u64) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("1000", Some(1000)),
            ("1k", Some(1024)),
            ("1.5 MiB", Some(1_572_864)),
            ("10GB", Some(10 << 30)),
            ("x", None),
            ("", None),
            ("-1", None),
            ("1 parsec", None),
        ] {
            assert_eq!(bytes(text).ok(), expected, "{text}");
        }
    }
}
