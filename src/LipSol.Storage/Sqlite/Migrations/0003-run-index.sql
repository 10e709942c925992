-- Run records once more, for searches; the truth is in the grains' state.
CREATE TABLE RunIndex
(
    RunId      TEXT    NOT NULL PRIMARY KEY,
    Experiment TEXT    NOT NULL,
    Status     INTEGER NOT NULL,
    CreatedAt  INTEGER NOT NULL,
    Revision   INTEGER NOT NULL,
    Record     TEXT    NOT NULL
);
CREATE INDEX RunIndex_CreatedAt ON RunIndex (CreatedAt DESC, RunId DESC);
CREATE INDEX RunIndex_Experiment ON RunIndex (Experiment, CreatedAt DESC, RunId DESC);
CREATE INDEX RunIndex_Status ON RunIndex (Status, CreatedAt DESC, RunId DESC);
