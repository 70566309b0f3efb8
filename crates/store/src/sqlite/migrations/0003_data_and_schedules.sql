-- Imported datasets, schedules with the runs they began, and messages about runs' ends.

ALTER TABLE datasets ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE datasets ADD COLUMN format TEXT NOT NULL DEFAULT '';
ALTER TABLE datasets ADD COLUMN rows INTEGER;
ALTER TABLE datasets ADD COLUMN bytes INTEGER;
ALTER TABLE datasets ADD COLUMN columns TEXT NOT NULL DEFAULT '';
ALTER TABLE datasets ADD COLUMN managed INTEGER NOT NULL DEFAULT 0 CHECK (managed IN (0, 1));

-- One row per DAG that ever had a schedule. Every due time up to `handled_to` is settled; `spec` is the schedule under which.
CREATE TABLE schedules (
    dag INTEGER PRIMARY KEY REFERENCES dags (key),
    spec TEXT NOT NULL,
    handled_to INTEGER NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    last TEXT NOT NULL DEFAULT ''
) STRICT;

-- Written in the transaction that creates the run: a logical time of a DAG begins one run, ever.
CREATE TABLE scheduled_runs (
    dag INTEGER NOT NULL REFERENCES dags (key),
    logical_at INTEGER NOT NULL,
    run INTEGER NOT NULL UNIQUE REFERENCES runs (key),
    PRIMARY KEY (dag, logical_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE notifications (
    key INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    url TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up')),
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_at INTEGER NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    UNIQUE (run_id, url)
) STRICT;
CREATE INDEX notifications_waiting ON notifications (next_at) WHERE state = 'waiting';
