//! What a run shows while it goes: a bar with the running operators in a terminal, plain lines in a pipe.

use std::ffi::OsString;
use std::process::Command;
use suanzi_tests::small_python::SmallPython;
use suanzi_tests::{DagText, Op, Suanzi, program};

const OPERATORS: &str = "\
import time
from suanzi.sdk import AnyValue, current, operator


@operator
def slow(*, ms: int) -> AnyValue:
    current().progress(0.5, 'halfway there')
    time.sleep(ms / 1000)
    return ms


@operator
def refuses(data: object) -> AnyValue:
    raise ValueError('not today')
";
/// Longer than a tick of the bar.
const SLOW_MS: u32 = 1_500;

fn project() -> Suanzi {
    let mut suanzi = Suanzi::new();
    SmallPython::install(&mut suanzi, &SmallPython::ask());
    suanzi.write("mine/slow.py", OPERATORS);
    let dag = DagText::new("slow").op(Op::new("first", "slow").param("ms", SLOW_MS)).op(Op::new("second", "refuses"));
    suanzi.write("dag.yaml", dag.edge("first", 0, "second", 0).yaml());
    suanzi
}

const ARGS: [&str; 4] = ["run", "dag.yaml", "--operators", "mine"];

/// What a terminal is sent, by way of `script`, which gives the program one.
fn in_a_terminal(suanzi: &Suanzi) -> String {
    let mut line = OsString::from(program::binary());
    ARGS.iter().for_each(|arg| {
        line.push(" ");
        line.push(arg);
    });
    let plain = suanzi.command(ARGS);
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command"]).arg(line).arg("/dev/null").current_dir(suanzi.dir());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.env("TERM", "xterm-256color").output().expect("`script` of util-linux is there");
    assert_eq!(output.status.code(), Some(1), "the run failed, and `script` says so");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_terminal_shows_a_bar_and_what_runs() {
    let shown = in_a_terminal(&project());
    assert!(shown.contains("0/2"), "the bar counts: {shown:?}");
    assert!(shown.contains("first 50 % halfway there"), "what runs says how far it is: {shown:?}");
    assert!(shown.contains("1/2 success first"), "{shown:?}");
    assert!(shown.contains("second failed: ValueError: not today"), "{shown:?}");
    assert!(shown.contains("2 of 2 done in"), "{shown:?}");
    assert!(shown.contains("\u{1b}["), "a bar is drawn over itself: {shown:?}");
    let end = shown.split("2 of 2 done").last().unwrap_or_default();
    assert!(!end.contains("0/2") && !end.contains("1/2"), "the bar is gone at the end: {end:?}");
}

#[test]
fn a_pipe_gets_plain_lines() {
    let output = project().run(ARGS).exits(1);
    let both = format!("{}{}", output.stdout, output.stderr);
    assert!(!both.contains('\u{1b}') && !both.contains('\r'), "{both:?}");
    assert!(output.stderr.contains("1/2 success first") && output.stderr.contains("2 of 2 done in"), "{output}");
    let quiet = project().run(["run", "dag.yaml", "--operators", "mine", "-q", "--json"]).exits(1);
    assert!(!quiet.stderr.contains("done in"), "{quiet}");
    assert_eq!(quiet.json()["status"], "failed");
}
