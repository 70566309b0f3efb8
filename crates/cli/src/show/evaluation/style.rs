//! What the terminal can show: its width, its character set and its language; and texts made safe for it.

use serde_json::Value;
use std::io::IsTerminal;

/// Width where nobody says one, such as in a pipe.
const DEFAULT_COLUMNS: usize = 80;
/// A width outside of this is taken for a mistake.
const COLUMNS_RANGE: std::ops::RangeInclusive<usize> = 20..=1000;
/// Labels of data longer than this are cut.
const MAX_LABEL_CHARS: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub chinese: bool,
    /// Braille, blocks and box lines; else ASCII alone.
    pub unicode: bool,
    pub columns: usize,
}

impl Style {
    pub fn of_terminal() -> Style {
        Style { columns: terminal_columns(), ..Style::of_locale(|name| std::env::var(name).ok()) }
    }

    /// By `LC_ALL`, else the category's variable, else `LANG`, as POSIX has it.
    pub fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Style {
        let of = |category: &str| {
            ["LC_ALL", category, "LANG"].iter().find_map(|n| variable(n).filter(|v| !v.is_empty())).unwrap_or_default()
        };
        let characters = of("LC_CTYPE").to_ascii_lowercase();
        let unicode = characters.contains("utf-8") || characters.contains("utf8");
        Style { chinese: unicode && of("LC_MESSAGES").starts_with("zh"), unicode, columns: DEFAULT_COLUMNS }
    }

    /// Chooses between the two languages.
    pub fn say<'a>(&self, english: &'a str, chinese: &'a str) -> &'a str {
        if self.chinese { chinese } else { english }
    }

    /// What stands for a number that can't be computed.
    pub fn nothing(&self) -> &'static str {
        if self.unicode { "–" } else { "-" }
    }
}

/// `COLUMNS` where it is set, else the terminal's own answer.
fn terminal_columns() -> usize {
    let set = std::env::var("COLUMNS").ok().and_then(|v| v.parse().ok());
    let stdout = std::io::stdout();
    let asked =
        || stdout.is_terminal().then(|| rustix::termios::tcgetwinsize(&stdout).ok()).flatten().map(|s| s.ws_col.into());
    set.or_else(asked).filter(|columns| COLUMNS_RANGE.contains(columns)).unwrap_or(DEFAULT_COLUMNS)
}

/// A text from data without characters that steer a terminal.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// A class label as text, cut to [`MAX_LABEL_CHARS`].
pub fn label(value: &Value) -> String {
    let text = plain(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    if text.chars().count() <= MAX_LABEL_CHARS {
        return text;
    }
    text.chars().take(MAX_LABEL_CHARS - 2).chain("..".chars()).collect()
}

/// `12,345`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `21.2 %` of a share between 0 and 1.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Four decimals, fewer for large numbers, powers of ten for tiny ones.
pub fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 1e9 || (size > 0.0 && size < 5e-5) => format!("{value:.3e}"),
        size if size >= 1000.0 => format!("{value:.1}"),
        _ => format!("{value:.4}"),
    }
}

/// A count or a number; what stands for nothing where the value is neither.
pub fn figure(value: &Value, style: &Style) -> String {
    match (value.as_u64(), value.as_f64()) {
        (Some(whole), _) => count(whole),
        (None, Some(part)) => number(part),
        (None, None) => style.nothing().into(),
    }
}

/// Filled with spaces on the left to a width on the screen.
pub fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(crate::show::width(text))))
}

/// Filled with spaces on the right to a width on the screen.
pub fn left(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(crate::show::width(text))))
}
