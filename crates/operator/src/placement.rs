//! Which executor an operator runs on: the flag, else `executor:`, else `data_type`.

use crate::bind::BindOptions;
use crate::catalogue::Kind;
use crate::nearest::nearest;
use crate::places::Places;
use crate::quote::{Quoted, listed};
use crate::report::Report;
use suanzi_dag::{Fault, Operator};

/// The executor that is always there.
pub const LOCAL: &str = "local";
/// Takes only operators that name it: they are written against Spark's tables.
pub const SPARK: &str = "spark";

enum Choice {
    Executor(String),
    Unknown,
    /// `distributed`, and none is configured to be meant by it.
    NoDistributed,
}

/// Reads a word of the YAML or the command line. Traditional and simplified Chinese, any case.
fn choice(word: &str, options: &BindOptions) -> Choice {
    if options.executors.iter().any(|e| e == word) {
        return Choice::Executor(word.to_owned());
    }
    match word.trim().to_lowercase().as_str() {
        "local" | "本地" | "本地python" => Choice::Executor(LOCAL.to_owned()),
        "分布式" | "分佈式" | "distributed" => match &options.default_distributed {
            Some(name) if options.executors.contains(name) => Choice::Executor(name.clone()),
            _ => Choice::NoDistributed,
        },
        other => match options.executors.iter().find(|e| e.to_lowercase() == other) {
            Some(name) => Choice::Executor(name.clone()),
            None => Choice::Unknown,
        },
    }
}

/// The `--executor` flag, read once for the whole DAG.
pub(crate) fn flag(options: &BindOptions, report: &mut Report) -> Option<String> {
    let word = options.executor_flag.as_deref()?;
    match choice(word, options) {
        Choice::Executor(name) => Some(name),
        Choice::Unknown => {
            report.error(|| unknown("--executor", word, options));
            None
        }
        Choice::NoDistributed => {
            report.error(|| no_distributed("--executor", word, options));
            None
        }
    }
}

pub(crate) fn place(
    at: u32,
    operator: &Operator,
    kind: &Kind,
    options: &BindOptions,
    flag: Option<&str>,
    places: &dyn Places,
    report: &mut Report,
) -> String {
    let runs_on: Vec<String> = {
        let own = &kind.spec.executors;
        let python =
            options.python_executors.iter().filter(|name| own.iter().any(|e| e == LOCAL) && !own.contains(name));
        own.iter().chain(python).cloned().collect()
    };
    let supports = |name: &str| runs_on.iter().any(|e| e == name);
    if let Some(name) = flag
        && supports(name)
    {
        return name.to_owned();
    }
    let (field, word) = match (&operator.executor, &operator.data_type) {
        (Some(word), _) => ("executor", word.as_str()),
        (None, Some(word)) => ("data_type", word.as_str()),
        (None, None) => ("data_type", LOCAL),
    };
    let finish = |fault: Fault| {
        let place = places.place_of_field(at, field).or_else(|| places.place_of_operator(at));
        fault.at(place).operator(operator.id.to_string())
    };
    let own = match choice(word, options) {
        Choice::Executor(name) => name,
        Choice::Unknown => {
            report.fault(operator.disabled, || finish(unknown(field, word, options)));
            return LOCAL.to_owned();
        }
        Choice::NoDistributed => {
            report.fault(operator.disabled, || finish(no_distributed(field, word, options)));
            return LOCAL.to_owned();
        }
    };
    if !supports(&own) {
        report.fault(operator.disabled, || {
            let message = format!("{} ({}) can't run on {}", Quoted(&operator.id.0), kind.spec.algo_name, Quoted(&own));
            finish(Fault::new("executor_unsupported", message).hint(format!("it runs on: {}", listed(&runs_on))))
        });
    } else if let Some(wanted) = flag {
        report.warning(|| {
            let message = format!(
                "{} stays on {}: {} doesn't run on {}",
                Quoted(&operator.id.0),
                Quoted(&own),
                kind.spec.algo_name,
                Quoted(wanted)
            );
            finish(Fault::new("executor_kept", message))
        });
    }
    own
}

fn unknown(field: &str, word: &str, options: &BindOptions) -> Fault {
    let fault = Fault::new("executor_unknown", format!("{field}: there is no executor {}", Quoted(word)));
    let executors = listed(&options.executors);
    match nearest(word, options.executors.iter().map(String::as_str)) {
        Some(meant) => fault.hint(format!("did you mean {}? Configured executors: {executors}", Quoted(meant))),
        None => fault.hint(format!("configured executors: {executors}")),
    }
}

fn no_distributed(field: &str, word: &str, options: &BindOptions) -> Fault {
    Fault::new(
        "executor_unknown",
        format!("{field}: {} stands for the default distributed executor, and none is configured", Quoted(word)),
    )
    .hint(format!("set `default_distributed`, or name one of the configured executors: {}", listed(&options.executors)))
}
