//! What is wrong with a DAG, said so that its author can act: place, reason, hint.

use std::fmt;

/// Line and column, both counted from 1 (columns in characters).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

/// One fault. `code` is stable (`unknown_key`, `cycle`, `port_type`, …) and has a page in `docs/errors/`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    pub code: &'static str,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The operator it concerns, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// A warning doesn't stop a run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub warning: bool,
}

impl Fault {
    pub fn new(code: &'static str, message: impl Into<String>) -> Fault {
        Fault { code, message: message.into(), hint: None, place: None, operator: None, warning: false }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Fault {
        self.hint = Some(hint.into());
        self
    }

    pub fn at(mut self, place: Option<Place>) -> Fault {
        self.place = place;
        self
    }

    pub fn operator(mut self, id: impl Into<String>) -> Fault {
        self.operator = Some(id.into());
        self
    }

    pub fn warning(mut self) -> Fault {
        self.warning = true;
        self
    }
}

impl fmt::Display for Fault {
    /// `12:5: error[cycle]: message` and, on a line of its own, `hint: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place {
            write!(f, "{}:{}: ", place.line, place.column)?;
        }
        write!(f, "{}[{}]: {}", if self.warning { "warning" } else { "error" }, self.code, self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

/// All faults of one text, in the order of their places.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|f| !f.warning)
    }

    pub fn sort(&mut self) {
        self.0.sort_by_key(|f| f.place.map_or((u32::MAX, u32::MAX), |p| (p.line, p.column)));
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
