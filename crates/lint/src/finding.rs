//! A finding as it is told.

use suanzi_dag::Edit;

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub en: String,
    pub zh: String,
}

/// Something that is probably wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// One of [`crate::CODES`].
    pub code: &'static str,
    /// Position in `Dag::operators`.
    pub operator: u32,
    pub message: Said,
    pub hint: Said,
    pub fix: Option<Fix>,
}

/// Edits that make a finding go away.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    pub label: Said,
    pub edits: Vec<Edit>,
}

pub(crate) fn said(en: impl Into<String>, zh: impl Into<String>) -> Said {
    Said { en: en.into(), zh: zh.into() }
}
