//! What a run would do: for each operator cached, will run, or will run unless upstream turns out unchanged, and why. The run itself begins from the same resolution.

use crate::prepare::Prepared;
use crate::words::Words;
use std::sync::Arc;
use suanzi_operator::keys::{self, Key};
use suanzi_store::{ArtifactRow, CacheKey, CachedResult, Store, StoreError};

mod why;

/// What is known of each operator before anything runs.
#[derive(Debug)]
pub struct Resolution {
    pub ops: Vec<Resolved>,
}

#[derive(Debug, Default)]
pub struct Resolved {
    /// An earlier result with all its artifacts present. Set for operators outside the selection too: their outputs are inputs.
    pub hit: Option<Arc<CachedResult>>,
    pub content_key: Option<Key>,
    /// Results of the same kind, code and parameters exist on whatever input.
    pub may_cut_off: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Cached,
    WillRun,
    WillRunUnlessUpstreamUnchanged,
    NotSelected,
    Disabled,
}

#[derive(Debug, Clone, serde::Serialize)]
pub struct PlanRow {
    pub id: String,
    pub algo_name: String,
    pub verdict: Verdict,
    pub why: Words,
    /// From earlier runs of this operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_ms: Option<u64>,
    /// The most memory that its worker held in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_bytes: Option<u64>,
}

#[derive(Debug)]
pub struct Plan {
    pub rows: Vec<PlanRow>,
    pub resolution: Resolution,
}

impl Plan {
    pub fn of(prepared: &Prepared, store: &dyn Store) -> Result<Plan, StoreError> {
        let resolution = Resolution::of(prepared, store)?;
        let whys = why::reasons(prepared, &resolution, store)?;
        let history: Vec<String> =
            prepared.document.dag.operators.iter().map(|op| prepared.history_key(&op.id.0)).collect();
        let past = store.past_usage(&history)?;
        let rows = prepared
            .document
            .dag
            .operators
            .iter()
            .zip(whys)
            .zip(past)
            .map(|((op, (verdict, why)), usage)| PlanRow {
                id: op.id.to_string(),
                algo_name: op.algo_name.clone(),
                verdict,
                why,
                expected_ms: usage.map(|usage| usage.wall_us.div_ceil(1000)),
                expected_bytes: usage.map(|usage| usage.peak_rss_bytes).filter(|bytes| *bytes > 0),
            })
            .collect();
        Ok(Plan { rows, resolution })
    }

    /// Does anything need a worker?
    pub fn runs_anything(&self) -> bool {
        self.rows.iter().any(|r| matches!(r.verdict, Verdict::WillRun | Verdict::WillRunUnlessUpstreamUnchanged))
    }
}

impl Prepared {
    pub fn history_key(&self, operator_id: &str) -> String {
        format!("{}#{operator_id}", self.identity)
    }
}

impl Resolution {
    /// Looks every operator up by derivation key, and by content key where the contents of all inputs are known.
    pub fn of(prepared: &Prepared, store: &dyn Store) -> Result<Resolution, StoreError> {
        let mut ops: Vec<Resolved> = Vec::new();
        ops.resize_with(prepared.keys.len(), Resolved::default);
        let asked: Vec<usize> = (0..prepared.keys.len())
            .filter(|ix| prepared.keys[*ix].reads && prepared.keys[*ix].derivation.is_some())
            .collect();
        let wanted: Vec<CacheKey> =
            asked.iter().filter_map(|ix| prepared.keys[*ix].derivation).map(|k| CacheKey(k.0)).collect();
        for (ix, hit) in asked.into_iter().zip(store.lookup(&wanted)?) {
            ops[ix].hit = hit.map(Arc::new);
        }
        let selves: Vec<CacheKey> = prepared.keys.iter().map(|k| CacheKey(k.self_hash.0)).collect();
        for (op, known) in ops.iter_mut().zip(store.has_self_hash(&selves)?) {
            op.may_cut_off = known;
        }
        let mut resolution = Resolution { ops };
        for &ix in &prepared.order {
            let key = resolution.content_key(prepared, ix);
            let keys = &prepared.keys[ix as usize];
            let op = &mut resolution.ops[ix as usize];
            op.content_key = key;
            op.may_cut_off &= keys.keyed && keys.reads;
            if op.hit.is_none()
                && keys.reads
                && let Some(key) = key
            {
                op.hit = store.lookup(&[CacheKey(key.0)])?.into_iter().next().flatten().map(Arc::new);
            }
        }
        Ok(resolution)
    }

    /// Under which keys the result of an operator is found again, as far as they are known before it runs.
    pub fn keys_of(&self, prepared: &Prepared, ix: u32) -> Vec<CacheKey> {
        let derivation = prepared.keys.get(ix as usize).and_then(|keys| keys.derivation);
        let content = self.ops.get(ix as usize).and_then(|op| op.content_key);
        derivation.into_iter().chain(content).map(|key| CacheKey(key.0)).collect()
    }

    fn content_key(&self, prepared: &Prepared, ix: u32) -> Option<Key> {
        let op = &prepared.bound.ops[ix as usize];
        let mut identities = Vec::with_capacity(op.inputs.len());
        for input in &op.inputs {
            identities.push(self.identity(prepared, input.source)?);
        }
        let inputs: Vec<(&str, &str, &str)> = op
            .inputs
            .iter()
            .zip(&identities)
            .map(|(i, id)| (i.name.as_str(), i.port_type.as_str(), id.as_str()))
            .collect();
        Some(keys::content(prepared.keys[ix as usize].self_hash, &inputs))
    }

    /// What stands for an output's content: a table's content id; for a model the content key of the task that makes it, which is known before it runs; the artifact's own name where each result differs.
    fn identity(&self, prepared: &Prepared, (op, port): (u32, u16)) -> Option<String> {
        let resolved = self.ops.get(op as usize)?;
        let keyed = prepared.keys[op as usize].keyed;
        let port_type = match resolved.artifact(port) {
            Some(artifact) if artifact.port_type == "data" => return artifact.content_id.clone(),
            Some(artifact) if !keyed => return Some(artifact.id.0.clone()),
            Some(artifact) => artifact.port_type.as_str(),
            None => prepared.bound.ops[op as usize].kind.spec.outputs.get(port as usize)?.port_type.as_str(),
        };
        if !keyed || matches!(port_type, "data" | "any") {
            return None;
        }
        resolved.content_key.map(|key| keys::output_of(key, port).to_string())
    }
}

impl Resolved {
    fn artifact(&self, port: u16) -> Option<&ArtifactRow> {
        self.hit.as_ref()?.outputs.iter().find(|(p, _)| *p == port).map(|(_, a)| a)
    }
}
