//! The cache is sound: after each of these changes exactly what it concerns runs, `plan` has said so before, and every output equals that of a home that knows nothing.

mod mutations;
mod outputs;
mod world;

use mutations::{MUTATIONS, Mutation};
use outputs::Outputs;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use suanzi_tests::Report;
use suanzi_tests::small_python::SmallPython;
use world::World;

/// The program's processes at once: more would only wait for each other.
const PARALLEL: usize = 2;
const LEAST_MUTATIONS: usize = 40;

#[test]
fn plan_execution_and_outputs_agree_after_every_change() {
    assert!(MUTATIONS.len() >= LEAST_MUTATIONS);
    let only = std::env::var("MUTATION").ok();
    let python = SmallPython::ask();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..PARALLEL {
            scope.spawn(|| {
                let (mut world, base) = prepare(&python);
                while let Some(mutation) = MUTATIONS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if only.as_deref().is_some_and(|name| name != mutation.name) {
                        continue;
                    }
                    if let Err(fault) = judge(&mut world, &base, mutation) {
                        wrong.lock().expect("no holder panicked").push(format!("{}: {fault}", mutation.name));
                    }
                    world.restore();
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no holder panicked");
    assert!(wrong.is_empty(), "{} of {} changes\n\n{}", wrong.len(), MUTATIONS.len(), wrong.join("\n\n"));
}

/// A world in which everything ran once, and what came out.
fn prepare(python: &serde_json::Value) -> (World, Outputs) {
    let world = World::new(python);
    let base = world.run().unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!((base.status(), base.executed()), ("success", base.took_part()));
    let outputs = Outputs::of(&world.suanzi.home(), &base);
    world.keep_home();
    (world, outputs)
}

fn judge(world: &mut World, before: &Outputs, mutation: &Mutation) -> Result<(), String> {
    if let Some((id, verdict)) = world.plan()?.into_iter().find(|(_, verdict)| verdict != "cached") {
        return Err(format!("the world was not put back: {id} is {verdict}"));
    }
    (mutation.apply)(world);

    let plan = world.plan()?;
    let report = world.run()?;
    let executed = report.executed();
    let expected: BTreeSet<String> = mutation.runs.iter().map(|id| id.to_string()).collect();
    if report.status() != "success" {
        return Err(format!("the run ended with {:?}", report.statuses()));
    }
    if executed != expected {
        return Err(format!("executed {executed:?}\nexpected {expected:?}"));
    }
    let after = Outputs::of(&world.suanzi.home(), &report);
    predicted(world, &plan, &report, before, &after)?;

    let fresh = world.run_in_a_fresh_home()?;
    let truth = Outputs::of(&world.fresh_home(), &fresh);
    after.same_as(&truth)
}

/// Each word of the plan against what was done.
fn predicted(
    world: &World,
    plan: &[(String, String)],
    report: &Report,
    before: &Outputs,
    after: &Outputs,
) -> Result<(), String> {
    let (executed, cached) = (report.executed(), report.cached());
    for (id, verdict) in plan {
        let (right, why) = match verdict.as_str() {
            "will_run" => (executed.contains(id), ""),
            "cached" => (cached.contains(id), ""),
            "disabled" | "not_selected" => (!report.took_part().contains(id) || !executed.contains(id), ""),
            "will_run_unless_upstream_unchanged" => {
                // The operator itself is as it was, so only another input can make it run.
                let other = |source: &&str| executed.contains(*source) && !before.equal_at(after, source);
                let changed = world.sources_of(id).iter().any(other);
                (
                    executed.contains(id) == changed,
                    if changed { " and an input changed" } else { " and no input changed" },
                )
            }
            other => return Err(format!("the plan says {other} of {id}")),
        };
        if !right {
            let done = if executed.contains(id) { "executed" } else { "not executed" };
            return Err(format!("the plan says {verdict} of {id}{why}, and it was {done}"));
        }
    }
    Ok(())
}
