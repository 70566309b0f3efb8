-- Models that are served under a name. A switch of versions is one write of the row.
CREATE TABLE IF NOT EXISTS services (
    name {text} PRIMARY KEY,
    model {int} NOT NULL,
    version {int} NOT NULL,
    before_model {int},
    before_version {int},
    concurrency {int} NOT NULL CHECK (concurrency >= 1),
    created_at {int} NOT NULL,
    changed_at {int} NOT NULL,
    FOREIGN KEY (model, version) REFERENCES model_versions (model, version),
    FOREIGN KEY (before_model, before_version) REFERENCES model_versions (model, version)
){options};
