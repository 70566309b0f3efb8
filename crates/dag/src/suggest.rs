//! "Did you mean": the nearest known word to a misspelled one.

/// Longer words are not compared: the cost grows with the square.
const MAX_WORD_CHARS: usize = 128;

/// The candidate nearest to `word`, if near enough to be a slip: one edit in short words, up to three in long ones.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().take(MAX_WORD_CHARS + 1).collect();
    if word.len() > MAX_WORD_CHARS {
        return None;
    }
    let allowed = match word.len() {
        0..=2 => return None,
        3..=5 => 1,
        6..=11 => 2,
        _ => 3,
    };
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= MAX_WORD_CHARS)
        .filter_map(|candidate| {
            let distance = distance(&word, &candidate.chars().collect::<Vec<_>>(), allowed)?;
            Some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// Edits (insert, drop, replace, swap of neighbours) from `a` to `b`; `None` when more than `allowed`. Case is ignored.
fn distance(a: &[char], b: &[char], allowed: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > allowed {
        return None;
    }
    let mut two_back = vec![0; b.len() + 1];
    let mut back: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let same = a[i - 1].eq_ignore_ascii_case(&b[j - 1]);
            let mut best = (back[j] + 1).min(row[j - 1] + 1).min(back[j - 1] + usize::from(!same));
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(two_back[j - 2] + 1);
            }
            row[j] = best;
        }
        std::mem::swap(&mut two_back, &mut back);
        std::mem::swap(&mut back, &mut row);
    }
    Some(back[b.len()]).filter(|d| *d <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions() {
        let known = ["retries", "retry_delay", "timeout", "type", "all_success"];
        for (word, expected) in [
            ("retires", Some("retries")),
            ("Timeout", Some("timeout")),
            ("timout", Some("timeout")),
            ("tpye", Some("type")),
            ("all_succes", Some("all_success")),
            ("color", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
