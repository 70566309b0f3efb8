//! `suanzi models [NAME]`: registered models and their versions.

use crate::args::ModelsArgs;
use crate::fail::Failure;
use crate::session::Session;
use crate::show;
use std::process::ExitCode;

pub fn run(args: ModelsArgs) -> Result<ExitCode, Failure> {
    let session = Session::reader()?;
    let versions = session.store.model_versions(args.name.as_deref())?;
    if args.json {
        let rows: Vec<_> = versions
            .iter()
            .map(|v| {
                let manifest: serde_json::Value = serde_json::from_str(&v.manifest).unwrap_or_default();
                serde_json::json!({
                    "name": v.name, "version": v.version, "run_id": v.run_id, "artifact": v.artifact.id.0,
                    "created_at": show::timestamp(v.created_at), "manifest": manifest,
                })
            })
            .collect();
        show::json(&rows)?;
    } else if versions.is_empty() {
        talk!("no models yet; the operator `register_model` registers one");
    } else {
        let rows: Vec<_> = versions
            .iter()
            .map(|v| vec![v.name.clone(), v.version.to_string(), v.run_id.clone(), show::timestamp(v.created_at)])
            .collect();
        show::table(&["model", "version", "run", "registered (UTC)"], &rows);
    }
    Ok(ExitCode::SUCCESS)
}
