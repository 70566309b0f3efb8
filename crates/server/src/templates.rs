//! `/api/v1/templates`: DAGs to begin with, and the sample datasets they read.

use crate::asked::At;
use crate::dags::with_version;
use crate::data::make_sample;
use crate::problem::{Answer, of_faults, of_refusal};
use crate::router::{Route, Takes, get, post};
use crate::runs::blocking;
use crate::service::Service;
use crate::web::Grant;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use std::sync::Arc;
use suanzi_api::{self as api, Code, DagCreated, Items, Problem, TemplateView, Words, path};
use suanzi_dag::{Document, Limits};
use suanzi_dag_engine::RunOptions;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(path::TEMPLATES, list).does("DAGs to begin with").gives::<Items<TemplateView>>(200),
        post(path::TEMPLATE, Takes::Nothing, take)
            .does("Make a DAG of a template, and its sample dataset where it isn't there")
            .gives::<DagCreated>(201),
    ]
}

struct Template {
    id: &'static str,
    title: (&'static str, &'static str),
    description: (&'static str, &'static str),
    source: &'static str,
    sample: Option<Sample>,
}

/// A made-up dataset.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub dataset: &'static str,
    /// As `suanzi/tables/samples.py` calls it.
    pub kind: &'static str,
    pub title: &'static str,
}

const TEMPLATES: &[Template] = &[
    Template {
        id: "credit",
        title: ("Credit scoring", "信用评分"),
        description: (
            "Who will fail to pay next month? Logistic regression and boosted trees, judged on the same held-out rows.",
            "谁会在下个月违约？逻辑回归与梯度提升树，在同一份留出数据上比较。",
        ),
        source: include_str!("../../../examples/templates/credit.yaml"),
        sample: Some(Sample { dataset: "sample-credit", kind: "credit", title: "Sample: credit 示例：信用" }),
    },
    Template {
        id: "regression",
        title: ("Regression", "回归"),
        description: (
            "A number from ten measurements, by a line and by a forest.",
            "用线性模型和随机森林由十项指标预测一个数值。",
        ),
        source: include_str!("../../../examples/templates/regression.yaml"),
        sample: None,
    },
    Template {
        id: "clustering",
        title: ("Clustering", "聚类"),
        description: (
            "Groups rows without a label, and says how well the groups part.",
            "在没有标签的情况下分组，并评估分组效果。",
        ),
        source: include_str!("../../../examples/templates/clustering.yaml"),
        sample: None,
    },
    Template {
        id: "text",
        title: ("Text classification", "文本分类"),
        description: (
            "Is a review positive? Words become columns with weights.",
            "评论是正面的吗？把词语变成带权重的列。",
        ),
        source: include_str!("../../../examples/templates/text.yaml"),
        sample: Some(Sample { dataset: "sample-reviews", kind: "reviews", title: "Sample: reviews 示例：评论" }),
    },
    Template {
        id: "own-function",
        title: ("Your own function", "自己的函数"),
        description: (
            "Your own Python between operators that come with Suanzi.",
            "在自带算子之间运行你自己的 Python 代码。",
        ),
        source: include_str!("../../../examples/templates/own-function.yaml"),
        sample: None,
    },
];

async fn list() -> Result<Json<Items<TemplateView>>, Answer> {
    let items: Result<Vec<TemplateView>, Problem> = TEMPLATES.iter().map(view).collect();
    Ok(Json(Items { items: items.map_err(Answer)? }))
}

async fn take(
    State(service): State<Arc<Service>>,
    At(template_id): At<String>,
    grant: Grant,
) -> Result<(StatusCode, Json<DagCreated>), Answer> {
    let template = TEMPLATES.iter().find(|template| template.id == template_id);
    let template = template
        .ok_or_else(|| Answer(Problem::new(Code::NotFound, format!("there is no template '{template_id}'"))))?;
    if let Some(sample) = template.sample {
        make_sample(&service, sample).await?;
    }
    let made = blocking(move || make(&service, template, &grant)).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

fn make(service: &Service, template: &Template, grant: &Grant) -> Result<DagCreated, Problem> {
    let document = Arc::new(read(template)?);
    let prepared = service.host.prepare(document, &RunOptions::default(), grant.files()).map_err(of_refusal)?;
    with_version(service, &prepared.document, &prepared.bound, Some(template.title.0.into()))
}

fn read(template: &Template) -> Result<Document, Problem> {
    suanzi_dag::read(template.source, &Limits::api()).map_err(|faults| of_faults(&faults))
}

fn view(template: &Template) -> Result<TemplateView, Problem> {
    let words = |(en, zh): (&str, &str)| Words { en: en.into(), zh: zh.into() };
    Ok(api::TemplateView {
        id: template.id.into(),
        title: words(template.title),
        description: words(template.description),
        operators: read(template)?.dag.operators.len() as u64,
        needs_dataset: template.sample.map(|sample| sample.dataset.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_read_their_samples_and_place_every_operator() {
        for template in TEMPLATES {
            let document = read(template).unwrap_or_else(|p| panic!("{}: {:?}", template.id, p.faults));
            assert!(document.warnings.0.is_empty(), "{}", template.id);
            assert!(document.dag.operators.iter().all(|op| op.coordinate.is_some()), "{}", template.id);
            let named = template.sample.is_some_and(|sample| template.source.contains(sample.dataset));
            assert_eq!(named, template.source.contains("data_id"), "{}", template.id);
        }
    }
}
