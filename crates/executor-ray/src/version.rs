//! Which clusters are taken: what Ray says of itself, judged in words.

use serde::Deserialize;
use suanzi_executor_http::CallError;

/// The oldest Ray with all that the pool uses: tasks that yield their results while they run.
const OLDEST: (u32, u32) = (2, 10);
const MAX_QUOTED_CHARS: usize = 40;

/// `GET /api/version`.
#[derive(Debug, Deserialize)]
pub struct Version {
    pub ray_version: String,
}

/// What is wrong, to be said after the cluster's address.
pub fn judge(answer: Result<Version, CallError>) -> Result<(), String> {
    match answer {
        Ok(Version { ray_version }) => {
            let shown: String = ray_version.chars().take(MAX_QUOTED_CHARS).collect();
            match numbers(&ray_version) {
                Some(found) if found >= OLDEST && found.0 == OLDEST.0 => Ok(()),
                Some(_) => Err(format!("runs Ray {shown:?}; from {}.{} on and below 3 is needed", OLDEST.0, OLDEST.1)),
                None => Err(format!("says that it runs Ray {shown:?}, which is no version")),
            }
        }
        Err(CallError::Status { status: 401 | 403, .. }) => {
            Err("wants another token than the one in token_file, or one at all".into())
        }
        Err(CallError::Status { status, .. }) => {
            Err(format!("is no Ray dashboard: it answers {status} where Ray tells its version"))
        }
        Err(CallError::Malformed(_)) => Err("is no Ray dashboard: it doesn't tell Ray's version".into()),
        Err(error) => Err(error.to_string()),
    }
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    let (major, minor) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::{Version, judge};
    use suanzi_executor_http::CallError;

    #[test]
    fn other_clusters_are_told() {
        let of = |version: &str| judge(Ok(Version { ray_version: version.into() }));
        assert_eq!(of("2.60.0"), Ok(()));
        for (version, part) in [("2.9.3", "2.10"), ("1.13.0", "2.10"), ("3.0.0", "below 3"), ("", "no version")] {
            assert!(of(version).is_err_and(|why| why.contains(part)), "{version}");
        }
        let status = |status| judge(Err(CallError::Status { status, body: String::new() }));
        assert!(status(403).is_err_and(|why| why.contains("token")));
        assert!(status(404).is_err_and(|why| why.contains("no Ray dashboard")));
        assert!(judge(Err(CallError::Malformed("x".into()))).is_err_and(|why| why.contains("no Ray dashboard")));
    }
}
