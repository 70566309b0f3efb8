-- The first schema. Unsigned 64-bit numbers (tokens, sequences, sizes) are stored by their bits in signed columns; times are milliseconds since 1970.
-- Hot tables (tasks to cache_keys) declare no foreign keys: the run's ownership is checked once per batch instead of once per row.

CREATE TABLE dags (
    key INTEGER PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE dag_versions (
    key INTEGER PRIMARY KEY,
    dag INTEGER NOT NULL REFERENCES dags (key),
    version INTEGER NOT NULL CHECK (version >= 1),
    source TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (dag, version)
) STRICT;

CREATE TABLE operators (
    dag_version INTEGER NOT NULL,
    op INTEGER NOT NULL CHECK (op >= 0),
    operator_id TEXT NOT NULL,
    algo_name TEXT NOT NULL,
    category TEXT NOT NULL,
    inputs TEXT NOT NULL,
    outputs TEXT NOT NULL,
    params TEXT NOT NULL,
    config TEXT NOT NULL,
    PRIMARY KEY (dag_version, op)
) STRICT, WITHOUT ROWID;

CREATE TABLE relations (
    dag_version INTEGER NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    source INTEGER NOT NULL,
    source_index INTEGER NOT NULL,
    target INTEGER NOT NULL,
    target_index INTEGER NOT NULL,
    PRIMARY KEY (dag_version, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    key INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    dag INTEGER NOT NULL REFERENCES dags (key),
    dag_version INTEGER NOT NULL REFERENCES dag_versions (key),
    state TEXT NOT NULL CHECK (state IN ('running', 'success', 'failed', 'cancelled')),
    config TEXT NOT NULL,
    total INTEGER NOT NULL CHECK (total >= 0),
    token_seed INTEGER NOT NULL,
    owner TEXT NOT NULL,
    owner_epoch INTEGER NOT NULL CHECK (owner_epoch >= 1),
    cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
    seq INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    CHECK ((state = 'running') = (ended_at IS NULL))
) STRICT;
CREATE INDEX runs_by_dag ON runs (dag);
CREATE INDEX runs_by_version ON runs (dag_version);
CREATE INDEX runs_open ON runs (state) WHERE state = 'running';

-- `token` is the newest attempt's: a result is accepted by one compare-and-set on this row.
CREATE TABLE tasks (
    run INTEGER NOT NULL,
    op INTEGER NOT NULL CHECK (op >= 0),
    state TEXT NOT NULL CHECK (state IN ('running', 'retrying', 'success', 'cached', 'failed', 'skipped', 'cancelled')),
    attempt_no INTEGER NOT NULL CHECK (attempt_no >= 0),
    token INTEGER NOT NULL,
    failures INTEGER NOT NULL CHECK (failures >= 0),
    seq INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (run, op)
) STRICT, WITHOUT ROWID;
CREATE INDEX tasks_open ON tasks (run, op) WHERE state IN ('running', 'retrying');

-- A running attempt is always its task's newest, so `tasks_open` finds it.
CREATE TABLE attempts (
    run INTEGER NOT NULL,
    op INTEGER NOT NULL CHECK (op >= 0),
    attempt_no INTEGER NOT NULL CHECK (attempt_no >= 1),
    token INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'success', 'failed', 'timed_out', 'cancelled', 'lost')),
    dispatched_at INTEGER NOT NULL,
    ended_at INTEGER,
    wall_us INTEGER NOT NULL DEFAULT 0,
    cpu_us INTEGER NOT NULL DEFAULT 0,
    peak_rss_bytes INTEGER NOT NULL DEFAULT 0,
    worker TEXT NOT NULL DEFAULT '',
    failure TEXT NOT NULL DEFAULT '',
    log_file INTEGER NOT NULL DEFAULT 0,
    log_start INTEGER NOT NULL DEFAULT 0,
    log_end INTEGER NOT NULL DEFAULT 0,
    history_key TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (run, op, attempt_no),
    CHECK ((state = 'running') = (ended_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_history ON attempts (history_key, ended_at) WHERE state = 'success' AND history_key <> '';

CREATE TABLE artifacts (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    run INTEGER NOT NULL,
    op INTEGER NOT NULL,
    port_type TEXT NOT NULL,
    path TEXT NOT NULL,
    inline BLOB,
    bytes INTEGER NOT NULL,
    rows INTEGER,
    manifest TEXT NOT NULL,
    identity TEXT,
    content_id TEXT,
    stats TEXT,
    durable INTEGER NOT NULL DEFAULT 0 CHECK (durable IN (0, 1)),
    present INTEGER NOT NULL DEFAULT 1 CHECK (present IN (0, 1)),
    created_at INTEGER NOT NULL,
    last_used INTEGER NOT NULL
) STRICT;
CREATE INDEX artifacts_not_durable ON artifacts (key) WHERE durable = 0;
CREATE INDEX artifacts_least_used ON artifacts (last_used) WHERE present = 1 AND path <> '';

CREATE TABLE task_outputs (
    run INTEGER NOT NULL,
    op INTEGER NOT NULL,
    port INTEGER NOT NULL CHECK (port >= 0),
    artifact INTEGER NOT NULL,
    PRIMARY KEY (run, op, port)
) STRICT, WITHOUT ROWID;

-- One row per successful task that published. `key` rises with each commit: the higher one is the newer result. Its artifacts are the task's outputs.
CREATE TABLE results (
    key INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    op INTEGER NOT NULL,
    attempt_no INTEGER NOT NULL,
    self_hash BLOB CHECK (self_hash IS NULL OR length(self_hash) = 32),
    UNIQUE (run, op)
) STRICT;
CREATE INDEX self_hashes ON results (self_hash) WHERE self_hash IS NOT NULL;

CREATE TABLE cache_keys (
    key BLOB PRIMARY KEY CHECK (length(key) = 32),
    result INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE file_contents (
    path TEXT PRIMARY KEY,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    content_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE datasets (
    id TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    description TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE models (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE model_versions (
    model INTEGER NOT NULL REFERENCES models (key),
    version INTEGER NOT NULL CHECK (version >= 1),
    run INTEGER NOT NULL REFERENCES runs (key),
    op INTEGER NOT NULL,
    artifact INTEGER NOT NULL REFERENCES artifacts (key),
    manifest TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (model, version),
    UNIQUE (run, op)
) STRICT, WITHOUT ROWID;
CREATE INDEX model_versions_by_artifact ON model_versions (artifact);
