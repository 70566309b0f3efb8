//! Which bucket, and what the environment says of its server. Secrets come from there alone and are shown by nothing.

use rusty_s3::{Bucket, Credentials, UrlStyle};
use std::fmt;
use std::str::FromStr;
use url::Url;

const DEFAULT_REGION: &str = "us-east-1";
const MAX_PREFIX_BYTES: usize = 200;
/// Of a bucket's name, as S3 has it.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 3..=63;

/// `s3://BUCKET/PREFIX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub bucket: String,
    /// Without slashes at its ends; it may be empty.
    pub prefix: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix.as_str() {
            "" => write!(f, "s3://{}", self.bucket),
            prefix => write!(f, "s3://{}/{prefix}", self.bucket),
        }
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Place, String> {
        let Some(rest) = text.strip_prefix("s3://") else { return Err("it must be s3://BUCKET/PREFIX".into()) };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
        if !NAME_CHARS.contains(&bucket.len()) || !bucket.chars().all(of_name) || bucket.starts_with(['-', '.']) {
            return Err("the name of a bucket has 3 to 63 small letters, digits, - and .".into());
        }
        let prefix = prefix.trim_end_matches('/');
        let of_prefix = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '=');
        let parts_stand = prefix.is_empty() || prefix.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if prefix.len() > MAX_PREFIX_BYTES || !prefix.chars().all(of_prefix) || !parts_stand {
            return Err(
                "the prefix after the bucket has letters, digits, -, _, ., = and single slashes, at most 200".into()
            );
        }
        Ok(Place { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl Place {
    /// An object's name in the bucket.
    pub(crate) fn object(&self, key: &str) -> String {
        if self.prefix.is_empty() { key.to_owned() } else { format!("{}/{key}", self.prefix) }
    }
}

/// What the usual variables of AWS say.
#[derive(Clone)]
pub struct Surroundings {
    pub endpoint: Option<String>,
    pub region: Option<String>,
    pub(crate) credentials: Option<Credentials>,
}

impl Surroundings {
    /// Of this process.
    pub fn of_process() -> Surroundings {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        Surroundings {
            endpoint: set("AWS_ENDPOINT_URL_S3").or_else(|| set("AWS_ENDPOINT_URL")),
            region: set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION")),
            credentials: Credentials::from_env(),
        }
    }

    pub fn has_credentials(&self) -> bool {
        self.credentials.is_some()
    }

    /// The server, for people.
    pub fn server(&self) -> String {
        self.endpoint.clone().unwrap_or_else(|| format!("https://s3.{}.amazonaws.com", self.region()))
    }

    fn region(&self) -> &str {
        self.region.as_deref().unwrap_or(DEFAULT_REGION)
    }

    pub(crate) fn bucket(&self, place: &Place) -> Result<Bucket, String> {
        let server = self.server();
        let wrong = |why: &str| format!("AWS_ENDPOINT_URL: {why}");
        let url = Url::parse(&server).map_err(|_| wrong("it is no address, such as http://127.0.0.1:9000"))?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
            return Err(wrong("it may hold no user, password or query"));
        }
        // Servers of one's own seldom have a name for each bucket.
        let by_host = self.endpoint.is_none() && !place.bucket.contains('.');
        let style = if by_host { UrlStyle::VirtualHost } else { UrlStyle::Path };
        Bucket::new(url, style, place.bucket.clone(), self.region().to_owned())
            .map_err(|_| wrong("it must be http:// or https:// and a host"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, &str)>) {
        let found = text.parse::<Place>().ok();
        assert_eq!(found.as_ref().map(|place| (place.bucket.as_str(), place.prefix.as_str())), expected, "{text}");
    }

    #[test]
    fn addresses_are_taken_apart_or_refused() {
        check("s3://bucket", Some(("bucket", "")));
        check("s3://bucket/", Some(("bucket", "")));
        check("s3://my-bucket.x/team/a=1/", Some(("my-bucket.x", "team/a=1")));
        for wrong in [
            "",
            "bucket",
            "s3:/bucket",
            "S3://bucket",
            "gs://bucket",
            "file:///etc",
            "s3://",
            "s3://ab",
            "s3://Bucket",
            "s3://user:password@bucket",
            "s3://bucket/../x",
            "s3://bucket//x",
            "s3://bucket/x?y",
            "s3://bucket/x#y",
            "s3://bucket/%2e%2e",
            "s3://bucket/a b",
            "s3://../x",
            "s3://-bucket",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn names_of_objects_begin_with_the_prefix() {
        let check = |place: &str, expected: &str| {
            let place: Place = place.parse().expect("a place");
            assert_eq!(place.object("run/0.arrow"), expected);
        };
        check("s3://bucket", "run/0.arrow");
        check("s3://bucket/team", "team/run/0.arrow");
    }

    #[test]
    fn the_servers_address_is_one_of_http() {
        let place: Place = "s3://bucket/x".parse().expect("a place");
        let check = |endpoint: Option<&str>, expected: Option<&str>| {
            let around = Surroundings { endpoint: endpoint.map(str::to_owned), region: None, credentials: None };
            let bucket = around.bucket(&place);
            assert_eq!(bucket.ok().map(|bucket| bucket.base_url().to_string()).as_deref(), expected, "{endpoint:?}");
        };
        check(Some("http://127.0.0.1:9000"), Some("http://127.0.0.1:9000/bucket/"));
        check(None, Some("https://bucket.s3.us-east-1.amazonaws.com/"));
        for wrong in ["127.0.0.1:9000", "ftp://host", "http://user:word@host", "http://", "x"] {
            check(Some(wrong), None);
        }
    }
}
