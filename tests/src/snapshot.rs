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

/// Replaces what differs each time: run ids, durations, byte counts of pickles, directories.
pub fn redact(text: &str, directories: &[(&Path, &str)]) -> String {
    let mut text = text.to_string();
    for (path, name) in directories {
        text = text.replace(&path.display().to_string(), name);
    }
    let lines = text.lines().map(|line| words(line, redact_word));
    let mut out: String = lines.collect::<Vec<_>>().join("\n");
    if text.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// Applies `change` to each word and the word after it, keeping all white space; runs of spaces after a changed word shrink to two, since columns are padded to what was redacted.
fn words(line: &str, change: fn(&str, &str) -> Option<&'static str>) -> String {
    let parts: Vec<&str> = line.split_inclusive(char::is_whitespace).collect();
    let mut out = String::new();
    let mut at = 0;
    while at < parts.len() {
        let word = parts[at].trim_end();
        let next = parts.get(at + 1).map_or("", |p| p.trim_end());
        match change(word, next) {
            Some(name) => {
                out.push_str(name);
                let two = name == "TIME";
                let last = if two { parts[at + 1] } else { parts[at] };
                at += if two { 2 } else { 1 };
                out.push_str(&last[last.trim_end().len()..]);
            }
            None => {
                out.push_str(parts[at]);
                at += 1;
            }
        }
    }
    out
}

fn redact_word(word: &str, next: &str) -> Option<&'static str> {
    if is_run_id(word.trim_matches(|c: char| !c.is_ascii_alphanumeric())) {
        return Some(if word.ends_with(':') { "RUN:" } else { "RUN" });
    }
    let number = !word.is_empty() && word.chars().all(|c| c.is_ascii_digit() || c == '.');
    let unit = next.trim_end_matches([',', ';']);
    (number && matches!(unit, "ms" | "s" | "min")).then_some("TIME")
}

/// `20261123-224511-k7qm2x`.
fn is_run_id(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let digits = |part: &str, count| part.len() == count && part.chars().all(|c| c.is_ascii_digit());
    matches!(parts[..], [date, time, rest] if digits(date, 8) && digits(time, 6) && rest.len() == 6)
}
