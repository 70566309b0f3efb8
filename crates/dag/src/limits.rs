//! How much of a text the reader accepts, so that no input can exhaust memory, stack or time.

const MIB_BYTES: usize = 1024 * 1024;
/// Largest DAG text read from a file by the CLI.
pub const MAX_FILE_BYTES: usize = 256 * MIB_BYTES;
/// Largest DAG text taken from an authenticated API call.
pub const MAX_API_BYTES: usize = 64 * MIB_BYTES;
/// Largest DAG text taken anywhere else.
pub const MAX_SMALL_BYTES: usize = MIB_BYTES;
/// Deepest nesting of maps and lists. Values are walked recursively later on, so this also bounds the stack.
pub const MAX_DEPTH_LEVELS: usize = 64;
/// How often `*aliases` may be expanded in one text.
pub const MAX_ALIAS_EXPANSIONS: usize = 1_000;
/// Operators of one DAG.
pub const MAX_OPERATORS: usize = 1_000_000;
/// Edges of one DAG.
pub const MAX_EDGES: usize = 10_000_000;
/// Values (scalars, lists, maps) that any text may hold, however short.
pub const BASE_VALUES: usize = 100_000;
/// Beyond [`BASE_VALUES`], one value for so many bytes of text, counted after alias expansion.
pub const BYTES_PER_VALUE: usize = 4;
/// Values that may stand below anchors (`&name`), which have to be remembered for their aliases.
pub const MAX_ANCHORED_VALUES: usize = 50_000;
/// Longest key.
pub const MAX_KEY_BYTES: usize = 1_024;
/// Longest operator id.
pub const MAX_ID_BYTES: usize = 256;
/// Faults reported of one text; a last one says how many more there are.
pub const MAX_FAULTS: usize = 1_000;

/// Bounds for one call of [`crate::read`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub max_bytes: usize,
    pub max_depth: usize,
    pub max_alias_expansions: usize,
    pub max_operators: usize,
    pub max_edges: usize,
}

impl Limits {
    /// For a file named on the command line: 256 MiB.
    pub fn file() -> Limits {
        Limits::with_bytes(MAX_FILE_BYTES)
    }

    /// For an authenticated API call: 64 MiB.
    pub fn api() -> Limits {
        Limits::with_bytes(MAX_API_BYTES)
    }

    /// For everything else: 1 MiB.
    pub fn small() -> Limits {
        Limits::with_bytes(MAX_SMALL_BYTES)
    }

    fn with_bytes(max_bytes: usize) -> Limits {
        Limits {
            max_bytes,
            max_depth: MAX_DEPTH_LEVELS,
            max_alias_expansions: MAX_ALIAS_EXPANSIONS,
            max_operators: MAX_OPERATORS,
            max_edges: MAX_EDGES,
        }
    }

    /// How many values a text of `bytes` bytes may hold.
    pub(crate) fn max_values(&self, bytes: usize) -> usize {
        BASE_VALUES + bytes / BYTES_PER_VALUE
    }
}
