//! Random DAGs, bound as the engine binds real ones.

use crate::process::Use;
use crate::rng::Rng;
use std::path::PathBuf;
use std::sync::Arc;
use suanzi_dag_engine::BoundRun;
use suanzi_dag_engine::core::{InputPlan, OpPlan, RunPlan};
use suanzi_executor::{CodeRef, Limits, OutputPort, TaskRequest};
use suanzi_operator::keys::Key;
use suanzi_scheduler::{OpSpec, RunKey, RunSpec, Trigger};
use suanzi_store::{CacheKey, MemoryStore, Store};

/// What attempts on each executor may hold, in mebibytes.
pub const MEMORY_MIB: u32 = 8;
/// Slots of each executor.
pub const SLOTS: [u32; 2] = [4, 2];
/// Whether attempts on each executor go on without the engine, and are found again by the next.
pub const OUTLIVES: [bool; 2] = [false, true];
/// Limits of the named pools.
pub const POOLS: [u32; 1] = [2];
/// Port 0 is a table, port 1 (where there is one) an inline document.
pub const PORT_TYPES: [&str; 2] = ["data", "metrics"];

/// A DAG: its operators in an order in which every source comes before its readers.
#[derive(Clone)]
pub struct Shape {
    pub id: u64,
    pub ops: Vec<OpShape>,
    pub concurrency: Option<u32>,
    pub priority: i32,
}

#[derive(Clone)]
pub struct OpShape {
    pub spec: OpSpec,
    pub keyed: bool,
    pub may_cut_off: bool,
    pub ports: u16,
    pub inputs: Vec<(u32, u16)>,
}

impl Shape {
    pub fn random(rng: &mut Rng, id: u64) -> Shape {
        let count = rng.between(1, 14) as u32;
        let mut ops: Vec<OpShape> = Vec::new();
        for op in 0..count {
            let mut inputs = Vec::new();
            if op > 0 {
                for _ in 0..rng.below(4) {
                    let source = rng.below(op as usize) as u32;
                    inputs.push((source, rng.below(ops[source as usize].ports as usize) as u16));
                }
            }
            let executor = rng.below(SLOTS.len()) as u16;
            let trigger = match rng.below(20) {
                0 => Trigger::AllDone,
                1 => Trigger::OneFailed,
                2 => Trigger::NoneFailed,
                _ => Trigger::AllSuccess,
            };
            // As preparation does: only who has all inputs can be found by them.
            let keyed = rng.percent(80) && trigger == Trigger::AllSuccess;
            let spec = OpSpec {
                selected: true,
                trigger,
                priority: rng.below(3) as i32,
                retries: rng.below(3) as u32,
                retry_delay_ms: rng.between(0, 2) * 20,
                timeout_ms: rng.percent(15).then(|| rng.between(50, 400)),
                slots: rng.between(1, u64::from(SLOTS[executor as usize])) as u32,
                pool: rng.percent(20).then_some(0),
                executor,
                lookup: keyed && rng.percent(90),
                side_effects: rng.percent(15) || OUTLIVES[executor as usize],
                expected_ms: rng.below(100) as u32,
                kind: rng.below(2) as u32,
                memory_mib: if rng.percent(40) { rng.between(1, 2 * u64::from(MEMORY_MIB)) as u32 } else { 0 },
            };
            ops.push(OpShape { spec, keyed, may_cut_off: rng.percent(50), ports: 1 + rng.below(2) as u16, inputs });
        }
        let concurrency = rng.percent(30).then(|| rng.between(1, 3) as u32);
        Shape { id, ops, concurrency, priority: rng.below(3) as i32 }
    }

    /// What an attempt that is handed out takes.
    pub fn takes(&self, executor: u16, request: &TaskRequest) -> Use {
        let spec = &self.ops[request.attempt.op as usize].spec;
        let memory_mib = (request.limits.reserved_bytes >> 20) as u32;
        Use { executor, slots: spec.slots, pool: spec.pool, memory_mib, taken_over: false }
    }

    fn key(&self, op: usize, purpose: u8) -> Key {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.id.to_le_bytes());
        key[8..16].copy_from_slice(&(op as u64).to_le_bytes());
        key[16] = purpose;
        Key(key)
    }

    /// As submission and recovery bind it: earlier results are looked up each time.
    pub fn bind(&self, store: &MemoryStore, run_id: &str, run: RunKey, token_seed: u64) -> BoundRun {
        let derivations: Vec<CacheKey> = (0..self.ops.len()).map(|op| CacheKey(self.key(op, 1).0)).collect();
        let found = store.lookup(&derivations).unwrap_or_default();
        let ops = self.ops.iter().zip(found).enumerate().map(|(ix, (op, hit))| OpPlan {
            operator_id: format!("op{ix}"),
            algo_name: "model".into(),
            code: CodeRef {
                module: String::new(),
                function: String::new(),
                dir: None,
                code_hash: String::new(),
                sklearn: false,
            },
            params: "{}".into(),
            inputs: op.inputs.iter().enumerate().map(|(i, source)| input(i, *source)).collect(),
            outputs: (0..op.ports).map(output).collect(),
            file_keys: Vec::new(),
            files: Vec::new(),
            stats: Vec::new(),
            requirements: Vec::new(),
            resources: Vec::new(),
            limits: Limits { cpu_slots: op.spec.slots, memory_bytes: None, reserved_bytes: 0, timeout: None },
            executor: op.spec.executor,
            side_effects: op.spec.side_effects,
            outlives: OUTLIVES[op.spec.executor as usize],
            self_hash: self.key(ix, 0),
            derivation: op.keyed.then(|| self.key(ix, 1)),
            keyed: op.keyed,
            may_cut_off: op.may_cut_off,
            hit: hit.filter(|_| op.spec.lookup).map(|hit| Arc::new(hit.outputs)),
        });
        let ops: Vec<OpPlan> = ops.collect();
        let mut readers: Vec<Vec<u32>> = vec![Vec::new(); ops.len()];
        let mut edges = Vec::new();
        for (ix, op) in self.ops.iter().enumerate() {
            for (source, _) in &op.inputs {
                if !readers[*source as usize].contains(&(ix as u32)) {
                    readers[*source as usize].push(ix as u32);
                    edges.push((*source, ix as u32));
                }
            }
        }
        let plan = RunPlan {
            run_id: run_id.to_string(),
            dag_identity: format!("dag{}", self.id),
            seed: 0,
            ops,
            readers: readers.into_iter().map(Vec::into_boxed_slice).collect(),
        };
        let spec = RunSpec {
            run,
            token_seed,
            priority: self.priority,
            concurrency: self.concurrency,
            ops: self.ops.iter().map(|op| op.spec.clone()).collect(),
            edges,
            recovered: Vec::new(),
        };
        let order = (0..self.ops.len() as u32).collect();
        BoundRun { plan: Arc::new(plan), spec, order, outside: Vec::new() }
    }
}

fn input(position: usize, source: (u32, u16)) -> InputPlan {
    InputPlan { name: format!("in{position}"), port_type: PORT_TYPES[source.1 as usize].into(), source }
}

fn output(port: u16) -> OutputPort {
    OutputPort { name: format!("out{port}"), port_type: PORT_TYPES[port as usize].into() }
}

/// Where artifacts lie in the model's file system.
pub fn artifact_dir() -> PathBuf {
    PathBuf::from("/artifacts")
}
