//! Artifacts: where tables lie, what they hold, and what may go.
//!
//! Workers write tables as Arrow IPC files, uncompressed; this crate opens them by mapping ([`Table`]), describes them
//! ([`describe`]: rows, [`content_id`], statistics), pages through them ([`preview`]), compares them ([`compare`]), and
//! keeps their folder in order ([`ArtifactStore`], [`plan_collection`], [`sweep`]). Files are not trusted: whatever
//! they hold, the answer is a value or an [`ArtifactError`].

mod canonical;
mod cell;
mod collect;
mod compare;
mod content;
mod describe;
mod durable;
mod error;
mod kept_preview;
mod key;
mod keys;
mod preview;
mod stats;
mod storage;
mod sweep;
mod table;
mod time_text;
mod type_name;
mod walk;

pub use collect::{Candidate, CollectPlan, plan_collection};
pub use compare::{CellDiff, ColumnDiff, MAX_DIFF_ROWS, RowDiff, SchemaDiff, TableDiff, compare, compare_tables};
pub use content::{content_id, layout_id};
pub use describe::{TableDescription, describe, describe_table};
pub use durable::fsync_file_and_dir;
pub use error::ArtifactError;
pub use kept_preview::{KEPT_PREVIEW_ROWS, keep_preview, kept_preview_path};
pub use key::{ArtifactKey, MAX_KEY_BYTES, MAX_KEY_PART_BYTES};
pub use preview::{MAX_PREVIEW_CELLS, MAX_PREVIEW_ROWS, Preview, PreviewColumn, preview, preview_table};
pub use stats::{
    ColumnKind, ColumnStats, Distinct, HISTOGRAM_BINS, Histogram, MAX_EXACT_DISTINCT, MAX_EXACT_QUANTILE_ROWS,
    MAX_LISTED_DISTINCT, QUANTILE_PERCENTS, Quantile, TOP_VALUES, TableStats, TopValue,
};
pub use storage::{ArtifactEntry, ArtifactStore, LocalArtifacts, MemoryArtifacts};
pub use sweep::{SweepReport, sweep};
pub use table::Table;
pub use type_name::type_name;
