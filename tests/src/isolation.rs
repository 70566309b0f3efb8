//! The isolation profiles that this host allows, as the program itself finds.

use crate::{DagText, Op, Suanzi, forbidden, repository};

/// All but plain.
pub const ENCLOSED: [&str; 2] = ["namespaced", "service"];

/// Of the two, those that work here; the others are said.
pub fn allowed() -> Vec<&'static str> {
    ENCLOSED.into_iter().filter(|profile| is_allowed(profile)).collect()
}

/// Whether the profile works here; it is said if not.
pub fn is_allowed(profile: &str) -> bool {
    let suanzi = Suanzi::new();
    let dag = suanzi.write("dag.yaml", DagText::new("nothing").op(Op::new("good", "good").param("number", 1)).yaml());
    let operators = repository::root().join("tests/poison");
    let (dag, operators) = (dag.to_string_lossy(), operators.to_string_lossy());
    let output = suanzi.run(["run", &dag, "--quiet", "--isolation", profile, "--operators", &operators]);
    if output.code == Some(2) && output.stderr.contains("can't be had here") {
        forbidden(&format!("isolation {profile}: {}", output.stderr.lines().next().unwrap_or_default()));
        return false;
    }
    output.success();
    true
}
