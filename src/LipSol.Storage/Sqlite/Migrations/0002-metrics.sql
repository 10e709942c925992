-- Metric points. A run's row holds the epoch that may append, and how many batches there are.
CREATE TABLE MetricRun
(
    RunKey INTEGER PRIMARY KEY,
    RunId  TEXT    NOT NULL UNIQUE,
    Epoch  INTEGER NOT NULL,
    Open   INTEGER NOT NULL,
    Cursor INTEGER NOT NULL
);

CREATE TABLE MetricName
(
    NameKey INTEGER PRIMARY KEY,
    Name    TEXT NOT NULL UNIQUE
);

CREATE TABLE MetricBatch
(
    RunKey INTEGER NOT NULL,
    Epoch  INTEGER NOT NULL,
    Batch  INTEGER NOT NULL,
    Cursor INTEGER NOT NULL,
    PRIMARY KEY (RunKey, Epoch, Batch)
) WITHOUT ROWID;

-- One row a (run, name, step): a later epoch's value takes the place of an earlier one's. NaN has no REAL of its own in SQLite and is kept as NULL.
CREATE TABLE MetricPoint
(
    RunKey  INTEGER NOT NULL,
    NameKey INTEGER NOT NULL,
    Step    INTEGER NOT NULL,
    Epoch   INTEGER NOT NULL,
    Cursor  INTEGER NOT NULL,
    Value   REAL,
    Time    INTEGER NOT NULL,
    PRIMARY KEY (RunKey, NameKey, Step)
) WITHOUT ROWID;
