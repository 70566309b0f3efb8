-- DAGs that are kept under a title, with a draft beside their versions, and requests that must not be done twice.

ALTER TABLE dags ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE dags ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1));
-- The revision outlives the draft: a new one never has an old one's number.
ALTER TABLE dags ADD COLUMN draft TEXT;
ALTER TABLE dags ADD COLUMN draft_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dags ADD COLUMN draft_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE asked_once (
    key TEXT PRIMARY KEY,
    request_hash TEXT NOT NULL,
    run_id TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX asked_once_by_age ON asked_once (created_at);
