//! Durations (`30s`, `1h30m`) and memory sizes (`512MiB`, `2g`) as people write them.

const MS_PER_SECOND: f64 = 1_000.0;

/// Milliseconds of `90`, `1.5`, `500ms`, `30s`, `5m`, `1h30m`, `2d`. `None` where it is no duration.
pub fn parse_duration_ms(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    if let Some(seconds) = parse_decimal(rest) {
        return Some(seconds * MS_PER_SECOND);
    }
    let mut total_ms = 0.0;
    let mut last_unit_ms = f64::INFINITY;
    while !rest.is_empty() {
        let (number, after) = split_number(rest)?;
        let unit_len = after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let unit_ms = match after.get(..unit_len)? {
            "ms" => 1.0,
            "s" | "sec" => 1_000.0,
            "m" | "min" => 60_000.0,
            "h" => 3_600_000.0,
            "d" => 86_400_000.0,
            _ => return None,
        };
        // Units fall (`1h30m`), so that a slip such as `5m5m` is seen.
        if unit_ms >= last_unit_ms {
            return None;
        }
        last_unit_ms = unit_ms;
        total_ms += number * unit_ms;
        rest = after.get(unit_len..)?.trim_start();
    }
    Some(total_ms)
}

/// Bytes of `1048576`, `512MiB`, `512Mi`, `512m` (powers of 1024), `512MB` (powers of 1000), `2g`. `None` where it is no size.
pub(crate) fn parse_memory_bytes(text: &str) -> Option<f64> {
    let (number, unit) = split_number(text.trim())?;
    let factor = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "ki" | "kib" => 1024.0,
        "m" | "mi" | "mib" => 1024.0_f64.powi(2),
        "g" | "gi" | "gib" => 1024.0_f64.powi(3),
        "t" | "ti" | "tib" => 1024.0_f64.powi(4),
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "tb" => 1e12,
        _ => return None,
    };
    Some(number * factor)
}

/// The shortest exact form: seconds where whole, else milliseconds.
pub(crate) fn write_duration(ms: u64) -> String {
    if ms.is_multiple_of(1_000) { (ms / 1_000).to_string() } else { format!("{ms}ms") }
}

/// The largest binary unit that divides it.
pub(crate) fn write_memory(bytes: u64) -> String {
    for (unit, shift) in [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)] {
        if bytes != 0 && bytes.trailing_zeros() >= shift {
            return format!("{}{unit}", bytes >> shift);
        }
    }
    bytes.to_string()
}

fn split_number(text: &str) -> Option<(f64, &str)> {
    let len = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    Some((parse_decimal(text.get(..len)?)?, text.get(len..)?))
}

/// Digits with at most one point; no sign, no exponent, no `inf`.
fn parse_decimal(text: &str) -> Option<f64> {
    let plain = text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, ms) in [
            ("30s", Some(30e3)),
            ("5m", Some(300e3)),
            ("1h30m", Some(5400e3)),
            ("1h 30m", Some(5400e3)),
            ("500ms", Some(500.0)),
            ("2d", Some(172_800e3)),
            ("1.5", Some(1500.0)),
            ("1.5h", Some(5400e3)),
            ("5m5m", None),
            ("30m1h", None),
            ("", None),
            ("s", None),
            ("-5s", None),
            ("5 parsecs", None),
            ("inf", None),
            ("1e3s", None),
            ("5天", None),
        ] {
            assert_eq!(parse_duration_ms(text), ms, "{text}");
        }
    }

    #[test]
    fn memory() {
        for (text, bytes) in [
            ("512MiB", Some(536_870_912.0)),
            ("512 Mi", Some(536_870_912.0)),
            ("2g", Some(2_147_483_648.0)),
            ("2GB", Some(2e9)),
            ("1.5g", Some(1_610_612_736.0)),
            ("1048576", Some(1_048_576.0)),
            ("2x", None),
            ("", None),
            ("-1g", None),
            ("1..5g", None),
        ] {
            assert_eq!(parse_memory_bytes(text), bytes, "{text}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for ms in [0, 1, 999, 1000, 1500, 2_592_000_000] {
            assert_eq!(parse_duration_ms(&write_duration(ms)), Some(ms as f64));
        }
        for bytes in [1 << 20, (1 << 20) + 1, 1 << 30, 3 << 40, 1_000_000_000] {
            assert_eq!(parse_memory_bytes(&write_memory(bytes)), Some(bytes as f64));
        }
    }
}
