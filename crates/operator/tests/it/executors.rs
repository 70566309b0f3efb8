//! Which executor: flag, `executor:`, `data_type`.

use crate::builders::{catalogue, check_faults, dag};
use suanzi_dag::Value;
use suanzi_operator::{BindOptions, bind};

fn options(flag: Option<&str>, distributed: Option<&str>) -> BindOptions {
    BindOptions {
        executor_flag: flag.map(Into::into),
        executors: ["local", "ray", "spark", "http"].map(Into::into).into(),
        default_distributed: distributed.map(Into::into),
        ..BindOptions::default()
    }
}

/// `http` takes whatever runs on `local`.
fn with_python(flag: Option<&str>) -> BindOptions {
    BindOptions { python_executors: vec!["local".into(), "http".into()], ..options(flag, None) }
}

/// `source` runs on local, ray and spark; `noop` on local and ray; `report` on spark.
fn check(
    algo: &str,
    executor: Option<&str>,
    data_type: Option<&str>,
    options: &BindOptions,
    expected: Result<&str, &str>,
) {
    let mut dag = dag(&format!("x:{algo}"));
    dag.operators[0].executor = executor.map(Into::into);
    dag.operators[0].data_type = data_type.map(Into::into);
    match expected {
        Ok(name) => {
            let bound = bind(&dag, &(), &catalogue(), options)
                .unwrap_or_else(|faults| panic!("{executor:?} {data_type:?}: {faults}"));
            assert_eq!(bound.ops[0].executor, name, "{executor:?} {data_type:?} {options:?}");
        }
        Err(said) => check_faults(&dag, options, &[said]),
    }
}

#[test]
fn words_for_executors() {
    let plain = options(None, None);
    let distributed = options(None, Some("spark"));
    for word in ["本地python", "本地Python", "本地", "local", "Local", "LOCAL"] {
        check("source", None, Some(word), &plain, Ok("local"));
    }
    for word in ["ray", "Ray"] {
        check("source", None, Some(word), &plain, Ok("ray"));
    }
    for word in ["分布式", "分佈式", "distributed", "Distributed"] {
        check("source", None, Some(word), &distributed, Ok("spark"));
    }
    check("source", None, None, &plain, Ok("local"));
    check("source", Some("spark"), Some("本地python"), &plain, Ok("spark"));
    check("source", Some("distributed"), None, &distributed, Ok("spark"));
}

#[test]
fn words_that_mean_nothing_here() {
    let plain = options(None, None);
    check(
        "source",
        None,
        Some("分布式"),
        &plain,
        Err(
            "1:10: error[executor_unknown]: data_type: '分布式' stands for the default distributed executor, and none is configured | set `default_distributed`, or name one of the configured executors: local, ray, spark, http",
        ),
    );
    check(
        "source",
        Some("sprak"),
        None,
        &plain,
        Err(
            "1:10: error[executor_unknown]: executor: there is no executor 'sprak' | did you mean 'spark'? Configured executors: local, ray, spark, http",
        ),
    );
    check(
        "source",
        None,
        Some("云端"),
        &plain,
        Err(
            "1:10: error[executor_unknown]: data_type: there is no executor '云端' | configured executors: local, ray, spark, http",
        ),
    );
    check(
        "source",
        None,
        Some("ray"),
        &BindOptions::default(),
        Err("1:10: error[executor_unknown]: data_type: there is no executor 'ray' | configured executors: local"),
    );
    check(
        "noop",
        Some("spark"),
        None,
        &plain,
        Err("1:10: error[executor_unsupported]: 'x' (noop) can't run on 'spark' | it runs on: local, ray"),
    );
    check(
        "report",
        None,
        None,
        &plain,
        Err("1:10: error[executor_unsupported]: 'x' (report) can't run on 'local' | it runs on: spark"),
    );
}

#[test]
fn the_flag_moves_what_it_can() {
    check("source", Some("ray"), Some("本地python"), &options(Some("spark"), None), Ok("spark"));
    check("noop", Some("ray"), None, &options(Some("spark"), None), Ok("ray"));
    check(
        "noop",
        None,
        None,
        &options(Some("spark"), None),
        Err("1:10: warning[executor_kept]: 'x' stays on 'local': noop doesn't run on 'spark'"),
    );
    check("source", None, Some("分布式"), &options(Some("local"), None), Ok("local"));
    check("source", None, None, &options(Some("分布式"), Some("ray")), Ok("ray"));
    check(
        "source",
        None,
        None,
        &options(Some("rya"), None),
        Err(
            "error[executor_unknown]: --executor: there is no executor 'rya' | did you mean 'ray'? Configured executors: local, ray, spark, http",
        ),
    );
}

#[test]
fn an_executor_for_python_takes_what_runs_on_local() {
    check("source", None, None, &with_python(Some("http")), Ok("http"));
    check("noop", Some("http"), None, &with_python(None), Ok("http"));
    // Without being said to take Python it gets only what names it.
    check("noop", None, None, &options(Some("http"), None), Ok("local"));
    // `report` runs on spark alone.
    check("report", Some("spark"), None, &with_python(Some("http")), Ok("spark"));
}

/// What asks for Python packages stays where environments are made, and is refused where none are.
#[test]
fn requirements_stay_where_environments_are_made() {
    let with_env = |executor: Option<&str>| {
        let mut dag = dag("x:noop");
        dag.operators[0].executor = executor.map(Into::into);
        dag.operators[0].env = Some(Value::List(vec![Value::Str("tiny==1".into())]));
        dag
    };
    let bound = bind(&with_env(None), &(), &catalogue(), &options(Some("ray"), None)).expect("the flag passes it over");
    assert_eq!(bound.ops[0].executor, "local");
    assert_eq!(bound.ops[0].requirements[0].to_string(), "tiny==1");
    let said = "1:10: error[environment_unsupported]: 'x' has Python requirements, and 'ray' makes no environments | \
                let it run on `local`, or install the packages on the platform and leave the requirements out";
    check_faults(&with_env(Some("ray")), &options(None, None), &[said]);
}
