-- Transcriptions whose answers can be fetched by their id, and those that are still worked on. The times are milliseconds since 1970.
CREATE TABLE Transcription
(
    Id          text             COLLATE "C" NOT NULL PRIMARY KEY,
    Batch       text             COLLATE "C",
    Place       integer          NOT NULL,
    State       text             NOT NULL,
    Progress    double precision NOT NULL,
    Node        text             NOT NULL,
    Incarnation text             NOT NULL,
    CreatedAt   bigint           NOT NULL,
    RenewedAt   bigint           NOT NULL,
    -- Null while it's worked on.
    ExpiresAt   bigint,
    CancelAsked integer          NOT NULL,
    Document    text
);
CREATE INDEX TranscriptionBatch ON Transcription (Batch, Place) WHERE Batch IS NOT NULL;
CREATE INDEX TranscriptionExpiry ON Transcription (ExpiresAt) WHERE ExpiresAt IS NOT NULL;
CREATE INDEX TranscriptionUnderWay ON Transcription (RenewedAt) WHERE ExpiresAt IS NULL;
