//! Models in ONNX's form, run in this process by the ONNX Runtime that is installed. The library is opened when the first model comes; a build without the feature `runtime` opens none.

#[cfg_attr(feature = "runtime", path = "session.rs")]
#[cfg_attr(not(feature = "runtime"), path = "without.rs")]
mod session;

pub use session::{Model, Runtime};

/// Why a model can't be run here, in one line.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

/// What a model says of rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// Of each row.
    pub results: Results,
    /// Of each row, and within it of each class.
    pub scores: Option<Scores>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Results {
    Values(Vec<f64>),
    Integers(Vec<i64>),
    Texts(Vec<String>),
}

/// Row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    pub values: Vec<f64>,
    pub width: usize,
}

impl Default for Results {
    fn default() -> Results {
        Results::Values(Vec::new())
    }
}

impl Results {
    pub fn len(&self) -> usize {
        match self {
            Results::Values(values) => values.len(),
            Results::Integers(values) => values.len(),
            Results::Texts(values) => values.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
