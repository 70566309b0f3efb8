//! Why an operator will run: what differs from the newest run of the same DAG.

use super::{Resolution, Verdict};
use crate::options::RunOptions;
use crate::prepare::Prepared;
use std::collections::HashMap;
use suanzi_dag::{Dag, Limits, Operator};
use suanzi_store::{RunFilter, Store, StoreError};

/// The newest run of the same DAG, as far as it can be read again.
struct Before {
    run_id: String,
    options: RunOptions,
    dag: Dag,
    by_id: HashMap<String, usize>,
}

impl Before {
    fn find(prepared: &Prepared, store: &dyn Store) -> Result<Option<Before>, StoreError> {
        let filter = RunFilter { dag_identity: Some(prepared.identity.clone()), limit: 1, ..RunFilter::default() };
        let Some(run) = store.runs(&filter)?.into_iter().next() else { return Ok(None) };
        let Some(version) = store.dag_version(run.dag_version)? else { return Ok(None) };
        let Ok(document) = suanzi_dag::read(&version.source, &Limits::file()) else { return Ok(None) };
        let options = serde_json::from_str(&run.config).unwrap_or_default();
        let dag = document.dag.clone();
        let by_id = dag.operators.iter().enumerate().map(|(ix, op)| (op.id.to_string(), ix)).collect();
        Ok(Some(Before { run_id: run.run_id, options, dag, by_id }))
    }

    fn operator(&self, id: &str) -> Option<&Operator> {
        self.by_id.get(id).and_then(|ix| self.dag.operators.get(*ix))
    }
}

pub(super) fn reasons(
    prepared: &Prepared,
    resolution: &Resolution,
    store: &dyn Store,
) -> Result<Vec<(Verdict, String)>, StoreError> {
    let before = Before::find(prepared, store)?;
    let mut out: Vec<(Verdict, String)> = vec![(Verdict::NotSelected, String::new()); prepared.keys.len()];
    for &ix in &prepared.order {
        out[ix as usize] = reason(prepared, resolution, before.as_ref(), ix, &out);
    }
    Ok(out)
}

fn reason(
    prepared: &Prepared,
    resolution: &Resolution,
    before: Option<&Before>,
    ix: u32,
    done: &[(Verdict, String)],
) -> (Verdict, String) {
    let op = &prepared.bound.ops[ix as usize];
    let keys = &prepared.keys[ix as usize];
    let resolved = &resolution.ops[ix as usize];
    let id = prepared.document.dag.operators[ix as usize].id.to_string();
    if op.disabled {
        return (Verdict::Disabled, "it is disabled".into());
    }
    if !prepared.selected.ops[ix as usize] {
        let why = match &resolved.hit {
            Some(hit) => format!("not selected; its result of run {} is there", hit.run_id),
            None => "not selected".into(),
        };
        return (Verdict::NotSelected, why);
    }
    if let Some(hit) = &resolved.hit {
        return (Verdict::Cached, format!("same code, parameters and inputs as in run {}", hit.run_id));
    }
    if !keys.keyed {
        let why = if op.kind.spec.side_effects {
            "it acts outside the store: it runs every time"
        } else if op.kind.spec.deterministic {
            "`cache: false`"
        } else {
            "its kind gives another result each time"
        };
        return (Verdict::WillRun, why.into());
    }
    if !keys.reads {
        return (Verdict::WillRun, "asked for: cached results are passed over".into());
    }
    let upstream: Vec<&str> = op
        .predecessors
        .iter()
        .filter(|p| matches!(done[**p as usize].0, Verdict::WillRun | Verdict::WillRunUnlessUpstreamUnchanged))
        .map(|p| &*prepared.document.dag.operators[*p as usize].id.0)
        .collect();
    let own = own_change(prepared, before, ix, &id);
    // With a content key all inputs are known, and nothing was found for them.
    let may_cut_off = resolved.may_cut_off && resolved.content_key.is_none() && !upstream.is_empty();
    match (own, upstream.first()) {
        (None, Some(first)) if may_cut_off => (
            Verdict::WillRunUnlessUpstreamUnchanged,
            format!("upstream {first} runs; cached if its output turns out the same"),
        ),
        (None, Some(first)) => (Verdict::WillRun, format!("upstream {first} runs")),
        (Some(why), _) => {
            // The same parameters may have been used earlier still, on the input that upstream is about to make.
            let verdict = if may_cut_off { Verdict::WillRunUnlessUpstreamUnchanged } else { Verdict::WillRun };
            (verdict, why)
        }
        (None, None) => {
            let why = match before {
                Some(before) if before.operator(&id).is_some() => {
                    "no kept result: it did not succeed, was never run on this input, or was collected"
                }
                _ => "it never ran",
            };
            (Verdict::WillRun, why.into())
        }
    }
}

/// What of the operator itself differs from the newest run.
fn own_change(prepared: &Prepared, before: Option<&Before>, ix: u32, id: &str) -> Option<String> {
    let before = before?;
    let now = &prepared.document.dag.operators[ix as usize];
    let Some(old) = before.operator(id) else { return Some("it is new since the last run".into()) };
    let op = &prepared.bound.ops[ix as usize];
    let basis = &prepared.options.basis;
    let old_basis = &before.options.basis;
    let mut changes = Vec::new();
    if now.algo_name != old.algo_name {
        changes.push(format!("algorithm {} → {}", old.algo_name, now.algo_name));
    }
    for (name, value) in &now.params {
        match old.params.iter().find(|(n, _)| n == name) {
            Some((_, earlier)) if earlier == value => {}
            Some((_, earlier)) => changes.push(format!("{name} {} → {}", short(earlier), short(value))),
            None => changes.push(format!("{name} is new ({})", short(value))),
        }
    }
    for (name, _) in &old.params {
        if !now.params.iter().any(|(n, _)| n == name) {
            changes.push(format!("{name} is gone"));
        }
    }
    let package = &op.kind.origin.package;
    if old_basis.code.get(package).is_some_and(|h| *h != op.kind.origin.code_hash) {
        changes.push(format!("source code of {package} changed"));
    }
    if !old_basis.environment.is_empty() && old_basis.environment != basis.environment {
        changes.push("the Python environment changed".into());
    }
    for file in &op.files {
        let name = match &file.what {
            suanzi_operator::bind::FileWhat::Dataset(id) => id,
            suanzi_operator::bind::FileWhat::Path(path) => path,
        };
        if old_basis.files.get(name) != basis.files.get(name) {
            changes.push(format!("the content of {} {name} changed", file.param));
        }
    }
    if op.kind.spec.random && before.options.seed != prepared.options.seed {
        changes.push(format!("seed {} → {}", before.options.seed, prepared.options.seed));
    }
    (!changes.is_empty()).then(|| format!("{} (since run {})", changes.join(", "), before.run_id))
}

const SHORT_CHARS: usize = 40;

fn short(value: &suanzi_dag::Value) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    if text.chars().count() <= SHORT_CHARS { text } else { text.chars().take(SHORT_CHARS - 1).chain(['…']).collect() }
}
