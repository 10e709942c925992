-- Run records once more, for searches; the truth is in the grains' state. The record is text and not jsonb, which would refuse "\u0000" and lose the numbers' own form.
CREATE TABLE RunIndex
(
    RunId      text    COLLATE "C" NOT NULL PRIMARY KEY,
    Experiment text    COLLATE "C" NOT NULL,
    Status     integer NOT NULL,
    CreatedAt  bigint  NOT NULL,
    Revision   bigint  NOT NULL,
    Record     text    NOT NULL
);
CREATE INDEX RunIndex_CreatedAt ON RunIndex (CreatedAt DESC, RunId DESC);
CREATE INDEX RunIndex_Experiment ON RunIndex (Experiment, CreatedAt DESC, RunId DESC);
CREATE INDEX RunIndex_Status ON RunIndex (Status, CreatedAt DESC, RunId DESC);
