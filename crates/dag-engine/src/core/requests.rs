//! What a published output asks of the engine beside being kept. It is carried out after the commit and before the run's end, so that an engine that dies in between leaves a run that goes on, and is asked again.

use super::run::RunData;
use super::{AfterCommit, Core, Deployment, Effects, Now};
use suanzi_store::{ArtifactId, ArtifactRow, NewModelVersion, RunKey};

impl RunData {
    /// Whatever the outputs of an operator of this run ask for. All of it may be carried out twice.
    pub(super) fn carry_out(&mut self, now: Now, run: RunKey, op: u32, fx: &mut Effects) {
        let plan = self.plan.clone();
        let (Some(op_plan), Some(data)) = (plan.ops.get(op as usize), self.ops.get(op as usize)) else { return };
        let mut asked = 0;
        for output in data.outputs.iter().filter(|output| output.artifact.run == run) {
            let ArtifactId(id) = &output.artifact.id;
            if output.artifact.port_type == "model_ref" {
                // What is registered, and pinned, is the model it was given.
                let model = op_plan.inputs.iter().filter_map(|i| self.output(i.source.0, i.source.1));
                let model = model.map(|o| &o.artifact).find(|a| a.port_type == "model").map_or(id, |a| &a.id.0);
                let version = registration(now, run, op, ArtifactId(model.clone()), &output.artifact.manifest);
                fx.after.push(AfterCommit::Register(Box::new(version)));
                asked += 1;
            }
            if output.artifact.port_type == "endpoint" {
                let inputs = op_plan.inputs.iter().filter_map(|i| self.output(i.source.0, i.source.1));
                let registered = inputs.map(|o| &o.artifact).find(|a| a.port_type == "model_ref");
                let wish = registered.and_then(|by| deployment(now, run, by, &output.artifact.manifest));
                asked += u32::from(wish.is_some());
                fx.after.extend(wish.map(|wish| AfterCommit::Deploy(Box::new(wish))));
            }
        }
        self.outstanding += asked;
    }
}

impl Core {
    /// What an output asked for is done, or can't be.
    pub fn carried_out(&mut self, now: Now, run: RunKey, fx: &mut Effects) {
        let Some(data) = self.runs.get_mut(&run) else { return };
        data.outstanding = data.outstanding.saturating_sub(1);
        self.finish_ended(now, fx);
    }
}

fn registration(now: Now, run: RunKey, op: u32, artifact: ArtifactId, manifest: &str) -> NewModelVersion {
    let name = serde_json::from_str::<serde_json::Value>(manifest)
        .ok()
        .and_then(|m| m.get("name").and_then(|n| n.as_str()).map(str::to_string))
        .unwrap_or_else(|| "model".to_string());
    NewModelVersion { name, run, op, artifact, manifest: manifest.to_string(), created_at: now.wall }
}

/// What an endpoint says of itself; nothing where it names no service or model.
fn deployment(now: Now, run: RunKey, registered: &ArtifactRow, manifest: &str) -> Option<Deployment> {
    let said: serde_json::Value = serde_json::from_str(manifest).ok()?;
    let text = |key: &str| said.get(key).and_then(|value| value.as_str()).map(str::to_string);
    let concurrency = said.get("concurrency").and_then(|number| number.as_u64());
    Some(Deployment {
        run,
        service: text("service")?,
        model: text("model")?,
        concurrency: concurrency.and_then(|number| u32::try_from(number).ok()),
        registered_by: (registered.run, registered.op),
        at: now.wall,
    })
}
