//! The DAG that is killed: some forty quick operators, each of which appends a line to a file before it works.

use super::dice::Dice;
use crate::{DagText, Op};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub const OPERATORS: u32 = 40;
/// Operators work so long at most, unless a campaign says otherwise.
pub const MAX_SLEEP_MS: u64 = 20;
const MAX_INPUTS: u64 = 3;

const SOURCE: &str = r#""""Operators that leave a line outside the engine's reach each time they run."""

import os
import time

import pyarrow as pa

from suanzi.sdk import AnyValue, ArrowTable, ModelRef, operator


def witness(path, key):
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(fd, f"{key} {os.getpid()}\n".encode())
    finally:
        os.close(fd)


@operator()
def note(*inputs: object, key: str, path: str, ms: int = 1) -> AnyValue:
    witness(path, key)
    time.sleep(ms / 1000)
    return {"key": key, "inputs": len(inputs)}


@operator()
def table(*inputs: object, key: str, path: str, ms: int = 1) -> ArrowTable:
    witness(path, key)
    time.sleep(ms / 1000)
    return pa.table({"key": [key] * 8, "inputs": [len(inputs)] * 8})


@operator()
def named(*inputs: object, key: str, path: str, ms: int = 1) -> ModelRef:
    witness(path, key)
    time.sleep(ms / 1000)
    return {"key": key, "inputs": len(inputs), "name": "killed"}
"#;

/// Files of a campaign.
pub struct Scene {
    pub dag: PathBuf,
    pub operators: PathBuf,
    pub witness: PathBuf,
    /// Operator → how many inputs it has.
    pub inputs: BTreeMap<String, u64>,
    /// Operators that give a model a name: each registers a version.
    pub models: [String; 2],
}

impl Scene {
    pub fn write(dir: &Path, dice: &mut Dice, max_sleep_ms: u64) -> Scene {
        let witness = dir.join("witness");
        let mut dag = DagText::new("killed");
        let mut inputs = BTreeMap::new();
        // One early, and one that the run may end with.
        let models = [dice.below(u64::from(OPERATORS) / 2) as u32, OPERATORS - 1];
        for position in 0..OPERATORS {
            let id = format!("op{position}");
            let algo_name = if models.contains(&position) {
                "named"
            } else if dice.below(2) == 0 {
                "note"
            } else {
                "table"
            };
            let op = Op::new(&id, algo_name)
                .param("key", id.as_str())
                .param("path", witness.to_string_lossy().into_owned())
                .param("ms", 1 + dice.below(max_sleep_ms));
            dag = dag.op(op);
            let count = if position == 0 { 0 } else { dice.below(MAX_INPUTS) };
            for input in 0..count {
                dag = dag.edge(&format!("op{}", dice.below(position.into())), 0, &id, input as u32);
            }
            inputs.insert(id, count);
        }
        let operators = dir.join("operators");
        std::fs::create_dir_all(&operators).expect("a directory can be made");
        std::fs::write(operators.join("witnessed.py"), SOURCE).expect("a file can be written");
        let file = dir.join("killed.yaml");
        std::fs::write(&file, dag.yaml()).expect("a file can be written");
        let models = models.map(|position| format!("op{position}"));
        Scene { dag: file, operators, witness, inputs, models }
    }

    /// Empties the witness file for a new run.
    pub fn begin(&self) {
        std::fs::write(&self.witness, "").expect("a file can be written");
    }

    /// How often each operator has run so far.
    pub fn executions(&self) -> BTreeMap<String, u32> {
        let text = std::fs::read_to_string(&self.witness).unwrap_or_default();
        let mut counts = BTreeMap::new();
        for key in text.lines().filter_map(|line| line.split_whitespace().next()) {
            *counts.entry(key.to_string()).or_default() += 1;
        }
        counts
    }
}
