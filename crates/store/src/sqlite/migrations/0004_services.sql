-- Models that are served under a name. A switch of versions is one write of the row.
CREATE TABLE services (
    name TEXT PRIMARY KEY,
    model INTEGER NOT NULL,
    version INTEGER NOT NULL,
    before_model INTEGER,
    before_version INTEGER,
    concurrency INTEGER NOT NULL CHECK (concurrency >= 1),
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    CHECK ((before_model IS NULL) = (before_version IS NULL)),
    FOREIGN KEY (model, version) REFERENCES model_versions (model, version),
    FOREIGN KEY (before_model, before_version) REFERENCES model_versions (model, version)
) STRICT;
