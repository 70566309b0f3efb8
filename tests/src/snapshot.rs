//! Texts compared with files in `tests/snapshots/`. `UPDATE_SNAPSHOTS=1` writes them anew.

use std::path::Path;

/// Compares; gives what is wrong as text, so that one test can show all that differ.
pub fn compare(name: &str, text: &str) -> Result<(), String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some_and(|v| v == "1") {
        std::fs::create_dir_all(file.parent().expect("it has a directory")).map_err(|e| e.to_string())?;
        return std::fs::write(&file, text).map_err(|e| e.to_string());
    }
    match std::fs::read_to_string(&file) {
        Ok(expected) if expected == text => Ok(()),
        Ok(expected) => Err(format!("{name}\n--- expected\n{expected}\n--- found\n{text}")),
        Err(error) => Err(format!("{name}: no snapshot ({error}); found\n{text}")),
    }
}

/// Replaces what differs each time: run ids, durations, dates, directories. Columns stay two spaces apart, since what pads them is redacted.
pub fn redact(text: &str, directories: &[(&Path, &str)]) -> String {
    let mut text = text.to_string();
    for (path, name) in directories {
        text = text.replace(&path.display().to_string(), name);
    }
    let mut out = String::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
        out.push_str(&line[..indent]);
        out.push_str(&cells.map(redact_words).collect::<Vec<_>>().join("  "));
        out.push('\n');
    }
    out
}

fn redact_words(cell: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in cell.split(' ') {
        let (bare, end) = split_mark(word);
        if is_run_id(bare) {
            words.push(format!("RUN{end}"));
        } else if is_date(bare) {
            words.push(format!("DATE{end}"));
        } else if matches!(bare, "ms" | "s" | "min" | "h") && words.last().is_some_and(|w| is_number(w)) {
            words.pop();
            words.push(format!("TIME{end}"));
        } else if matches!(bare, "MiB" | "GiB") && words.last().is_some_and(|w| is_number(w)) {
            words.pop();
            words.push(format!("MEMORY{end}"));
        } else {
            words.push(word.to_string());
        }
    }
    words.join(" ")
}

/// A word without the marks at its end.
fn split_mark(word: &str) -> (&str, &str) {
    word.split_at(word.trim_end_matches([':', ',', ';', ')', '.']).len())
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// `20261123-224511-k7qm2x`.
fn is_run_id(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let digits = |part: &str, count| part.len() == count && part.chars().all(|c| c.is_ascii_digit());
    matches!(parts[..], [date, time, rest] if digits(date, 8) && digits(time, 6) && rest.len() == 6)
}

/// `2026-11-23T22:45:11Z`, or its date alone.
fn is_date(word: &str) -> bool {
    let date: Vec<&str> = word.get(..10).unwrap_or("").split('-').collect();
    matches!(date[..], [year, month, day] if [year, month, day].iter().all(|p| is_number(p)) && year.len() == 4)
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn what_differs_each_time_is_redacted() {
        let cases = [
            ("run 20261123-224511-k7qm2x: 3 operators", "run RUN: 3 operators\n"),
            ("a    b 12 ms    c", "a  b TIME  c\n"),
            ("success in 1.5 s, all", "success in TIME, all\n"),
            ("2026-11-23T22:45:11Z  failed", "DATE  failed\n"),
            ("  2 min 3 s", "  TIME TIME\n"),
            ("took  103.4 MiB", "took  MEMORY\n"),
            ("in /x/y/z.csv", "in DIR/z.csv\n"),
            ("3 operators, 2 rows", "3 operators, 2 rows\n"),
        ];
        for (text, expected) in cases {
            assert_eq!(redact(text, &[(std::path::Path::new("/x/y"), "DIR")]), expected);
        }
    }
}
