-- Names for versions of models. Moving one is one write of its row.
CREATE TABLE IF NOT EXISTS model_aliases (
    model {int} NOT NULL,
    alias {name} NOT NULL,
    version {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (model, alias),
    FOREIGN KEY (model, version) REFERENCES model_versions (model, version)
){options};
