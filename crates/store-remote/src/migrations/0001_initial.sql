-- The first schema on servers: the tables of SQLite's third. Words in braces are said in each server's own way.
-- Hot tables (tasks to cache_keys) declare no foreign keys: the run's row is locked once per batch instead of looked at per row.

CREATE TABLE IF NOT EXISTS dags (
    "key" {id},
    identity {text} NOT NULL UNIQUE,
    title {long} NOT NULL,
    hidden {int} NOT NULL CHECK (hidden IN (0, 1)),
    draft {long},
    draft_revision {int} NOT NULL,
    draft_at {int} NOT NULL
){options};

CREATE TABLE IF NOT EXISTS dag_versions (
    "key" {id},
    dag {int} NOT NULL,
    version {int} NOT NULL CHECK (version >= 1),
    source {long} NOT NULL,
    source_hash {long} NOT NULL,
    created_at {int} NOT NULL,
    UNIQUE (dag, version),
    FOREIGN KEY (dag) REFERENCES dags ("key")
){options};

CREATE TABLE IF NOT EXISTS operators (
    dag_version {int} NOT NULL,
    op {int} NOT NULL CHECK (op >= 0),
    operator_id {long} NOT NULL,
    algo_name {long} NOT NULL,
    category {long} NOT NULL,
    inputs {long} NOT NULL,
    outputs {long} NOT NULL,
    params {long} NOT NULL,
    config {long} NOT NULL,
    PRIMARY KEY (dag_version, op)
){options};

CREATE TABLE IF NOT EXISTS relations (
    dag_version {int} NOT NULL,
    position {int} NOT NULL CHECK (position >= 0),
    source {int} NOT NULL,
    source_index {int} NOT NULL,
    target {int} NOT NULL,
    target_index {int} NOT NULL,
    PRIMARY KEY (dag_version, position)
){options};

CREATE TABLE IF NOT EXISTS runs (
    "key" {id},
    run_id {name} NOT NULL UNIQUE,
    dag {int} NOT NULL,
    dag_version {int} NOT NULL,
    state {name} NOT NULL CHECK (state IN ('running', 'success', 'failed', 'cancelled')),
    config {long} NOT NULL,
    total {int} NOT NULL CHECK (total >= 0),
    token_seed {int} NOT NULL,
    owner {name} NOT NULL,
    owner_epoch {int} NOT NULL CHECK (owner_epoch >= 1),
    cancel_requested {int} NOT NULL CHECK (cancel_requested IN (0, 1)),
    seq {int} NOT NULL,
    created_at {int} NOT NULL,
    ended_at {int},
    CHECK ((state = 'running') = (ended_at IS NULL)),
    FOREIGN KEY (dag) REFERENCES dags ("key"),
    FOREIGN KEY (dag_version) REFERENCES dag_versions ("key")
){options};
CREATE INDEX runs_by_dag ON runs (dag);
CREATE INDEX runs_by_version ON runs (dag_version);
CREATE INDEX runs_open ON runs (state) {where} state = 'running';

-- `token` is the newest attempt's.
CREATE TABLE IF NOT EXISTS tasks (
    run {int} NOT NULL,
    op {int} NOT NULL CHECK (op >= 0),
    state {name} NOT NULL CHECK (state IN ('running', 'retrying', 'success', 'cached', 'failed', 'skipped', 'cancelled')),
    attempt_no {int} NOT NULL CHECK (attempt_no >= 0),
    token {int} NOT NULL,
    failures {int} NOT NULL CHECK (failures >= 0),
    seq {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (run, op)
){options};

CREATE TABLE IF NOT EXISTS attempts (
    run {int} NOT NULL,
    op {int} NOT NULL CHECK (op >= 0),
    attempt_no {int} NOT NULL CHECK (attempt_no >= 1),
    token {int} NOT NULL,
    state {name} NOT NULL CHECK (state IN ('running', 'success', 'failed', 'timed_out', 'cancelled', 'lost')),
    dispatched_at {int} NOT NULL,
    ended_at {int},
    wall_us {int} NOT NULL,
    cpu_us {int} NOT NULL,
    peak_rss_bytes {int} NOT NULL,
    worker {long} NOT NULL,
    failure {long} NOT NULL,
    log_file {int} NOT NULL,
    log_start {int} NOT NULL,
    log_end {int} NOT NULL,
    history_key {text} NOT NULL,
    PRIMARY KEY (run, op, attempt_no),
    CHECK ((state = 'running') = (ended_at IS NULL))
){options};
CREATE INDEX attempts_by_history ON attempts (history_key, ended_at) {where} state = 'success' AND history_key <> '';

CREATE TABLE IF NOT EXISTS artifacts (
    "key" {id},
    id {text} NOT NULL UNIQUE,
    run {int} NOT NULL,
    op {int} NOT NULL,
    port_type {long} NOT NULL,
    path {long} NOT NULL,
    inline {blob},
    bytes {int} NOT NULL,
    "rows" {int},
    manifest {long} NOT NULL,
    identity {long},
    content_id {long},
    stats {long},
    durable {int} NOT NULL CHECK (durable IN (0, 1)),
    present {int} NOT NULL CHECK (present IN (0, 1)),
    created_at {int} NOT NULL,
    last_used {int} NOT NULL
){options};
CREATE INDEX artifacts_not_durable ON artifacts (durable) {where} durable = 0;
CREATE INDEX artifacts_least_used ON artifacts (present, last_used) {where} present = 1 AND path <> '';

CREATE TABLE IF NOT EXISTS task_outputs (
    run {int} NOT NULL,
    op {int} NOT NULL,
    port {int} NOT NULL CHECK (port >= 0),
    artifact {int} NOT NULL,
    PRIMARY KEY (run, op, port)
){options};
CREATE INDEX task_outputs_by_artifact ON task_outputs (artifact);

CREATE TABLE IF NOT EXISTS results (
    "key" {id},
    run {int} NOT NULL,
    op {int} NOT NULL,
    attempt_no {int} NOT NULL,
    self_hash {hash},
    UNIQUE (run, op)
){options};
CREATE INDEX self_hashes ON results (self_hash) {where} self_hash IS NOT NULL;

CREATE TABLE IF NOT EXISTS cache_keys (
    "key" {hash} PRIMARY KEY,
    result {int} NOT NULL
){options};
CREATE INDEX cache_keys_by_result ON cache_keys (result);

CREATE TABLE IF NOT EXISTS file_contents (
    path {text} PRIMARY KEY,
    device {int} NOT NULL,
    inode {int} NOT NULL,
    size {int} NOT NULL,
    mtime_ns {int} NOT NULL,
    ctime_ns {int} NOT NULL,
    content_id {long} NOT NULL
){options};

CREATE TABLE IF NOT EXISTS datasets (
    id {text} PRIMARY KEY,
    path {long} NOT NULL,
    created_at {int} NOT NULL,
    description {long} NOT NULL,
    title {long} NOT NULL,
    format {long} NOT NULL,
    "rows" {int},
    bytes {int},
    columns {long} NOT NULL,
    managed {int} NOT NULL CHECK (managed IN (0, 1))
){options};

CREATE TABLE IF NOT EXISTS models (
    "key" {id},
    name {text} NOT NULL UNIQUE
){options};

CREATE TABLE IF NOT EXISTS model_versions (
    model {int} NOT NULL,
    version {int} NOT NULL CHECK (version >= 1),
    run {int} NOT NULL,
    op {int} NOT NULL,
    artifact {int} NOT NULL,
    manifest {long} NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (model, version),
    UNIQUE (run, op),
    FOREIGN KEY (model) REFERENCES models ("key"),
    FOREIGN KEY (run) REFERENCES runs ("key"),
    FOREIGN KEY (artifact) REFERENCES artifacts ("key")
){options};
CREATE INDEX model_versions_by_artifact ON model_versions (artifact);

CREATE TABLE IF NOT EXISTS asked_once (
    "key" {text} PRIMARY KEY,
    request_hash {long} NOT NULL,
    run_id {name} NOT NULL,
    created_at {int} NOT NULL
){options};
CREATE INDEX asked_once_by_age ON asked_once (created_at);

CREATE TABLE IF NOT EXISTS schedules (
    dag {int} PRIMARY KEY,
    spec {long} NOT NULL,
    handled_to {int} NOT NULL,
    paused {int} NOT NULL CHECK (paused IN (0, 1)),
    last {long} NOT NULL,
    FOREIGN KEY (dag) REFERENCES dags ("key")
){options};

-- Written in the transaction that creates the run: a logical time of a DAG begins one run, ever.
CREATE TABLE IF NOT EXISTS scheduled_runs (
    dag {int} NOT NULL,
    logical_at {int} NOT NULL,
    run {int} NOT NULL UNIQUE,
    PRIMARY KEY (dag, logical_at),
    FOREIGN KEY (dag) REFERENCES dags ("key"),
    FOREIGN KEY (run) REFERENCES runs ("key")
){options};

CREATE TABLE IF NOT EXISTS notifications (
    "key" {id},
    run_id {name} NOT NULL,
    url {url} NOT NULL,
    body {long} NOT NULL,
    state {name} NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up')),
    attempts {int} NOT NULL CHECK (attempts >= 0),
    next_at {int} NOT NULL,
    reason {long} NOT NULL,
    created_at {int} NOT NULL,
    UNIQUE (run_id, url)
){options};
CREATE INDEX notifications_waiting ON notifications (state, next_at) {where} state = 'waiting';
