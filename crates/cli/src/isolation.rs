//! Which isolation profile workers get: what was asked for, what this host allows, and what is hidden from operators.

use crate::fail::Failure;
use crate::home::Home;
use std::fs::{self, Permissions};
use std::ops::RangeInclusive;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::str::FromStr;
use suanzi_executor_local::{DEFAULT_UIDS, Isolation, LocalOptions, Profile, Refused};

/// The value of `--isolation` and of [`VARIABLE`].
pub const VARIABLE: &str = "SUANZI_ISOLATION";
/// Nobody else comes this far into the home.
const PASSED: u32 = 0o755;
const GUIDE: &str = "docs/guide/isolation.md";

/// What `--isolation` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The strongest that the host allows.
    Auto,
    Exactly(Profile),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Choice, String> {
        match text {
            "auto" => Ok(Choice::Auto),
            _ => text.parse().map(Choice::Exactly).map_err(|_| "it must be plain, namespaced, service or auto".into()),
        }
    }
}

/// The users that workers are in `service`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uids {
    first: u32,
    last: u32,
}

impl FromStr for Uids {
    type Err = String;

    fn from_str(text: &str) -> Result<Uids, String> {
        let wrong = || "it must be FIRST-LAST, numbers of users from 1 on, such as 61000-61999".to_owned();
        let (first, last) = text.split_once('-').ok_or_else(wrong)?;
        match (first.trim().parse::<u32>(), last.trim().parse::<u32>()) {
            // The highest two mean "none" and "nobody" to the kernel.
            (Ok(first), Ok(last)) if 0 < first && first <= last && last < u32::MAX - 1 => Ok(Uids { first, last }),
            _ => Err(wrong()),
        }
    }
}

impl Uids {
    fn range(self) -> RangeInclusive<u32> {
        self.first..=self.last
    }
}

/// What there is to know beside the choice.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Secrets outside the home.
    pub secrets: Vec<PathBuf>,
    /// Operators' folders that are known from the start.
    pub operator_dirs: Vec<PathBuf>,
    /// Files and folders with data that are known from the start.
    pub data: Vec<PathBuf>,
}

/// The isolation for `options`; none for plain. Errors: the profile asked for can't be had here.
pub fn resolve(
    choice: Choice,
    uids: Option<Uids>,
    home: &Home,
    around: &Surroundings,
    options: &LocalOptions,
) -> Result<Option<Isolation>, Failure> {
    let uids = uids.map_or(DEFAULT_UIDS, Uids::range);
    let profile = match choice {
        Choice::Exactly(Profile::Plain) => return Ok(None),
        Choice::Exactly(profile) => profile,
        Choice::Auto => match strongest(home, options).0 {
            Profile::Plain => return Ok(None),
            profile => profile,
        },
    };
    if profile == Profile::Service && u64::from(options.workers) > uids.clone().count() as u64 {
        return Err(Failure::invalid(format!(
            "{} workers need as many users; there are {} from {} to {}",
            options.workers,
            uids.clone().count(),
            uids.start(),
            uids.end()
        ))
        .hint("give more with --isolation-uids FIRST-LAST, or have fewer --workers"));
    }
    let isolation = isolation(profile, uids, home, around, options);
    for dir in lent(home) {
        let made = fs::create_dir_all(&dir).and_then(|()| fs::set_permissions(&dir, Permissions::from_mode(PASSED)));
        made.map_err(|error| Failure::invalid(format!("{} can't be made: {error}", dir.display())))?;
    }
    isolation.check(options).map_err(|refused| {
        Failure::invalid(format!("isolation {profile} can't be had here: {}", refused.reason))
            .hint(format!("{}; {GUIDE} says more", refused.hint))
    })?;
    Ok(Some(isolation))
}

/// What can be had where workers hold the credentials of a store with everybody's results.
pub fn beside_objects(choice: Choice) -> Result<Choice, Failure> {
    match choice {
        Choice::Auto | Choice::Exactly(Profile::Plain) => Ok(Choice::Exactly(Profile::Plain)),
        Choice::Exactly(profile) => Err(Failure::invalid(format!(
            "isolation {profile} can't be had with artifacts in a store of objects: operators hold its credentials"
        ))
        .hint(format!("--isolation plain, or keep artifacts in the home; {GUIDE} says more"))),
    }
}

/// The strongest profile that the host allows, and why not the stronger ones.
pub fn strongest(home: &Home, options: &LocalOptions) -> (Profile, Vec<(Profile, Refused)>) {
    let mut refused = Vec::new();
    for profile in [Profile::Service, Profile::Namespaced] {
        let tried = isolation(profile, DEFAULT_UIDS, home, &Surroundings::default(), options);
        match tried.check(options) {
            Ok(()) => return (profile, refused),
            Err(why) => refused.push((profile, why)),
        }
    }
    (Profile::Plain, refused)
}

/// What operators may read of the home.
fn lent(home: &Home) -> [PathBuf; 3] {
    [home.uploads(), home.datasets(), home.environments()]
}

/// Before others can reach this.
pub fn tell(profile: Profile) {
    match profile {
        Profile::Plain => talk!(
            "warning: isolation is plain, one trust domain: whoever may run a DAG can read the token and the database, and act as \
             this user; --isolation auto keeps operators from that ({GUIDE})"
        ),
        _ => talk!("isolation is {profile}: {}", profile.meaning()),
    }
}

fn isolation(
    profile: Profile,
    uids: RangeInclusive<u32>,
    home: &Home,
    around: &Surroundings,
    options: &LocalOptions,
) -> Isolation {
    let absolute = |path: &PathBuf| fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    // Another engine of the same home has a folder of logs of its own, and so one for its workers.
    let beside = if options.log_dir == home.logs() { &home.root } else { &options.log_dir };
    let hidden: Vec<PathBuf> = std::iter::once(home.root.clone()).chain(around.secrets.iter().map(absolute)).collect();
    // A DAG that names the engine's token as its data doesn't get it.
    let data = around.data.iter().map(absolute).filter(|path| !hidden.iter().any(|hidden| path.starts_with(hidden)));
    Isolation {
        profile,
        data: data.chain(lent(home)).collect(),
        hidden,
        artifacts: home.artifacts(),
        work: beside.join("work"),
        trees: around.operator_dirs.iter().map(absolute).collect(),
        uids,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_and_users() {
        assert_eq!("auto".parse(), Ok(Choice::Auto));
        assert_eq!("service".parse(), Ok(Choice::Exactly(Profile::Service)));
        assert!("chroot".parse::<Choice>().is_err_and(|why| why.contains("namespaced")));
        assert_eq!("61000-61003".parse::<Uids>().map(|uids| uids.range().count()), Ok(4));
        for text in ["", "61000", "0-5", "9-8", "a-b", "1-4294967295", "-1-5"] {
            assert!(text.parse::<Uids>().is_err(), "{text}");
        }
    }
}
