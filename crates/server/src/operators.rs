//! `/api/v1/operators`: what can be put into a DAG.

use crate::problem::{Answer, of_refusal};
use crate::runs::blocking;
use crate::service::Service;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;
use suanzi_api::{InputPort, Items, OperatorKind, OutputPort, ParamKind};
use suanzi_operator::Kind;
use suanzi_operator::manifest::{InputSpec, OutputSpec, ParamSpec};
use suanzi_operator::schema::json_schema;

pub(crate) async fn operators(State(service): State<Arc<Service>>) -> Result<Json<Items<OperatorKind>>, Answer> {
    let items = blocking(move || {
        let catalogue = service.host.catalogue().map_err(of_refusal)?;
        Ok(catalogue.iter().map(|kind| view(kind, service.host.install(kind))).collect())
    });
    Ok(Json(Items { items: items.await? }))
}

fn view(kind: &Kind, install: Option<String>) -> OperatorKind {
    let spec = &kind.spec;
    OperatorKind {
        algo_name: spec.algo_name.clone(),
        name_en: spec.name_en.clone(),
        name_zh: spec.name_zh.clone(),
        category: spec.category.clone(),
        doc_en: spec.doc_en.clone(),
        doc_zh: spec.doc_zh.clone(),
        package: kind.origin.package.clone(),
        inputs: spec.inputs.iter().map(input).collect(),
        outputs: spec.outputs.iter().map(output).collect(),
        params: spec.params.iter().map(param).collect(),
        schema: json_schema(kind),
        deterministic: spec.deterministic,
        random: spec.random,
        side_effects: spec.side_effects,
        unknown_params: spec.unknown_params.clone(),
        executors: spec.executors.clone(),
        available: install.is_none(),
        install,
    }
}

fn input(port: &InputSpec) -> InputPort {
    InputPort {
        name: port.name.clone(),
        port_type: port.port_type.clone(),
        required: port.required,
        variadic: port.variadic,
        model_stands_for_table: port.model_stands_for_table,
        doc_en: port.doc_en.clone(),
        doc_zh: port.doc_zh.clone(),
    }
}

fn output(port: &OutputSpec) -> OutputPort {
    OutputPort {
        name: port.name.clone(),
        port_type: port.port_type.clone(),
        doc_en: port.doc_en.clone(),
        doc_zh: port.doc_zh.clone(),
    }
}

fn param(param: &ParamSpec) -> ParamKind {
    ParamKind {
        name: param.name.clone(),
        kind: param.kind.clone(),
        required: param.required,
        nullable: param.nullable,
        default: param.default.clone(),
        minimum: param.minimum,
        maximum: param.maximum,
        exclusive_minimum: param.exclusive_minimum,
        exclusive_maximum: param.exclusive_maximum,
        choices: param.choices.clone(),
        min_items: param.min_items,
        items: param.items.clone(),
        advanced: param.advanced,
        legacy: param.legacy,
        label_en: param.label_en.clone(),
        label_zh: param.label_zh.clone(),
        help_en: param.help_en.clone(),
        help_zh: param.help_zh.clone(),
    }
}
