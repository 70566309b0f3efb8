//! `suanzi operators [NAME]`: what can be put into a DAG.

use crate::args::{OperatorsArgs, OperatorsVerb};
use crate::fail::Failure;
use crate::session::Session;
use crate::show;
use std::process::ExitCode;
use suanzi_operator::Kind;
use suanzi_operator::manifest::Partition;
use suanzi_operator::schema::json_schema;
use suanzi_python_env::Interpreter;

pub fn run(args: OperatorsArgs) -> Result<ExitCode, Failure> {
    if let Some(OperatorsVerb::Check(args)) = args.verb {
        return super::operators_check::run(args);
    }
    let session = Session::reader()?;
    let catalogue = session.catalogue(&args.operator_dirs)?;
    if let Some(name) = &args.name {
        let Some(kind) = catalogue.get(name) else {
            let failure = Failure::invalid(format!("there is no operator '{name}'"));
            return Err(match catalogue.nearest(name) {
                Some(near) => failure.hint(format!("did you mean '{near}'?")),
                None => failure.hint("`suanzi operators` lists them"),
            });
        };
        if args.json {
            show::json(&entry(kind, &session.python, args.schema))?
        } else {
            print(kind, &session.python)
        }
        return Ok(ExitCode::SUCCESS);
    }
    if args.json {
        let all: Vec<_> = catalogue.iter().map(|kind| entry(kind, &session.python, args.schema)).collect();
        show::json(&all)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut kinds: Vec<_> = catalogue.iter().collect();
    kinds.sort_by(|a, b| (&a.spec.category, &a.spec.algo_name).cmp(&(&b.spec.category, &b.spec.algo_name)));
    let rows: Vec<_> = kinds
        .iter()
        .map(|k| {
            let types = |names: Vec<&str>| if names.is_empty() { "-".to_string() } else { names.join(", ") };
            let inputs = types(k.spec.inputs.iter().map(|i| i.port_type.as_str()).collect());
            let outputs = types(k.spec.outputs.iter().map(|o| o.port_type.as_str()).collect());
            vec![
                k.spec.category.clone(),
                k.spec.algo_name.clone(),
                k.spec.name_en.clone(),
                k.spec.name_zh.clone(),
                format!("{inputs} → {outputs}"),
            ]
        })
        .collect();
    show::table(&["category", "operator", "name", "名称", "ports"], &rows);
    Ok(ExitCode::SUCCESS)
}

fn entry(kind: &Kind, python: &Interpreter, schema: bool) -> serde_json::Value {
    let mut value = serde_json::to_value(&kind.spec).unwrap_or_default();
    value["package"] = kind.origin.package.clone().into();
    let install = install(kind, python);
    value["available"] = install.is_none().into();
    if let Some(command) = install {
        value["install"] = command.into();
    }
    if schema {
        value["schema"] = json_schema(kind);
    }
    value
}

/// The command that installs what the operator lacks, if it lacks anything.
pub fn install(kind: &Kind, python: &Interpreter) -> Option<String> {
    let commands: Vec<_> = python.missing(&kind.spec.requires).iter().map(|r| r.install.as_str()).collect();
    (!commands.is_empty()).then(|| commands.join(" && "))
}

/// How it works on a table that is too large for one go.
fn in_pieces(partition: &Partition) -> String {
    let input = &partition.input;
    let rows = partition.rows.map(|rows| format!(" of {rows} rows")).unwrap_or_default();
    match partition.how.as_str() {
        "combine" => format!("{input} is cut into pieces{rows}, whose results are combined"),
        _ => format!("{input} is cut into pieces{rows}, whose results are put below each other"),
    }
}

fn print(kind: &Kind, python: &Interpreter) {
    let spec = &kind.spec;
    say!("{}  {} / {}  ({})", spec.algo_name, spec.name_en, spec.name_zh, spec.category);
    if !spec.doc_en.is_empty() {
        say!("\n{}", spec.doc_en.trim());
    }
    if let Some(command) = install(kind, python) {
        say!("\nnot installed: {command}");
    }
    if !spec.requirements.is_empty() {
        say!("\nin an environment with: {}", spec.requirements.join(", "));
    }
    for (title, ports) in [
        (
            "inputs",
            spec.inputs.iter().map(|p| (p.name.clone(), p.port_type.clone(), p.doc_en.clone())).collect::<Vec<_>>(),
        ),
        ("outputs", spec.outputs.iter().map(|p| (p.name.clone(), p.port_type.clone(), p.doc_en.clone())).collect()),
    ] {
        say!("\n{title}");
        for (ix, (name, port_type, doc)) in ports.iter().enumerate() {
            say!("  {ix}  {name}: {port_type}  {doc}");
        }
        if ports.is_empty() {
            say!("  none");
        }
    }
    if let Some(partition) = &spec.partition {
        say!("\nlarge tables\n  {}", in_pieces(partition));
    }
    say!("\nparameters");
    for p in &spec.params {
        let default = if p.required { "required".to_string() } else { format!("default {}", p.default) };
        say!("  {}: {} ({default})  {}", p.name, p.kind, p.help_en);
    }
}
