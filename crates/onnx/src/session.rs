//! One library a process, and a session for each model.

use crate::{Answer, Error, Results, Scores};
use ort::environment::Environment;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionOutputs};
use ort::value::{DynValue, TensorElementType, TensorRef, ValueType};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The only input of a model: a row for each row, a column for each column.
const INPUT: &str = "input";

/// The process can't open a second one.
static OPENED: OnceLock<Result<(PathBuf, Environment), Error>> = OnceLock::new();

/// The library.
pub struct Runtime {
    environment: &'static Environment,
}

/// A model that takes a table of numbers. Asked from several threads it answers one after the other.
pub struct Model {
    session: Mutex<Session>,
    columns: usize,
    /// Takes double precision.
    double: bool,
}

impl Runtime {
    /// The library of that file; what was opened first stays, so another file is refused.
    pub fn open(library: &Path) -> Result<Runtime, Error> {
        let opened = OPENED.get_or_init(|| {
            let said = |error: &dyn std::fmt::Display| Error(format!("ONNX Runtime can't be opened: {error}"));
            let environment = ort::init_from(library).map_err(|e| said(&e))?;
            let environment = environment.with_name("suanzi").with_telemetry(false).build().map_err(|e| said(&e))?;
            Ok((library.to_path_buf(), environment))
        });
        match opened {
            Ok((path, environment)) if path == library => Ok(Runtime { environment }),
            Ok((path, _)) => Err(Error(format!("ONNX Runtime was opened from {} already", path.display()))),
            Err(error) => Err(error.clone()),
        }
    }

    /// A model whose one input `input` has that many columns, and whose first output is a result for each row; the second, if there is one, scores.
    pub fn model(&self, content: &[u8], columns: usize) -> Result<Model, Error> {
        let session = self.session(content).map_err(|e| Error(format!("ONNX Runtime refuses the model: {e}")))?;
        let double = match session.inputs() {
            [input] if input.name() == INPUT => match input.dtype() {
                ValueType::Tensor { ty: TensorElementType::Float64, .. } => true,
                ValueType::Tensor { ty: TensorElementType::Float32, .. } => false,
                other => return Err(Error(format!("its input is {other}, not a table of numbers"))),
            },
            _ => return Err(Error(format!("it hasn't one input called `{INPUT}`"))),
        };
        Ok(Model { session: Mutex::new(session), columns, double })
    }

    /// One thread: others are left to requests and to the workers.
    fn session(&self, content: &[u8]) -> ort::Result<Session> {
        let builder = Session::builder(self.environment)?;
        let builder = builder.with_intra_threads(1).map_err(|e| ort::Error::new(e.message()))?;
        let builder = builder.with_inter_threads(1).map_err(|e| ort::Error::new(e.message()))?;
        let mut builder = builder
            .with_optimization_level(GraphOptimizationLevel::Level3)
            .map_err(|e| ort::Error::new(e.message()))?;
        builder.commit_from_memory(content)
    }
}

impl Model {
    /// Scores rows, given one after the other.
    pub fn run(&self, cells: &[f64]) -> Result<Answer, Error> {
        let count = cells.len() / self.columns.max(1);
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let ran = match self.double {
            true => TensorRef::from_array_view(([count, self.columns], cells))
                .and_then(|input| read(&session.run([input.into()])?, count)),
            false => {
                let cells: Vec<f32> = cells.iter().map(|cell| *cell as f32).collect();
                TensorRef::from_array_view(([count, self.columns], &*cells))
                    .and_then(|input| read(&session.run([input.into()])?, count))
            }
        };
        ran.map_err(|error| Error(format!("ONNX Runtime fails on these rows: {error}")))
    }
}

fn read(outputs: &SessionOutputs<'_>, count: usize) -> ort::Result<Answer> {
    let odd = || ort::Error::new("the model's outputs aren't a result for each row");
    let mut values = outputs.values();
    let first = values.next().ok_or_else(odd)?;
    let results = match element(&first) {
        Some(TensorElementType::Int64) => Results::Integers(first.try_extract_tensor::<i64>()?.1.to_vec()),
        Some(TensorElementType::String) => Results::Texts(first.try_extract_strings()?.1),
        _ => Results::Values(numbers(&first)?),
    };
    if results.len() != count {
        return Err(odd());
    }
    let scores = match values.next() {
        None => None,
        Some(second) => {
            let values = numbers(&second)?;
            let width = values.len() / count.max(1);
            if width * count != values.len() {
                return Err(odd());
            }
            Some(Scores { values, width })
        }
    };
    Ok(Answer { results, scores })
}

fn element(value: &DynValue) -> Option<TensorElementType> {
    match value.dtype() {
        ValueType::Tensor { ty, .. } => Some(*ty),
        _ => None,
    }
}

fn numbers(value: &DynValue) -> ort::Result<Vec<f64>> {
    match element(value) {
        Some(TensorElementType::Float64) => Ok(value.try_extract_tensor::<f64>()?.1.to_vec()),
        _ => Ok(value.try_extract_tensor::<f32>()?.1.iter().map(|number| f64::from(*number)).collect()),
    }
}
