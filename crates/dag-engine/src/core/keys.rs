//! Content keys as a run goes: once the content ids of an operator's inputs are known, its result can be found by what went in, however that came about.

use super::run::RunData;
use super::{CheckJob, Core, DescribeJob, Effects, LookupJob, Now};
use std::sync::Arc;
use suanzi_operator::keys::{self, Key};
use suanzi_scheduler::{Input, RunKey as SchedRun, TaskRef};
use suanzi_store::{ArtifactId, ArtifactRow, CacheKey, RunKey, StoreRecord};

impl RunData {
    /// The key over an operator's inputs as they are known now.
    pub fn content_key(&self, op: u32) -> Option<Key> {
        let plan = self.plan.ops.get(op as usize)?;
        let mut inputs = Vec::with_capacity(plan.inputs.len());
        for input in &plan.inputs {
            let identity = self.output(input.source.0, input.source.1)?.identity.as_deref()?;
            inputs.push((input.name.as_str(), input.port_type.as_str(), identity));
        }
        Some(keys::content(plan.self_hash, &inputs))
    }

    /// Works out the identities of an operator's outputs: a table's is its content id, any other output's follows from the content key of its task.
    pub fn identify(&mut self, op: u32) {
        let content_key = self.content_key(op);
        let keyed = self.plan.ops.get(op as usize).is_some_and(|p| p.keyed);
        let Some(data) = self.ops.get_mut(op as usize) else { return };
        data.content_key = content_key;
        for output in &mut data.outputs {
            output.identity = if output.artifact.port_type == "data" {
                output.artifact.content_id.clone()
            } else if !keyed {
                // Differs each time: its own name is all that stands for it.
                Some(output.artifact.id.0.clone())
            } else {
                content_key.map(|key| keys::output_of(key, output.port).to_string())
            };
        }
    }
}

impl Core {
    /// The scheduler asks whether there is a cached result.
    pub(super) fn lookup(&mut self, run: RunKey, op: u32, fx: &mut Effects) -> Option<bool> {
        let data = self.runs.get_mut(&run)?;
        let plan = data.plan.clone();
        let op_plan = plan.ops.get(op as usize)?;
        if op_plan.hit.is_some() {
            return Some(true);
        }
        if !op_plan.keyed || !op_plan.may_cut_off {
            return Some(false);
        }
        match data.content_key(op) {
            Some(key) => {
                fx.lookups.push(LookupJob { run, op, key: CacheKey(key.0) });
                None
            }
            None => {
                data.ops[op as usize].lookup_waits = true;
                None
            }
        }
    }

    /// Answer to a [`LookupJob`].
    pub fn looked_up(
        &mut self,
        now: Now,
        run: RunKey,
        op: u32,
        found: Option<Vec<(u16, ArtifactRow)>>,
        fx: &mut Effects,
    ) {
        let Some(data) = self.runs.get_mut(&run) else { return };
        let hit = found.is_some();
        if let Some(artifacts) = found {
            data.publish(op, artifacts);
            self.describe_taken_over(run, op, fx);
        }
        self.feed(now, Input::LookedUp { task: TaskRef { run: SchedRun(run.0), op }, hit }, fx);
    }

    /// Outputs that this run didn't make itself (cached, or found by recovery) may not have been read or synced by whoever made them: then this run sees to it, since its lookups and its end wait for it.
    pub(super) fn describe_taken_over(&mut self, run: RunKey, op: u32, fx: &mut Effects) {
        let Some(data) = self.runs.get_mut(&run) else { return };
        let Some(op_data) = data.ops.get(op as usize) else { return };
        for output in &op_data.outputs {
            let artifact = &output.artifact;
            let table = artifact.port_type == "data";
            if artifact.inline.is_some() || (artifact.durable && (!table || artifact.content_id.is_some())) {
                continue;
            }
            fx.describes.push(DescribeJob {
                run,
                epoch: data.epoch,
                op,
                port: output.port,
                artifact: artifact.id.clone(),
                path: self.artifact_dir.join(&artifact.path),
                table,
            });
            data.outstanding += 1;
        }
    }

    /// The content id of a published table is known (`None`: it couldn't be read).
    pub fn identified(&mut self, now: Now, job: &DescribeJob, content_id: Option<String>, fx: &mut Effects) {
        let Some(data) = self.runs.get_mut(&job.run) else { return };
        let Some(output) = data
            .ops
            .get_mut(job.op as usize)
            .and_then(|o| o.outputs.iter_mut().find(|o| o.port == job.port && o.artifact.id == job.artifact))
        else {
            return;
        };
        match content_id {
            Some(content_id) => {
                output.artifact.content_id = Some(content_id.clone());
                fx.records.push(StoreRecord::Described {
                    run: job.run,
                    artifact: job.artifact.clone(),
                    content_id,
                    stats: String::new(),
                });
                fx.touch(job.run, data.epoch);
            }
            // Its own name stands for it: equal to nothing else.
            None => output.artifact.content_id = Some(format!("unreadable:{}", job.artifact.0)),
        }
        self.spread(job.run, job.op, fx);
        self.finish_ended(now, fx);
    }

    /// Statistics of a published table. They may come after the run's end.
    pub fn described(&mut self, job: &DescribeJob, content_id: String, stats: String, fx: &mut Effects) {
        fx.records.push(StoreRecord::Described { run: job.run, artifact: job.artifact.clone(), content_id, stats });
        fx.touch(job.run, job.epoch);
    }

    /// Files read by an operator were looked at again: unchanged, its result can be found by its keys from now on.
    pub fn files_checked(&mut self, now: Now, job: &CheckJob, unchanged: bool, fx: &mut Effects) {
        let Some(data) = self.runs.get_mut(&job.run) else { return };
        data.outstanding = data.outstanding.saturating_sub(1);
        let plan = data.plan.clone();
        let (Some(op_plan), Some(op)) = (plan.ops.get(job.op as usize), data.ops.get(job.op as usize)) else { return };
        if unchanged {
            let keys: Vec<CacheKey> = op_plan.derivation.iter().chain(&op.content_key).map(|k| CacheKey(k.0)).collect();
            fx.records.push(StoreRecord::Keyed { run: job.run, op: job.op, attempt_no: job.attempt_no, keys });
            fx.touch(job.run, data.epoch);
        }
        self.finish_ended(now, fx);
    }

    /// The file is on the disk for good: one describe job less to wait for.
    pub fn durable(&mut self, now: Now, run: RunKey, artifact: &ArtifactId, fx: &mut Effects) {
        let Some(data) = self.runs.get_mut(&run) else { return };
        data.outstanding = data.outstanding.saturating_sub(1);
        fx.records.push(StoreRecord::Durable { run, artifacts: vec![artifact.clone()] });
        let epoch = data.epoch;
        fx.touch(run, epoch);
        self.finish_ended(now, fx);
    }

    /// An output's identity became known: the keys of all that follows are worked out anew, waiting lookups are asked, results done meanwhile get their content key.
    pub(super) fn spread(&mut self, run: RunKey, op: u32, fx: &mut Effects) {
        let Some(data) = self.runs.get_mut(&run) else { return };
        let plan: Arc<_> = data.plan.clone();
        let mut todo = vec![op];
        while let Some(op) = todo.pop() {
            let before = data.ops[op as usize].content_key;
            let known_before: Vec<bool> = data.ops[op as usize].outputs.iter().map(|o| o.identity.is_some()).collect();
            data.identify(op);
            let state = &data.ops[op as usize];
            if before.is_none()
                && let (Some(key), Some(attempt_no)) = (state.content_key, state.succeeded)
                && plan.ops[op as usize].keyed
                && plan.ops[op as usize].stats.is_empty()
            {
                fx.records.push(StoreRecord::Keyed { run, op, attempt_no, keys: vec![CacheKey(key.0)] });
                let epoch = data.epoch;
                fx.touch(run, epoch);
            }
            let newly =
                data.ops[op as usize].outputs.iter().zip(known_before).any(|(o, known)| o.identity.is_some() && !known);
            if !newly {
                continue;
            }
            for &next in plan.readers_of(op) {
                if data.ops[next as usize].lookup_waits {
                    if let Some(key) = data.content_key(next) {
                        data.ops[next as usize].lookup_waits = false;
                        fx.lookups.push(LookupJob { run, op: next, key: CacheKey(key.0) });
                    }
                } else if !data.ops[next as usize].outputs.is_empty() || data.ops[next as usize].succeeded.is_some() {
                    todo.push(next);
                }
            }
        }
    }
}
