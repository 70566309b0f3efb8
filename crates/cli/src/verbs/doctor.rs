//! `suanzi doctor`: is everything there that runs need, and how to mend what isn't.

use crate::args::JsonArg;
use crate::artifacts;
use crate::database;
use crate::executors::{Configured, FILE};
use crate::fail::{Failure, RUN_FAILED};
use crate::home::Home;
use crate::isolation;
use crate::mlflow;
use crate::session::local_options;
use crate::show;
use crate::workers::WorkersArgs;
use serde::Serialize;
use std::process::{Command, ExitCode};
use suanzi_executor_local::Profile;
use suanzi_python_env::{Interpreter, standard};
use suanzi_store_remote::Access;

/// Python packages the standard operators stand on.
const PACKAGES: &[&str] = &["pyarrow", "pandas", "sklearn", "msgpack", "threadpoolctl"];

#[derive(Serialize)]
struct Check {
    what: &'static str,
    ok: bool,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

pub fn run(args: JsonArg) -> Result<ExitCode, Failure> {
    let mut checks = Vec::new();
    let home = home(&mut checks);
    if let Some(home) = &home {
        python(home, &mut checks);
        if let Some((ok, found)) = mlflow::health(home) {
            let remedy = "see that the server at MLFLOW_TRACKING_URI answers and takes the credentials; what waits is sent by the next `suanzi run` or `suanzi serve`";
            checks.push(Check { what: "mlflow", ok, found, remedy: (!ok).then(|| remedy.to_string()) });
        }
    }
    host(&mut checks);
    let ok = checks.iter().all(|c| c.ok);
    if args.json {
        show::json(&serde_json::json!({ "ok": ok, "checks": checks }))?;
    } else {
        for check in &checks {
            say!("{} {:<12} {}", if check.ok { "✓" } else { "✗" }, check.what, check.found);
            if let Some(remedy) = &check.remedy {
                say!("  → {remedy}");
            }
        }
        say!("\n{}", if ok { "all is well" } else { "something is to be mended" });
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::from(RUN_FAILED) })
}

fn home(checks: &mut Vec<Check>) -> Option<Home> {
    match Home::open() {
        Ok(home) => {
            checks.push(Check { what: "home", ok: true, found: home.root.display().to_string(), remedy: None });
            let owned = home.own().map(|owner| owner.is_some()).unwrap_or(false);
            let access = if owned { Access::Writer } else { Access::Reader };
            let (ok, found) = match database::open(&home, access) {
                Ok(_) => (true, database::shown(&home)),
                Err(failure) => (false, failure.into_parts().0),
            };
            let remedy =
                (!ok).then(|| "set SUANZI_HOME to another directory, or restore a copy of the database".to_string());
            checks.push(Check { what: "database", ok, found, remedy });
            checks.extend(artifacts::check(&home).map(of_artifacts));
            Some(home)
        }
        Err(failure) => {
            failure.tell();
            checks.push(Check {
                what: "home",
                ok: false,
                found: "can't be used".into(),
                remedy: Some("set SUANZI_HOME to a directory that can be written".into()),
            });
            None
        }
    }
}

fn of_artifacts(found: Result<String, Failure>) -> Check {
    let (ok, (found, remedy)) = match found {
        Ok(place) => (true, (place, None)),
        Err(failure) => (false, failure.into_parts()),
    };
    Check { what: "artifacts", ok, found, remedy }
}

fn python(home: &Home, checks: &mut Vec<Check>) {
    let python = match Interpreter::find(&home.memory()) {
        Ok(python) => python,
        Err(error) => {
            checks.push(Check {
                what: "python",
                ok: false,
                found: error.to_string(),
                remedy: Some(error.hint().into()),
            });
            return;
        }
    };
    checks.push(Check {
        what: "python",
        ok: true,
        found: format!("{} at {} ({})", python.version, python.path.display(), python.why),
        remedy: None,
    });
    for package in PACKAGES {
        let script = format!("import {package} as p; print(getattr(p,'__version__','present'))");
        let answer = Command::new(&python.path).args(["-I", "-c", &script]).output();
        let check = match answer {
            Ok(out) if out.status.success() => Check {
                what: package,
                ok: true,
                found: String::from_utf8_lossy(&out.stdout).trim().to_string(),
                remedy: None,
            },
            _ => {
                let name = if *package == "sklearn" { "scikit-learn" } else { package };
                Check {
                    what: package,
                    ok: false,
                    found: "can't be imported".into(),
                    remedy: Some(format!("{} -m pip install {name}", python.path.display())),
                }
            }
        };
        checks.push(check);
    }
    let check = match standard(&python, &home.memory()) {
        Ok((manifest, _)) => Check {
            what: "operators",
            ok: true,
            found: format!("{} standard operators", manifest.operators.len()),
            remedy: None,
        },
        Err(error) => Check {
            what: "operators",
            ok: false,
            found: error.to_string(),
            remedy: Some("install the package `suanzi` anew".into()),
        },
    };
    checks.push(check);
    isolation(home, &python, checks);
    executors(home, &python, checks);
}

/// Asks each configured executor whether it would take work now.
fn executors(home: &Home, python: &Interpreter, checks: &mut Vec<Check>) {
    let configured = match Configured::read(home) {
        Ok(configured) => configured,
        Err(failure) => {
            let (found, remedy) = failure.into_parts();
            checks.push(Check { what: FILE, ok: false, found, remedy });
            return;
        }
    };
    for (name, at) in configured.addresses() {
        let check = match configured.check(name, python, &home.logs()) {
            Ok(()) => Check { what: "executor", ok: true, found: format!("{name} at {at} answers"), remedy: None },
            Err(failure) => {
                let (found, remedy) = failure.into_parts();
                Check { what: "executor", ok: false, found, remedy }
            }
        };
        checks.push(check);
    }
}

/// The profile that workers get, and the strongest that they could get.
fn isolation(home: &Home, python: &Interpreter, checks: &mut Vec<Check>) {
    let check = match asked_for(home, python) {
        Ok(profile) => {
            let options = local_options(python, home.logs());
            let (strongest, refused) = isolation::strongest(home, &options);
            let mut found = format!("{profile}: {}", profile.meaning());
            if strongest != profile {
                found += &format!("; this host allows {strongest}");
            }
            for (stronger, why) in refused {
                found += &format!("; not {stronger}: {}", why.reason);
            }
            let stronger = (profile == Profile::Plain && strongest != profile)
                .then(|| format!("for operators of others: --isolation {strongest} or {}=auto", isolation::VARIABLE));
            Check { what: "isolation", ok: true, found, remedy: stronger }
        }
        Err(failure) => {
            let (found, remedy) = failure.into_parts();
            Check { what: "isolation", ok: false, found, remedy }
        }
    };
    checks.push(check);
}

/// What the environment asks for, as far as it can be had.
fn asked_for(home: &Home, python: &Interpreter) -> Result<Profile, Failure> {
    let workers = WorkersArgs::of_environment()?;
    let options = local_options(python, home.logs());
    let found = isolation::resolve(workers.choice(), None, home, &isolation::Surroundings::default(), &options)?;
    Ok(found.map_or(Profile::Plain, |isolation| isolation.profile))
}

fn host(checks: &mut Vec<Check>) {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    checks.push(Check {
        what: "processors",
        ok: true,
        found: format!("{cores}, so {} local workers", cores * 2),
        remedy: None,
    });
}
