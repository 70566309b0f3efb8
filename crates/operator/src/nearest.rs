//! The name somebody probably meant.

/// Longer names get no suggestion: the distance costs the product of the lengths.
const MAX_NAME_CHARS: usize = 128;
/// A part of a name counts as meant when it has at least so many characters.
const MIN_PART_CHARS: usize = 4;

/// The candidate with the least edit distance (case ignored), if it is near enough to be a slip: a third of the name at most. Else the one candidate that contains the name.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.chars().flat_map(char::to_lowercase).take(MAX_NAME_CHARS + 1).collect();
    if wanted.is_empty() || wanted.len() > MAX_NAME_CHARS {
        return None;
    }
    let wanted_text: String = wanted.iter().collect();
    let mut best: Option<(usize, &str)> = None;
    let (mut containing, mut containing_count) = (None, 0);
    for candidate in candidates {
        let letters: Vec<char> = candidate.chars().flat_map(char::to_lowercase).take(MAX_NAME_CHARS + 1).collect();
        if letters.len() > MAX_NAME_CHARS {
            continue;
        }
        let limit = (wanted.len().max(letters.len()) / 3).max(1);
        let limit = best.map_or(limit, |(d, _)| limit.min(d.saturating_sub(1)));
        if wanted.len().abs_diff(letters.len()) <= limit {
            let distance = distance(&wanted, &letters);
            if distance <= limit && best.is_none_or(|(d, _)| distance < d) {
                best = Some((distance, candidate));
            }
        }
        if wanted.len() >= MIN_PART_CHARS && letters.iter().collect::<String>().contains(&wanted_text) {
            containing = Some(candidate);
            containing_count += 1;
        }
    }
    best.map(|(_, name)| name).or(if containing_count == 1 { containing } else { None })
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost 1 each.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let same = a[i - 1] == b[j - 1];
            let mut cost = (last[j - 1] + usize::from(!same)).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row[j] = cost;
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<&str>) {
        let candidates = ["split", "standardize", "logistic_regression", "read_csv", "gbdt_111_1517", "独热编码"];
        assert_eq!(nearest(name, candidates), expected, "{name}");
    }

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        check("splti", Some("split"));
        check("Standardise", Some("standardize"));
        check("logistic_regresion", Some("logistic_regression"));
        check("readcsv", Some("read_csv"));
        check("gbdt", Some("gbdt_111_1517"));
        check("独热编吗", Some("独热编码"));
        check("kmeans", None);
        check("", None);
        check(&"x".repeat(100_000), None);
    }

    #[test]
    fn distances() {
        let d = |a: &str, b: &str| distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        assert_eq!(d("", "abc"), 3);
        assert_eq!(d("abc", "abc"), 0);
        assert_eq!(d("abc", "acb"), 1);
        assert_eq!(d("kitten", "sitting"), 3);
    }
}
