-- The run index, to search in: narrow rows to look through, the records beside them, and what searches compare in tables of its own.
-- Shape is the form in which LipSol writes a row: rows of an older one are written anew from their record when a silo starts.
ALTER TABLE RunIndex RENAME TO RunIndexBefore;
ALTER INDEX RunIndex_pkey RENAME TO RunIndexBefore_pkey;
DROP INDEX RunIndex_CreatedAt;
DROP INDEX RunIndex_Experiment;
DROP INDEX RunIndex_Status;

CREATE TABLE RunIndex
(
    RunKey     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    RunId      text   COLLATE "C" NOT NULL UNIQUE,
    Shape      bigint NOT NULL,
    Revision   bigint NOT NULL,
    Experiment text   COLLATE "C" NOT NULL,
    Name       text   COLLATE "C" NOT NULL,
    Network    text   COLLATE "C" NOT NULL,
    Corpus     text   COLLATE "C" NOT NULL,
    Node       text   COLLATE "C",
    DataHash   text   COLLATE "C" NOT NULL,
    Seed       bigint NOT NULL,
    Status     bigint NOT NULL,
    CreatedAt  bigint NOT NULL,
    StartedAt  bigint,
    EndedAt    bigint,
    DeletedAt  bigint
);

CREATE TABLE RunIndexRecord
(
    RunKey bigint PRIMARY KEY,
    Record text   NOT NULL
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

-- By name first: a search looks at one name in all runs. Texts may be longer than an index entry, so they are in none.
CREATE TABLE RunParam
(
    Name   text   COLLATE "C" NOT NULL,
    RunKey bigint NOT NULL,
    Text   text   COLLATE "C" NOT NULL,
    Number double precision,
    PRIMARY KEY (Name, RunKey)
);
CREATE INDEX RunParam_Run ON RunParam (RunKey);

CREATE TABLE RunTag
(
    Name   text   COLLATE "C" NOT NULL,
    RunKey bigint NOT NULL,
    Text   text   COLLATE "C" NOT NULL,
    Number double precision,
    PRIMARY KEY (Name, RunKey)
);
CREATE INDEX RunTag_Run ON RunTag (RunKey);

-- NaN, which PostgreSQL takes for the greatest number, is kept as NULL.
CREATE TABLE RunMetric
(
    Name    text   COLLATE "C" NOT NULL,
    RunKey  bigint NOT NULL,
    Last    double precision,
    Minimum double precision,
    Maximum double precision,
    PRIMARY KEY (Name, RunKey)
);
CREATE INDEX RunMetric_Run ON RunMetric (RunKey);

-- What a run refers to in the artifact store.
CREATE TABLE RunArtifact
(
    Artifact text   COLLATE "C" NOT NULL,
    RunKey   bigint NOT NULL,
    PRIMARY KEY (Artifact, RunKey)
);
CREATE INDEX RunArtifact_Run ON RunArtifact (RunKey);
