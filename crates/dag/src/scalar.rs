//! What an unquoted scalar means: the YAML 1.2 core schema and nothing older (`no` is a text, `1:30` too).

use crate::Value;

/// A number that fits neither a 64-bit integer nor a finite 64-bit float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberTooLarge;

/// The value of a scalar. `plain`: it stood without quotes.
pub(crate) fn resolve(text: &str, plain: bool) -> Result<Value, NumberTooLarge> {
    if !plain {
        return Ok(Value::Str(text.to_owned()));
    }
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::Float(f64::NEG_INFINITY),
        _ => return resolve_number(text),
    })
}

/// Whether a text written without quotes would be read as that text.
pub(crate) fn is_text(text: &str) -> bool {
    matches!(resolve(text, true), Ok(Value::Str(_)))
}

fn resolve_number(text: &str) -> Result<Value, NumberTooLarge> {
    // Cheap way out for the common case, names.
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Ok(Value::Str(text.to_owned()));
    }
    let radix =
        |digits: &str, radix: u32| i64::from_str_radix(digits, radix).map(Value::Int).map_err(|_| NumberTooLarge);
    if let Some(digits) = text.strip_prefix("0o").filter(|d| all(d, |c| matches!(c, '0'..='7'))) {
        return radix(digits, 8);
    }
    if let Some(digits) = text.strip_prefix("0x").filter(|d| all(d, |c| c.is_ascii_hexdigit())) {
        return radix(digits, 16);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if all(unsigned, |c| c.is_ascii_digit()) {
        return text.parse().map(Value::Int).map_err(|_| NumberTooLarge);
    }
    if is_float(unsigned) {
        let float: f64 = text.parse().map_err(|_| NumberTooLarge)?;
        return if float.is_finite() { Ok(Value::Float(float)) } else { Err(NumberTooLarge) };
    }
    Ok(Value::Str(text.to_owned()))
}

fn all(text: &str, test: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(test)
}

/// `( . [0-9]+ | [0-9]+ ( . [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_float(text: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa_ok =
        if whole.is_empty() { all(fraction, is_digit) } else { all(whole, is_digit) && fraction.chars().all(is_digit) };
    mantissa_ok && exponent.is_none_or(|e| all(e, is_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Value) {
        assert_eq!(resolve(text, true), Ok(expected), "{text}");
    }

    #[test]
    fn core_schema() {
        for text in [
            "no",
            "yes",
            "on",
            "y",
            "nULL",
            "tRUE",
            "1:30",
            "0b11",
            "1_000",
            "0o8",
            "0xg",
            "0o",
            "+",
            "-",
            ".",
            "+.nan",
            "1.2.3",
            "e3",
            "1e",
            "2024-01-01",
            "-0x1",
            ".e1",
            "infinity",
            "nan",
            "+-1",
        ] {
            check(text, Value::Str(text.into()));
        }
        for (text, int) in [("0", 0), ("007", 7), ("+12", 12), ("-3", -3), ("0o17", 15), ("0x1F", 31)] {
            check(text, Value::Int(int));
        }
        for (text, float) in [
            ("1.", 1.0),
            (".5", 0.5),
            ("-.5", -0.5),
            ("1e3", 1000.0),
            ("1E-3", 0.001),
            ("+1.5e+2", 150.0),
            (".inf", f64::INFINITY),
        ] {
            check(text, Value::Float(float));
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            check(text, Value::Null);
        }
        for text in ["9223372036854775808", "0xFFFFFFFFFFFFFFFF", "1e999", "-99999999999999999999"] {
            assert_eq!(resolve(text, true), Err(NumberTooLarge), "{text}");
        }
        assert_eq!(resolve("1", false), Ok(Value::Str("1".into())));
    }
}
