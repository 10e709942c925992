-- The run index, to search in: narrow rows to look through, the records beside them, and what searches compare in tables of its own.
-- Shape is the form in which LipSol writes a row: rows of an older one are written anew from their record when a silo starts.
ALTER TABLE RunIndex RENAME TO RunIndexBefore;
DROP INDEX RunIndex_CreatedAt;
DROP INDEX RunIndex_Experiment;
DROP INDEX RunIndex_Status;

CREATE TABLE RunIndex
(
    RunKey     INTEGER PRIMARY KEY,
    RunId      TEXT    NOT NULL UNIQUE,
    Shape      INTEGER NOT NULL,
    Revision   INTEGER NOT NULL,
    Experiment TEXT    NOT NULL,
    Name       TEXT    NOT NULL,
    Network    TEXT    NOT NULL,
    Corpus     TEXT    NOT NULL,
    Node       TEXT,
    DataHash   TEXT    NOT NULL,
    Seed       INTEGER NOT NULL,
    Status     INTEGER NOT NULL,
    CreatedAt  INTEGER NOT NULL,
    StartedAt  INTEGER,
    EndedAt    INTEGER,
    DeletedAt  INTEGER
);

CREATE TABLE RunIndexRecord
(
    RunKey INTEGER PRIMARY KEY,
    Record TEXT NOT NULL
);

INSERT INTO RunIndex (RunId, Shape, Revision, Experiment, Name, Network, Corpus, DataHash, Seed, Status, CreatedAt)
SELECT RunId, 0, Revision, Experiment, '', '', '', '', 0, Status, CreatedAt FROM RunIndexBefore;
INSERT INTO RunIndexRecord (RunKey, Record)
SELECT n.RunKey, b.Record FROM RunIndexBefore b JOIN RunIndex n ON n.RunId = b.RunId;
DROP TABLE RunIndexBefore;

CREATE INDEX RunIndex_CreatedAt ON RunIndex (CreatedAt, RunId);
CREATE INDEX RunIndex_Experiment ON RunIndex (Experiment, CreatedAt, RunId);
CREATE INDEX RunIndex_Status ON RunIndex (Status, CreatedAt, RunId);
CREATE INDEX RunIndex_Shape ON RunIndex (Shape);

-- By name first: a search looks at one name in all runs.
CREATE TABLE RunParam
(
    Name   TEXT    NOT NULL,
    RunKey INTEGER NOT NULL,
    Text   TEXT    NOT NULL,
    Number REAL,
    PRIMARY KEY (Name, RunKey)
) WITHOUT ROWID;
CREATE INDEX RunParam_Run ON RunParam (RunKey);

CREATE TABLE RunTag
(
    Name   TEXT    NOT NULL,
    RunKey INTEGER NOT NULL,
    Text   TEXT    NOT NULL,
    Number REAL,
    PRIMARY KEY (Name, RunKey)
) WITHOUT ROWID;
CREATE INDEX RunTag_Run ON RunTag (RunKey);

-- NaN is kept as NULL.
CREATE TABLE RunMetric
(
    Name    TEXT    NOT NULL,
    RunKey  INTEGER NOT NULL,
    Last    REAL,
    Minimum REAL,
    Maximum REAL,
    PRIMARY KEY (Name, RunKey)
) WITHOUT ROWID;
CREATE INDEX RunMetric_Run ON RunMetric (RunKey);

-- What a run refers to in the artifact store.
CREATE TABLE RunArtifact
(
    Artifact TEXT    NOT NULL,
    RunKey   INTEGER NOT NULL,
    PRIMARY KEY (Artifact, RunKey)
) WITHOUT ROWID;
CREATE INDEX RunArtifact_Run ON RunArtifact (RunKey);
