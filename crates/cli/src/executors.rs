//! The executors beside `local`, as an administrator set them in `executors.json` in the home. No DAG can name an address.

use crate::fail::Failure;
use crate::home::Home;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use suanzi_executor::Executor;
use suanzi_executor_http::{BaseUrl, HttpExecutor, HttpOptions, Target, Terms};
use suanzi_executor_local::NAME as LOCAL;
use suanzi_executor_ray::RayOptions;
use suanzi_executor_spark::{Address, SparkOptions};
use suanzi_python_env::Interpreter;

pub const FILE: &str = "executors.json";
/// Operators declare by this name that they are written against Spark.
const SPARK: &str = suanzi_operator::SPARK;
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
    /// Of the driver that leads work on Spark; else the one that operators run in here.
    #[serde(default)]
    python: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// A platform that speaks the contract; the address is its own.
    Http,
    /// A Ray cluster; the address is its dashboard's.
    Ray,
    /// A Spark cluster; the address is its Spark Connect's.
    Spark,
}

/// Where one is.
#[derive(Debug, Clone)]
enum Place {
    Http(BaseUrl),
    Ray(BaseUrl),
    Spark(Address),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Http(base) | Place::Ray(base) => f.write_str(&base.authority()),
            Place::Spark(address) => write!(f, "{address}"),
        }
    }
}

/// One executor with all that it needs.
enum Bound {
    Http(HttpOptions),
    Ray(RayOptions),
    Spark(SparkOptions),
}

/// The configured executors beside `local`, by name.
#[derive(Debug, Clone, Default)]
pub struct Configured(BTreeMap<String, (Setting, Place)>);

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

    /// Names and addresses of those that aren't `local`.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, String)> {
        self.0.iter().map(|(name, (_, place))| (name.as_str(), place.to_string()))
    }

    /// One that leads to Spark, if there is any.
    pub fn on_spark(&self) -> Option<&str> {
        self.0.iter().find(|(_, (_, place))| matches!(place, Place::Spark(_))).map(|(name, _)| name.as_str())
    }

    /// Where their tokens are.
    pub fn token_files(&self) -> impl Iterator<Item = PathBuf> {
        self.0.values().filter_map(|(setting, _)| setting.token_file.clone())
    }

    /// In the order of their names. Calls nobody. Errors: a token file can't be read.
    pub fn executors(&self, python: &Interpreter, log_dir: &Path) -> Result<Vec<Arc<dyn Executor>>, Failure> {
        let mut executors: Vec<Arc<dyn Executor>> = Vec::new();
        for (name, (setting, place)) in &self.0 {
            executors.push(Arc::new(match bound(name, setting, place, python, log_dir)? {
                Bound::Http(options) => HttpExecutor::new(options)?,
                Bound::Ray(options) => suanzi_executor_ray::executor(options)?,
                Bound::Spark(options) => suanzi_executor_spark::executor(options)?,
            }));
        }
        Ok(executors)
    }

    /// Whether the platform behind `name` answers, and as it should. `local` always does.
    pub fn check(&self, name: &str, python: &Interpreter, log_dir: &Path) -> Result<(), Failure> {
        let Some((setting, place)) = self.0.get(name) else { return Ok(()) };
        let found = match bound(name, setting, place, python, log_dir)? {
            Bound::Http(options) => HttpExecutor::check(&options),
            Bound::Ray(options) => suanzi_executor_ray::check(&options),
            Bound::Spark(options) => suanzi_executor_spark::check(&options),
        };
        found.map_err(|why| {
            let others: Vec<_> = self.names().into_iter().filter(|other| other != name).collect();
            Failure::invalid(format!("executor {name}: {why}"))
                .hint(format!("see {FILE} in the home; there is also: {}", others.join(", ")))
        })
    }
}

fn bound(name: &str, setting: &Setting, place: &Place, python: &Interpreter, log_dir: &Path) -> Result<Bound, Failure> {
    let token = token(name, setting)?;
    let terms = Terms {
        name: name.to_owned(),
        slots: setting.slots.unwrap_or(DEFAULT_SLOTS),
        package: python.package.clone(),
        log_dir: log_dir.to_owned(),
        tell: |line| talk!("{line}"),
    };
    Ok(match place.clone() {
        Place::Http(base) => Bound::Http(HttpOptions { terms, target: Target { base, token } }),
        Place::Ray(base) => {
            // Beside the logs, in the home, of which operators see nothing.
            let note = log_dir.with_file_name(format!("ray-pool-{name}.json"));
            Bound::Ray(RayOptions { terms, target: Target { base, token }, note })
        }
        Place::Spark(address) => {
            let python = setting.python.clone().unwrap_or_else(|| python.path.clone());
            Bound::Spark(SparkOptions { terms, address, token, python })
        }
    })
}

fn token(name: &str, setting: &Setting) -> Result<Option<String>, Failure> {
    let Some(path) = &setting.token_file else { return Ok(None) };
    let unread = |why: String| {
        Failure::invalid(format!("executor {name}: the token file {} {why}", path.display()))
            .hint("write the platform's token into it, alone in one line")
    };
    let text = std::fs::read_to_string(path).map_err(|error| unread(format!("can't be read: {error}")))?;
    let token = text.trim();
    if token.is_empty() || !token.chars().all(|c| c.is_ascii_graphic()) {
        return Err(unread("holds no token".into()));
    }
    Ok(Some(token.to_owned()))
}

/// Whether an executor may be called so.
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    !name.is_empty() && name.len() <= MAX_NAME_CHARS && name.chars().all(plain)
}

fn parse(text: &str) -> Result<BTreeMap<String, (Setting, Place)>, String> {
    let settings: BTreeMap<String, Setting> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut parsed = BTreeMap::new();
    for (name, setting) in settings {
        if !is_name(&name) {
            return Err(format!(
                "{name:?} can't be an executor's name: small letters, digits, - and _, at most {MAX_NAME_CHARS}"
            ));
        }
        if name == LOCAL || name == "distributed" {
            return Err(format!("the name {name:?} is taken"));
        }
        if setting.slots.is_some_and(|slots| !(1..=MAX_SLOTS).contains(&slots)) {
            return Err(format!("{name}: slots must be from 1 to {MAX_SLOTS}"));
        }
        if (name == SPARK) != matches!(setting.kind, Kind::Spark) {
            return Err(format!("{name}: an executor of the type spark, and no other, has the name {SPARK:?}"));
        }
        if setting.python.is_some() && !matches!(setting.kind, Kind::Spark) {
            return Err(format!("{name}: only the type spark has a key python"));
        }
        let url = &setting.url;
        let place = match setting.kind {
            Kind::Http => BaseUrl::parse(url).map(Place::Http),
            Kind::Ray => BaseUrl::parse(url).map(Place::Ray),
            Kind::Spark => Address::parse(url).map(Place::Spark),
        };
        let place = place.map_err(|why| format!("{name}: {why}"))?;
        parsed.insert(name, (setting, place));
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
        check(r#"{"ray": {"type": "ray", "url": "http://h:8265"}, "two": {"type": "ray", "url": "http://i"}}"#, Ok(2));
        check(r#"{"spark": {"type": "spark", "url": "sc://h:15002", "python": "/opt/p/bin/python"}}"#, Ok(1));
        check(r#"{"spark": {"type": "spark", "url": "spark://h:7077"}}"#, Err("sc://"));
        check(r#"{"spark": {"type": "http", "url": "http://h"}}"#, Err("spark"));
        check(r#"{"big": {"type": "spark", "url": "sc://h"}}"#, Err("spark"));
        check(r#"{"h": {"type": "http", "url": "http://h", "python": "/p"}}"#, Err("python"));
        check(r#"{"http": {"type": "http", "url": "ftp://h"}}"#, Err("http://"));
        check(r#"{"local": {"type": "http", "url": "http://h"}}"#, Err("taken"));
        check(r#"{"A b": {"type": "http", "url": "http://h"}}"#, Err("name"));
        check(r#"{"x": {"type": "http", "url": "http://h", "slots": 0}}"#, Err("slots"));
        check(r#"{"x": {"type": "telnet", "url": "http://h"}}"#, Err("telnet"));
        check(r#"{"x": {"type": "http", "url": "http://h", "tokn": "t"}}"#, Err("tokn"));
    }
}
