//! Why an operator will run: what differs from the newest run of the same DAG.

use super::{Resolution, Verdict};
use crate::options::RunOptions;
use crate::prepare::Prepared;
use crate::words::Words;
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
) -> Result<Vec<(Verdict, Words)>, StoreError> {
    let before = Before::find(prepared, store)?;
    let mut out: Vec<(Verdict, Words)> = vec![(Verdict::NotSelected, Words::default()); prepared.keys.len()];
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
    done: &[(Verdict, Words)],
) -> (Verdict, Words) {
    let op = &prepared.bound.ops[ix as usize];
    let keys = &prepared.keys[ix as usize];
    let resolved = &resolution.ops[ix as usize];
    let id = prepared.document.dag.operators[ix as usize].id.to_string();
    if op.disabled {
        return (Verdict::Disabled, Words::new("it is disabled", "已禁用"));
    }
    if !prepared.selected.ops[ix as usize] {
        let why = match &resolved.hit {
            Some(hit) => Words::new(
                format!("not selected; its result of run {} is there", hit.run_id),
                format!("未选中；运行 {} 的结果仍在", hit.run_id),
            ),
            None => Words::new("not selected", "未选中"),
        };
        return (Verdict::NotSelected, why);
    }
    if let Some(hit) = &resolved.hit {
        let why = Words::new(
            format!("same code, parameters and inputs as in run {}", hit.run_id),
            format!("代码、参数和输入与运行 {} 相同", hit.run_id),
        );
        return (Verdict::Cached, why);
    }
    if !keys.keyed {
        let why = if op.kind.spec.side_effects {
            Words::new("it acts outside the store: it runs every time", "它作用于平台之外：每次都运行")
        } else if op.kind.spec.deterministic {
            Words::new("`cache: false`", "设置了 `cache: false`")
        } else {
            Words::new("its kind gives another result each time", "这类算子每次结果不同")
        };
        return (Verdict::WillRun, why);
    }
    if !keys.reads {
        return (Verdict::WillRun, Words::new("asked for: cached results are passed over", "按要求不使用缓存"));
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
            Words::new(
                format!("upstream {first} runs; cached if its output turns out the same"),
                format!("上游 {first} 会运行；若其输出不变则取自缓存"),
            ),
        ),
        (None, Some(first)) => {
            (Verdict::WillRun, Words::new(format!("upstream {first} runs"), format!("上游 {first} 会运行")))
        }
        (Some(why), _) => {
            // The same parameters may have been used earlier still, on the input that upstream is about to make.
            let verdict = if may_cut_off { Verdict::WillRunUnlessUpstreamUnchanged } else { Verdict::WillRun };
            (verdict, why)
        }
        (None, None) => {
            let why = match before {
                Some(before) if before.operator(&id).is_some() => Words::new(
                    "no kept result: it did not succeed, was never run on this input, or was collected",
                    "没有保留的结果：上次未成功、从未在此输入上运行，或已被清理",
                ),
                _ => Words::new("it never ran", "从未运行过"),
            };
            (Verdict::WillRun, why)
        }
    }
}

/// What of the operator itself differs from the newest run.
fn own_change(prepared: &Prepared, before: Option<&Before>, ix: u32, id: &str) -> Option<Words> {
    let before = before?;
    let now = &prepared.document.dag.operators[ix as usize];
    let Some(old) = before.operator(id) else {
        return Some(Words::new("it is new since the last run", "上次运行后新增"));
    };
    let op = &prepared.bound.ops[ix as usize];
    let basis = &prepared.options.basis;
    let old_basis = &before.options.basis;
    let mut changes = Vec::new();
    if now.algo_name != old.algo_name {
        let turn = format!("{} → {}", old.algo_name, now.algo_name);
        changes.push(Words::new(format!("algorithm {turn}"), format!("算法 {turn}")));
    }
    for (name, value) in &now.params {
        match old.params.iter().find(|(n, _)| n == name) {
            Some((_, earlier)) if earlier == value => {}
            Some((_, earlier)) => {
                let turn = format!("{name} {} → {}", short(earlier), short(value));
                changes.push(Words::new(turn.clone(), turn));
            }
            None => {
                let value = short(value);
                changes.push(Words::new(format!("{name} is new ({value})"), format!("新增 {name}（{value}）")));
            }
        }
    }
    for (name, _) in &old.params {
        if !now.params.iter().any(|(n, _)| n == name) {
            changes.push(Words::new(format!("{name} is gone"), format!("去掉了 {name}")));
        }
    }
    if now.env != old.env {
        changes.push(Words::new("its Python requirements changed", "它的 Python 依赖已改变"));
    }
    let package = &op.kind.origin.package;
    if old_basis.code.get(package).is_some_and(|h| *h != op.kind.origin.code_hash) {
        changes.push(Words::new(format!("source code of {package} changed"), format!("{package} 的源代码已改变")));
    }
    if !old_basis.environment.is_empty() && old_basis.environment != basis.environment {
        changes.push(Words::new("the Python environment changed", "Python 环境已改变"));
    }
    for file in &op.files {
        let name = match &file.what {
            suanzi_operator::bind::FileWhat::Dataset(id) => id,
            suanzi_operator::bind::FileWhat::Path(path) => path,
        };
        if old_basis.files.get(name) != basis.files.get(name) {
            changes.push(Words::new(
                format!("the content of {} {name} changed", file.param),
                format!("{} {name} 的内容已改变", file.param),
            ));
        }
    }
    if op.kind.spec.random && before.options.seed != prepared.options.seed {
        let turn = format!("{} → {}", before.options.seed, prepared.options.seed);
        changes.push(Words::new(format!("seed {turn}"), format!("随机种子 {turn}")));
    }
    (!changes.is_empty()).then(|| {
        let Words { en, zh } = Words::list(&changes);
        Words::new(format!("{en} (since run {})", before.run_id), format!("{zh}（自运行 {} 起）", before.run_id))
    })
}

const SHORT_CHARS: usize = 40;

fn short(value: &suanzi_dag::Value) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    if text.chars().count() <= SHORT_CHARS { text } else { text.chars().take(SHORT_CHARS - 1).chain(['…']).collect() }
}
