//! The executors beside `local`, as an administrator set them in `executors.json` in the home. No DAG can name an address.

use crate::fail::Failure;
use crate::home::Home;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use suanzi_executor_http::{BaseUrl, HttpExecutor, HttpOptions};
use suanzi_executor_local::NAME as LOCAL;

pub const FILE: &str = "executors.json";
const DEFAULT_SLOTS: u32 = 4;
const MAX_SLOTS: u32 = 100_000;
const MAX_NAME_CHARS: usize = 40;
const EXAMPLE: &str = r#"{"http": {"type": "http", "url": "http://platform:8080", "token_file": "/path", "slots": 8}}"#;

/// One executor as it stands in the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Setting {
    #[serde(rename = "type")]
    kind: Kind,
    url: String,
    #[serde(default)]
    token_file: Option<PathBuf>,
    #[serde(default)]
    slots: Option<u32>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Http,
}

/// The configured executors beside `local`, by name.
#[derive(Debug, Clone, Default)]
pub struct Configured(BTreeMap<String, (Setting, BaseUrl)>);

impl Configured {
    /// Reads the home's file, if there is one.
    pub fn read(home: &Home) -> Result<Configured, Failure> {
        let path = home.root.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Configured::default()),
            Err(error) => return Err(Failure::invalid(format!("{} can't be read: {error}", path.display()))),
        };
        parse(&text).map(Configured).map_err(|why| {
            Failure::invalid(format!("{}: {why}", path.display())).hint(format!("it looks like this: {EXAMPLE}"))
        })
    }

    /// All names there are, `local` first.
    pub fn names(&self) -> Vec<String> {
        std::iter::once(LOCAL.to_owned()).chain(self.0.keys().cloned()).collect()
    }

    /// In the order of their names. Errors: a token file can't be read.
    pub fn options(&self, package: &Path, log_dir: &Path) -> Result<Vec<HttpOptions>, Failure> {
        self.0.iter().map(|(name, (setting, base))| options(name, setting, base, package, log_dir)).collect()
    }

    /// Whether the platform behind `name` answers, and as it should. `local` always does.
    pub fn check(&self, name: &str, package: &Path, log_dir: &Path) -> Result<(), Failure> {
        let Some((setting, base)) = self.0.get(name) else { return Ok(()) };
        HttpExecutor::check(&options(name, setting, base, package, log_dir)?).map_err(|why| {
            let others: Vec<_> = self.names().into_iter().filter(|other| other != name).collect();
            Failure::invalid(format!("executor {name}: {why}"))
                .hint(format!("see {FILE} in the home; there is also: {}", others.join(", ")))
        })
    }
}

fn options(
    name: &str,
    setting: &Setting,
    base: &BaseUrl,
    package: &Path,
    log_dir: &Path,
) -> Result<HttpOptions, Failure> {
    let token = match &setting.token_file {
        None => None,
        Some(path) => {
            let unread = |why: String| {
                Failure::invalid(format!("executor {name}: the token file {} {why}", path.display()))
                    .hint("write the platform's token into it, alone in one line")
            };
            let text = std::fs::read_to_string(path).map_err(|error| unread(format!("can't be read: {error}")))?;
            let token = text.trim();
            if token.is_empty() || !token.chars().all(|c| c.is_ascii_graphic()) {
                return Err(unread("holds no token".into()));
            }
            Some(token.to_owned())
        }
    };
    Ok(HttpOptions {
        name: name.to_owned(),
        base: base.clone(),
        token,
        slots: setting.slots.unwrap_or(DEFAULT_SLOTS),
        package: package.to_owned(),
        log_dir: log_dir.to_owned(),
        tell: |line| talk!("{line}"),
    })
}

fn parse(text: &str) -> Result<BTreeMap<String, (Setting, BaseUrl)>, String> {
    let settings: BTreeMap<String, Setting> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut parsed = BTreeMap::new();
    for (name, setting) in settings {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.chars().all(plain) {
            return Err(format!(
                "{name:?} can't be an executor's name: small letters, digits, - and _, at most {MAX_NAME_CHARS}"
            ));
        }
        if name == LOCAL || name == "distributed" {
            return Err(format!("the name {name:?} is taken"));
        }
        let Kind::Http = setting.kind;
        if setting.slots.is_some_and(|slots| !(1..=MAX_SLOTS).contains(&slots)) {
            return Err(format!("{name}: slots must be from 1 to {MAX_SLOTS}"));
        }
        let base = BaseUrl::parse(&setting.url).map_err(|why| format!("{name}: {why}"))?;
        parsed.insert(name, (setting, base));
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn each_fault_is_said() {
        let check = |text: &str, expected: Result<usize, &str>| match (parse(text), expected) {
            (Ok(found), Ok(count)) => assert_eq!(found.len(), count, "{text}"),
            (Err(why), Err(part)) => assert!(why.contains(part), "{text}: {why}"),
            (found, _) => panic!("{text}: {found:?}"),
        };
        check(r#"{}"#, Ok(0));
        check(r#"{"http": {"type": "http", "url": "http://h:1", "slots": 2}}"#, Ok(1));
        check(r#"{"http": {"type": "http", "url": "ftp://h"}}"#, Err("http://"));
        check(r#"{"local": {"type": "http", "url": "http://h"}}"#, Err("taken"));
        check(r#"{"A b": {"type": "http", "url": "http://h"}}"#, Err("name"));
        check(r#"{"x": {"type": "http", "url": "http://h", "slots": 0}}"#, Err("slots"));
        check(r#"{"x": {"type": "telnet", "url": "http://h"}}"#, Err("telnet"));
        check(r#"{"x": {"type": "http", "url": "http://h", "tokn": "t"}}"#, Err("tokn"));
    }
}
