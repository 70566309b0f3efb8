//! `suanzi service`: models behind HTTP endpoints. The process that owns the home switches them; without one only their rows are written.

use crate::attach::{CallError, Client, Turn, failure, take_or_ask};
use crate::fail::Failure;
use crate::home::Home;
use crate::service_args::{ServiceArgs, ServiceVerb};
use crate::session::Session;
use crate::show;
use serde_json::json;
use std::process::ExitCode;
use suanzi_api::{DeployRequest, ModelVersionRef, ServiceRuntime, ServiceState, ServiceView};
use suanzi_server::stopped_service;
use suanzi_store::{ServedVersion, ServiceRow, Store};

/// For problems with no file.
const NO_FILE: &str = "the request";
const NO_SERVER: &str = "nothing serves this home now; `suanzi serve` will serve it";

pub fn run(args: ServiceArgs) -> Result<ExitCode, Failure> {
    match args.verb {
        ServiceVerb::List { json } => list(json)?,
        ServiceVerb::Show { name, json } => one(&show_one(&name)?, json)?,
        ServiceVerb::Deploy { name, model, number, concurrency, json } => {
            let asked = DeployRequest { model, version: number, concurrency };
            let view = changed(|client| client.deploy(&name, &asked), |store| deploy(store, &name, &asked))?;
            told(&view, json)?;
        }
        ServiceVerb::RollBack { name, json } => {
            let view = changed(|client| client.roll_back(&name), |store| roll_back(store, &name))?;
            told(&view, json)?;
        }
        ServiceVerb::Remove { name, json } => {
            changed(|client| client.remove_service(&name), |store| remove(store, &name))?;
            if json {
                show::json(&json!({ "removed": name }))?;
            } else {
                talk!("service {name} is gone; its model stays registered");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// By the owner of the home, or here if there is none.
fn changed<T>(
    ask: impl FnMut(&Client) -> Result<T, CallError>,
    here: impl FnOnce(&dyn Store) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let home = Home::open()?;
    match take_or_ask(&home, NO_FILE, ask)? {
        Turn::Theirs(answer) => Ok(answer),
        Turn::Mine(owner) => here(Session::with(home, Some(owner))?.store.as_ref()),
    }
}

fn deploy(store: &dyn Store, name: &str, asked: &DeployRequest) -> Result<ServiceView, Failure> {
    if !ServiceRow::is_name(name) {
        return Err(Failure::invalid(format!("'{name}' can't name a service"))
            .hint("use letters, digits, `_`, `.` and `-`, starting with a letter or digit, at most 63 characters"));
    }
    let row = super::models::found(store, &asked.model, asked.version.as_ref())?;
    switch(store, name, ServedVersion { model: row.name, version: row.version }, asked.concurrency)
}

fn roll_back(store: &dyn Store, name: &str) -> Result<ServiceView, Failure> {
    match row(store, name)?.before {
        Some(before) => switch(store, name, before, None),
        None => Err(Failure::invalid(format!("service '{name}' served nothing before"))),
    }
}

fn switch(
    store: &dyn Store,
    name: &str,
    served: ServedVersion,
    concurrency: Option<u32>,
) -> Result<ServiceView, Failure> {
    let old = store.service(name)?;
    let row = ServiceRow::switched(old.as_ref(), name, served, concurrency, show::now_millis());
    store.put_service(&row)?;
    Ok(stopped_service(row))
}

fn remove(store: &dyn Store, name: &str) -> Result<(), Failure> {
    row(store, name)?;
    store.remove_service(name)?;
    Ok(())
}

fn row(store: &dyn Store, name: &str) -> Result<ServiceRow, Failure> {
    store.service(name)?.ok_or_else(|| {
        Failure::invalid(format!("there is no service '{name}'")).hint("`suanzi service list` shows them")
    })
}

/// From the one who serves them, else as they were written.
fn looked<T>(
    ask: impl FnOnce(&Client) -> Result<T, CallError>,
    here: impl FnOnce(&dyn Store) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let home = Home::open()?;
    if home.connect().is_ok() {
        match ask(&Client::new(&home)?) {
            Ok(answer) => return Ok(answer),
            Err(CallError::Refused(problem)) => return Err(failure(NO_FILE, &problem)),
            Err(CallError::Failed(failure)) => return Err(failure),
            // It ends just now.
            Err(CallError::Away(_)) => {}
        }
    }
    here(Session::with(home, None)?.store.as_ref())
}

fn show_one(name: &str) -> Result<ServiceView, Failure> {
    looked(|client| client.service(name), |store| Ok(stopped_service(row(store, name)?)))
}

fn list(json: bool) -> Result<(), Failure> {
    let views = looked(
        |client| Ok(client.services()?.items),
        |store| Ok(store.services()?.into_iter().map(stopped_service).collect::<Vec<_>>()),
    )?;
    if json {
        return show::json(&views);
    }
    if views.is_empty() {
        talk!("no services yet; `suanzi service deploy NAME --model MODEL` makes one");
        return Ok(());
    }
    let rows: Vec<_> = views
        .iter()
        .map(|v| {
            vec![
                v.name.clone(),
                version(&v.served),
                state(v.state).to_string(),
                format!("{:.1}", v.traffic.per_second),
                micros(v.traffic.p50_us),
                micros(v.traffic.p99_us),
            ]
        })
        .collect();
    show::table(&["service", "model", "state", "per second", "p50", "p99"], &rows);
    Ok(())
}

fn told(view: &ServiceView, json: bool) -> Result<(), Failure> {
    if json {
        return show::json(view);
    }
    talk!("service {}: {}", view.name, version(&view.served));
    if let Some(before) = &view.before {
        talk!("before: {}; `suanzi service roll-back {}` goes back to it", version(before), view.name);
    }
    if view.state == ServiceState::Stopped {
        talk!("{NO_SERVER}");
    }
    Ok(())
}

fn one(view: &ServiceView, json: bool) -> Result<(), Failure> {
    if json {
        return show::json(view);
    }
    let traffic = &view.traffic;
    let mut rows = vec![
        ("model", version(&view.served)),
        ("before", view.before.as_ref().map_or("-".into(), version)),
        ("state", state(view.state).to_string()),
    ];
    rows.extend(view.why.iter().map(|why| ("why", why.clone())));
    rows.extend(view.runtime.map(|which| ("computed by", computed_by(which, view.runtime_note.as_deref()))));
    rows.extend([
        (
            "requests",
            format!(
                "{} ({} bad, {} failed, {} too many)",
                traffic.requests, traffic.bad_inputs, traffic.failed, traffic.refused
            ),
        ),
        ("per second", format!("{:.1}", traffic.per_second)),
        (
            "p50 / p95 / p99",
            format!("{} / {} / {}", micros(traffic.p50_us), micros(traffic.p95_us), micros(traffic.p99_us)),
        ),
        ("concurrency", format!("{} of {}", view.in_flight, view.concurrency)),
        ("columns", view.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ")),
        ("changed (UTC)", show::timestamp(view.changed_at_ms)),
    ]);
    let rows: Vec<_> = rows.into_iter().map(|(name, value)| vec![name.to_string(), value]).collect();
    show::table(&["service", &view.name], &rows);
    Ok(())
}

fn version(version: &ModelVersionRef) -> String {
    format!("{} {}", version.model, version.version)
}

fn state(state: ServiceState) -> &'static str {
    match state {
        ServiceState::Starting => "starting",
        ServiceState::Ready => "ready",
        ServiceState::Down => "down",
        ServiceState::Stopped => "stopped",
    }
}

fn computed_by(runtime: ServiceRuntime, note: Option<&str>) -> String {
    let name = match runtime {
        ServiceRuntime::Onnx => "ONNX Runtime",
        ServiceRuntime::Python => "Python",
    };
    note.map_or(name.to_string(), |note| format!("{name} ({note})"))
}

fn micros(us: Option<u64>) -> String {
    us.map_or("-".into(), |us| format!("{:.1} ms", us as f64 / 1_000.0))
}
