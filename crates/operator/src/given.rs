//! The DAG's parameters: what `${name}` stands for in the parameters of its operators.

use crate::canonical::from_json;
use crate::nearest::nearest;
use crate::quote::{Quoted, listed};
use crate::report::Report;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeMap;
use suanzi_dag::{Dag, Fault, Value};

/// Values by name: those of `parameters:`, or what the run was given in their place.
pub(crate) struct Given<'a> {
    values: Vec<(&'a str, Cow<'a, Value>)>,
}

/// A `${…}` that stands for nothing.
#[derive(Debug, PartialEq)]
pub(crate) struct Unfillable {
    pub message: String,
    pub hint: String,
}

impl<'a> Given<'a> {
    /// Reports `parameter_unknown` for a value that was given to no parameter.
    pub fn new(dag: &'a Dag, given: &BTreeMap<String, Json>, report: &mut Report) -> Given<'a> {
        for name in given.keys().filter(|name| !dag.parameters.iter().any(|(known, _)| known == *name)) {
            report.error(|| {
                let known = || dag.parameters.iter().map(|(name, _)| name.as_str());
                let hint = match nearest(name, known()) {
                    Some(meant) => format!("did you mean {}?", Quoted(meant)),
                    None if dag.parameters.is_empty() => {
                        "declare it with its default: `parameters: {NAME: VALUE}` below `dag:`".to_owned()
                    }
                    None => format!("it has: {}", listed(known())),
                };
                Fault::new("parameter_unknown", format!("the DAG has no parameter {}", Quoted(name))).hint(hint)
            });
        }
        let value = |(name, default): &'a (String, Value)| match given.get(name) {
            Some(json) => (name.as_str(), Cow::Owned(from_json(json))),
            None => (name.as_str(), Cow::Borrowed(default)),
        };
        Given { values: dag.parameters.iter().map(value).collect() }
    }

    /// `value` with every `${name}` filled in: a text that is nothing else becomes the parameter's value, of whatever type; within a text its text is put. `$${` is a `${` that stays.
    /// In a DAG without parameters nothing is filled in, so that code with `${` of its own needs no care.
    pub fn fill<'v>(&self, value: &'v Value) -> Result<Cow<'v, Value>, Unfillable> {
        if self.values.is_empty() || !mentions(value) {
            return Ok(Cow::Borrowed(value));
        }
        Ok(Cow::Owned(match value {
            Value::Str(text) => self.fill_text(text)?,
            Value::List(items) => {
                Value::List(items.iter().map(|item| Ok(self.fill(item)?.into_owned())).collect::<Result<_, _>>()?)
            }
            Value::Map(entries) => {
                let filled = entries.iter().map(|(key, item)| Ok((key.clone(), self.fill(item)?.into_owned())));
                Value::Map(filled.collect::<Result<_, _>>()?)
            }
            other => other.clone(),
        }))
    }

    fn fill_text(&self, text: &str) -> Result<Value, Unfillable> {
        if let Some(name) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'))
            && !name.contains('}')
        {
            return Ok(self.value(name)?.clone());
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            if let Some(kept) = before.strip_suffix('$') {
                out.push_str(kept);
                out.push_str("${");
                rest = &from[2..];
                continue;
            }
            let Some((name, behind)) = from[2..].split_once('}') else {
                return Err(Unfillable {
                    message: "a `${` has no `}`".to_owned(),
                    hint: "write `$${` where it is meant as it stands".to_owned(),
                });
            };
            out.push_str(before);
            match self.value(name)? {
                Value::Str(text) => out.push_str(text),
                Value::List(_) | Value::Map(_) => {
                    return Err(Unfillable {
                        message: format!(
                            "the parameter {} is a list or map and can't stand within a text",
                            Quoted(name)
                        ),
                        hint: "let the text be nothing but `${…}`, or give a text or number".to_owned(),
                    });
                }
                Value::Null => {}
                scalar => out.push_str(&crate::canonical::canonical(scalar).to_string()),
            }
            rest = behind;
        }
        out.push_str(rest);
        Ok(Value::Str(out))
    }

    fn value(&self, name: &str) -> Result<&Value, Unfillable> {
        if let Some((_, value)) = self.values.iter().find(|(known, _)| *known == name) {
            return Ok(value);
        }
        let known = || self.values.iter().map(|(name, _)| *name);
        let meant = match nearest(name, known()) {
            Some(meant) => format!("did you mean {}?", Quoted(meant)),
            None => format!("the DAG has: {}", listed(known())),
        };
        Err(Unfillable {
            message: format!("the DAG has no parameter {}", Quoted(name)),
            hint: format!("{meant} Write `$${{` where `${{` is meant as it stands"),
        })
    }
}

fn mentions(value: &Value) -> bool {
    match value {
        Value::Str(text) => text.contains("${"),
        Value::List(items) => items.iter().any(mentions),
        Value::Map(entries) => entries.iter().any(|(_, item)| mentions(item)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn dag() -> Dag {
        let parameters = vec![
            ("C".to_owned(), Value::Float(0.5)),
            ("city".to_owned(), Value::Str("上海".to_owned())),
            ("columns".to_owned(), Value::List(vec![Value::Str("a".to_owned())])),
            ("nothing".to_owned(), Value::Null),
        ];
        Dag { parameters, ..Dag::default() }
    }

    fn filled(value: Json, given: Json) -> Result<Json, String> {
        let dag = dag();
        let given = serde_json::from_value(given).unwrap();
        let mut report = Report::default();
        let filled = Given::new(&dag, &given, &mut report).fill(&from_json(&value)).map(|v| crate::canonical(&v));
        report.finish().unwrap();
        filled.map_err(|e| format!("{} | {}", e.message, e.hint))
    }

    #[test]
    fn what_stands_for_what() {
        for (value, given, expected) in [
            (json!("${C}"), json!({}), json!(0.5)),
            (json!("${C}"), json!({"C": 2}), json!(2)),
            (json!("${columns}"), json!({}), json!(["a"])),
            (json!("${nothing}"), json!({}), json!(null)),
            (json!("in ${city}, C=${C}"), json!({}), json!("in 上海, C=0.5")),
            (json!(["${city}", {"x": "${C}"}, 7]), json!({"city": "x"}), json!(["x", {"x": 0.5}, 7])),
            (json!("$${C} costs $5"), json!({}), json!("${C} costs $5")),
            (json!("$${C} is ${C}"), json!({}), json!("${C} is 0.5")),
            (json!("plain $C {C}"), json!({}), json!("plain $C {C}")),
        ] {
            assert_eq!(filled(value.clone(), given), Ok(expected), "{value}");
        }
    }

    #[test]
    fn what_stands_for_nothing() {
        for (value, expected) in [
            (
                json!("${citi}"),
                "the DAG has no parameter 'citi' | did you mean 'city'? Write `$${` where `${` is meant as it stands",
            ),
            (json!(["a ${"]), "a `${` has no `}` | write `$${` where it is meant as it stands"),
            (
                json!("x${columns}"),
                "the parameter 'columns' is a list or map and can't stand within a text | let the text be nothing but `${…}`, or give a text or number",
            ),
        ] {
            assert_eq!(filled(value, json!({})), Err(expected.to_owned()));
        }
    }

    #[test]
    fn without_parameters_everything_stays() {
        let (dag, mut report) = (Dag::default(), Report::default());
        let code = Value::Str("echo ${HOME}".to_owned());
        assert_eq!(Given::new(&dag, &BTreeMap::new(), &mut report).fill(&code).unwrap().as_ref(), &code);
    }

    #[test]
    fn a_value_for_no_parameter_is_refused() {
        let mut report = Report::default();
        let dag = dag();
        Given::new(&dag, &BTreeMap::from([("c".to_owned(), json!(1))]), &mut report);
        let faults = report.finish().expect_err("refused");
        assert_eq!(faults.0[0].code, "parameter_unknown");
        assert_eq!(faults.0[0].hint.as_deref(), Some("did you mean 'C'?"));
    }
}
