//! A DAG as the canvas draws it.

use super::values::{map_of, of_json, to_json};
use suanzi_api as api;
use suanzi_dag::{Coordinate, Dag, EdgeEnds, Operator, OperatorId, Resources, Sketch, TriggerRule, Value};

/// Edges that lead nowhere are shown too: their ends are what is written.
pub(super) fn of_sketch(sketch: &Sketch) -> api::DagModel {
    let dag = &sketch.dag;
    api::DagModel {
        name: dag.name.clone(),
        description: dag.description.clone(),
        schedule: dag.schedule.as_ref().map(to_json),
        parameters: (!dag.parameters.is_empty()).then(|| map_of(&dag.parameters)),
        concurrency: dag.concurrency,
        on_failure: dag.on_failure.as_ref().map(to_json),
        on_success: dag.on_success.as_ref().map(to_json),
        notes: dag.notes.as_ref().map(to_json),
        viewport: dag
            .viewport
            .as_ref()
            .map(|v| api::Viewport { translate: v.translate.map(|(x, y)| [x, y]), scale: v.scale }),
        operators: dag.operators.iter().map(of_operator).collect(),
        edges: edges(dag).chain(sketch.loose.iter().map(|edge| of_ends(&edge.ends))).collect(),
    }
}

fn edges(dag: &Dag) -> impl Iterator<Item = api::EdgeModel> {
    let id = |op: u32| dag.operators.get(op as usize).map(|op| op.id.to_string()).unwrap_or_default();
    dag.edges.iter().map(move |edge| api::EdgeModel {
        source: id(edge.source),
        source_index: edge.source_index,
        target: id(edge.target),
        target_index: edge.target_index,
    })
}

pub(super) fn of_ends(ends: &EdgeEnds) -> api::EdgeModel {
    api::EdgeModel {
        source: ends.source.clone(),
        source_index: ends.source_index,
        target: ends.target.clone(),
        target_index: ends.target_index,
    }
}

pub(super) fn to_ends(edge: &api::EdgeModel) -> EdgeEnds {
    EdgeEnds {
        source: edge.source.clone(),
        source_index: edge.source_index,
        target: edge.target.clone(),
        target_index: edge.target_index,
    }
}

pub(super) fn of_operator(operator: &Operator) -> api::OperatorModel {
    let resources = &operator.resources;
    let some = resources.cpu.is_some() || resources.memory_bytes.is_some() || resources.gpu.is_some();
    api::OperatorModel {
        id: operator.id.to_string(),
        algo_name: operator.algo_name.clone(),
        data_type: operator.data_type.clone(),
        kind_label: operator.kind_label.clone(),
        cn_name: operator.cn_name.clone(),
        coordinate: operator.coordinate.map(|at| api::Coordinate { x: at.x, y: at.y }),
        params: map_of(&operator.params),
        executor: operator.executor.clone(),
        retries: operator.retries,
        retry_delay_ms: operator.retry_delay_ms,
        timeout_ms: operator.timeout_ms,
        resources: some.then_some(api::Resources {
            cpu: resources.cpu,
            memory_bytes: resources.memory_bytes,
            gpu: resources.gpu,
        }),
        cache: operator.cache,
        priority: operator.priority,
        trigger_rule: operator.trigger_rule.map(|rule| rule.name().to_string()),
        pool: operator.pool.clone(),
        env: operator.env.as_ref().map(to_json),
        disabled: operator.disabled,
    }
}

/// The error says what isn't understood.
pub(super) fn to_operator(model: &api::OperatorModel) -> Result<Operator, String> {
    let rule = |word: &String| {
        let known = TriggerRule::ALL.into_iter().find(|rule| rule.name() == word);
        let all = || TriggerRule::ALL.map(TriggerRule::name).join(", ");
        known.ok_or_else(|| format!("trigger_rule: '{word}' is none of {}", all()))
    };
    let resources = model.resources.clone().unwrap_or_default();
    Ok(Operator {
        id: OperatorId(model.id.as_str().into()),
        algo_name: model.algo_name.clone(),
        data_type: model.data_type.clone(),
        kind_label: model.kind_label.clone(),
        cn_name: model.cn_name.clone(),
        coordinate: model.coordinate.map(|at| Coordinate { x: at.x, y: at.y }),
        params: super::values::entries_of(&model.params),
        executor: model.executor.clone(),
        retries: model.retries,
        retry_delay_ms: model.retry_delay_ms,
        timeout_ms: model.timeout_ms,
        resources: Resources {
            cpu: resources.cpu,
            memory_bytes: resources.memory_bytes,
            gpu: resources.gpu,
            extra: Vec::new(),
        },
        cache: model.cache,
        priority: model.priority,
        trigger_rule: model.trigger_rule.as_ref().map(rule).transpose()?,
        pool: model.pool.clone(),
        env: model.env.as_ref().map(of_json).filter(|value| *value != Value::Null),
        disabled: model.disabled,
        extra: Vec::new(),
    })
}
