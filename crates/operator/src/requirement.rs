//! Python requirements of an operator (PEP 508): read, brought to one form, and refused with a remedy where they name anything but packages and versions.
//!
//! The Python side of the same rules is `python/suanzi/sdk/requirements.py`; `requirement_cases.json` holds what both must say.

use std::fmt;
use std::str::FromStr;

/// Requirements that one operator may have.
pub const MAX_REQUIREMENTS: usize = 64;
pub const MAX_REQUIREMENT_BYTES: usize = 256;

const FORM: &str = "write a package and its version, such as \"lightgbm==4.5.0\"";
/// Where from is for whoever runs Suanzi to say, not for a DAG.
const NO_PLACES: &str = "name a package and its version; where packages come from is set in pip's own configuration (PIP_INDEX_URL, PIP_FIND_LINKS, pip.conf) of whoever runs Suanzi";
/// Longer ones first.
const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];
const MARKER_NAMES: [&str; 11] = [
    "python_version",
    "python_full_version",
    "os_name",
    "sys_platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform_machine",
    "platform_python_implementation",
    "implementation_name",
    "implementation_version",
];

/// One requirement in its one form: `LightGBM == 4.5` is `lightgbm==4.5`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PythonRequirement {
    /// Normalized as PEP 503 says.
    pub name: String,
    text: String,
}

/// Why a text is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RequirementError {
    pub message: String,
    pub hint: String,
}

impl fmt::Display for PythonRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for PythonRequirement {
    type Err = RequirementError;

    fn from_str(text: &str) -> Result<PythonRequirement, RequirementError> {
        let wrong = |what: &str, hint: String| RequirementError { message: what.to_owned(), hint };
        let text = text.trim();
        if text.len() > MAX_REQUIREMENT_BYTES {
            return Err(wrong(&format!("it is longer than {MAX_REQUIREMENT_BYTES} bytes"), FORM.into()));
        }
        if text.starts_with('-') {
            return Err(wrong("it is an option of pip, not a package", NO_PLACES.into()));
        }
        if text.contains("://") || text.contains('@') || text.contains('/') || text.starts_with('.') {
            return Err(wrong("it is a place, not a package of an index", NO_PLACES.into()));
        }
        let (package, marker) = match text.split_once(';') {
            Some((package, marker)) => (package.trim(), Some(marker)),
            None => (text, None),
        };
        let end = package.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(package.len());
        let (name, rest) = package.split_at(end);
        if !is_name(name) {
            return Err(wrong("it names no package", FORM.into()));
        }
        let name = normalized(name);
        if name == "suanzi" {
            return Err(wrong("Suanzi is in every environment already", "leave it out".into()));
        }
        let (extras, rest) = extras(rest.trim_start()).map_err(|what| wrong(what, FORM.into()))?;
        let versions = versions(rest).map_err(|what| wrong(what, version_hint(&name, rest)))?;
        let marker = marker.map(read_marker).transpose().map_err(|what| {
            wrong(&what, "write a marker such as `; python_version < \"3.13\"`, or leave it out".into())
        })?;
        let extras = if extras.is_empty() { String::new() } else { format!("[{}]", extras.join(",")) };
        let marker = marker.map(|m| format!("; {m}")).unwrap_or_default();
        Ok(PythonRequirement { text: format!("{name}{extras}{}{marker}", versions.join(",")), name })
    }
}

/// All of a list, sorted, each once; or what is wrong with the first that is wrong, by its position.
pub fn read_all<'a>(
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<PythonRequirement>, (usize, RequirementError)> {
    let mut read = Vec::new();
    for (at, text) in texts.into_iter().enumerate() {
        if at == MAX_REQUIREMENTS {
            let message = format!("there are more than {MAX_REQUIREMENTS} requirements");
            return Err((
                at,
                RequirementError { message, hint: "name what is imported; the rest comes with it".into() },
            ));
        }
        read.push(text.parse::<PythonRequirement>().map_err(|error| (at, error))?);
    }
    read.sort();
    read.dedup();
    Ok(read)
}

/// An operator's own requirements with those of the DAG, which take the place of those of the same package.
pub fn together(own: &[PythonRequirement], of_dag: &[PythonRequirement]) -> Vec<PythonRequirement> {
    let kept = own.iter().filter(|one| !of_dag.iter().any(|other| other.name == one.name));
    let mut all: Vec<_> = kept.chain(of_dag).cloned().collect();
    all.sort();
    all
}

fn is_name(name: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    ends(name.chars().next()) && ends(name.chars().last())
}

fn normalized(name: &str) -> String {
    let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

fn extras(text: &str) -> Result<(Vec<String>, &str), &'static str> {
    let Some(inner) = text.strip_prefix('[') else { return Ok((Vec::new(), text)) };
    let (inner, rest) = inner.split_once(']').ok_or("its list of extras has no end")?;
    let named = |name: &str| is_name(name) && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let mut names = Vec::new();
    for name in inner.split(',').map(str::trim) {
        if !named(name) {
            return Err("one of its extras has no name");
        }
        names.push(normalized(name));
    }
    names.sort();
    names.dedup();
    Ok((names, rest.trim_start()))
}

/// Sorted, without blanks.
fn versions(text: &str) -> Result<Vec<String>, &'static str> {
    let text = text.trim();
    let text = match text.strip_prefix('(') {
        Some(inner) => inner.strip_suffix(')').ok_or("its versions have a parenthesis without its other half")?,
        None => text,
    };
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut clauses = Vec::new();
    for clause in text.split(',').map(str::trim) {
        let operator = OPERATORS.iter().find(|op| clause.starts_with(**op)).ok_or("its version isn't understood")?;
        let version = clause[operator.len()..].trim();
        if !is_version(version) {
            return Err("its version isn't understood");
        }
        if version.ends_with(".*") && !matches!(*operator, "==" | "!=") {
            return Err("`.*` goes with `==` and `!=` only");
        }
        clauses.push(format!("{operator}{version}"));
    }
    clauses.sort();
    clauses.dedup();
    Ok(clauses)
}

fn is_version(version: &str) -> bool {
    let stem = version.strip_suffix(".*").unwrap_or(version);
    let digits = stem.strip_prefix('v').unwrap_or(stem);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+!".contains(c))
        && digits.split(['.', '-', '_', '+', '!']).all(|part| !part.is_empty())
}

fn version_hint(name: &str, rest: &str) -> String {
    let rest = rest.trim();
    let bare = rest.trim_start_matches(['=', ' ']);
    if is_version(bare) { format!("write \"{name}=={bare}\"") } else { FORM.into() }
}

/// A marker (PEP 508): comparisons joined by `and` and `or`. Gives it with single blanks and double quotes.
fn read_marker(text: &str) -> Result<String, String> {
    let tokens = tokens(text)?;
    let mut at = 0;
    any(&tokens, &mut at)?;
    if at < tokens.len() {
        Err(format!("its marker isn't understood at `{}`", tokens[at]))
    } else {
        Ok(tokens.join(" "))
    }
}

fn tokens(text: &str) -> Result<Vec<String>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => {
                let end = rest[1..].find(first).ok_or("its marker has a quote without its other half")?;
                let inner = &rest[1..=end];
                if inner.contains(['"', '\'', '\\']) {
                    return Err("its marker has a quote within quotes".into());
                }
                tokens.push(format!("\"{inner}\""));
                rest = rest[end + 2..].trim_start();
                continue;
            }
            '(' | ')' => 1,
            c if c.is_ascii_alphabetic() => {
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())
            }
            _ => OPERATORS
                .iter()
                .find(|op| rest.starts_with(**op))
                .map(|op| op.len())
                .ok_or_else(|| format!("its marker isn't understood at `{first}`"))?,
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn any(tokens: &[String], at: &mut usize) -> Result<(), String> {
    loop {
        comparison(tokens, at)?;
        match tokens.get(*at).map(String::as_str) {
            Some("and" | "or") => *at += 1,
            _ => return Ok(()),
        }
    }
}

fn comparison(tokens: &[String], at: &mut usize) -> Result<(), String> {
    let mut next = || {
        let token = tokens.get(*at).map_or("", String::as_str);
        *at += 1;
        token
    };
    let unknown = |token: &str| match token {
        "" => "its marker ends too early".to_owned(),
        _ => format!("its marker isn't understood at `{token}`"),
    };
    let operand = |token: &str| token.starts_with('"') || MARKER_NAMES.contains(&token);
    let first = next();
    if first == "(" {
        // Depth is bounded by the length of the text.
        any(tokens, at)?;
        return match tokens.get(*at).map(String::as_str) {
            Some(")") => {
                *at += 1;
                Ok(())
            }
            other => Err(unknown(other.unwrap_or_default())),
        };
    }
    if !operand(first) {
        return Err(unknown(first));
    }
    match next() {
        "in" => {}
        "not" => match next() {
            "in" => {}
            other => return Err(unknown(other)),
        },
        token if OPERATORS.contains(&token) => {}
        other => return Err(unknown(other)),
    }
    let second = next();
    if operand(second) { Ok(()) } else { Err(unknown(second)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const CASES: &str = include_str!("requirement_cases.json");

    /// The same cases are put to Python in `python/tests/sdk/test_sdk_requirements.py`.
    #[test]
    fn each_text_is_brought_to_its_form_or_refused() {
        let cases: Value = serde_json::from_str(CASES).expect("JSON");
        let (good, bad) = (cases["good"].as_object().expect("a map"), cases["bad"].as_array().expect("a list"));
        assert!(good.len() > 10 && bad.len() > 10);
        for (text, form) in good {
            let read = text.parse::<PythonRequirement>();
            assert_eq!(read.as_ref().map(ToString::to_string).ok().as_deref(), form.as_str(), "{text}: {read:?}");
            let again = form.as_str().expect("text").parse::<PythonRequirement>().expect("its form reads back");
            assert_eq!(again.to_string(), form.as_str().expect("text"));
        }
        for text in bad.iter().filter_map(Value::as_str) {
            let error = text.parse::<PythonRequirement>().expect_err(text);
            assert!(!error.message.is_empty() && !error.hint.is_empty(), "{text}");
        }
    }

    #[test]
    fn markers_are_read() {
        let read = |text: &str| text.parse::<PythonRequirement>().map(|r| r.to_string());
        assert_eq!(
            read("tiny;python_version<'3.12' and (os_name == \"posix\" or sys_platform in 'linux')").as_deref(),
            Ok("tiny; python_version < \"3.12\" and ( os_name == \"posix\" or sys_platform in \"linux\" )")
        );
        for bad in ["tiny;", "tiny; python_version", "tiny; colour == 'red'", "tiny; os_name == 'a' os_name", "tiny; ("]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn those_of_the_dag_take_the_place_of_the_operators_own() {
        let list = |texts: &[&str]| read_all(texts.iter().copied()).expect("good");
        let all = together(&list(&["b==1", "a==1"]), &list(&["B==2", "c"]));
        assert_eq!(all.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a==1", "b==2", "c"]);
        assert_eq!(list(&["x==1", "X == 1"]).len(), 1);
        assert_eq!(read_all(["a", "b=1"]).expect_err("bad").0, 1);
        assert_eq!(read_all((0..65).map(|_| "a")).expect_err("too many").0, 64);
    }
}
