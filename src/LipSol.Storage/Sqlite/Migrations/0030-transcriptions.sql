-- Transcriptions whose answers can be fetched by their id, and those that are still worked on. The times are milliseconds since 1970.
CREATE TABLE Transcription
(
    Id          TEXT    NOT NULL PRIMARY KEY,
    Batch       TEXT,
    Place       INTEGER NOT NULL,
    State       TEXT    NOT NULL,
    Progress    REAL    NOT NULL,
    Node        TEXT    NOT NULL,
    Incarnation TEXT    NOT NULL,
    CreatedAt   INTEGER NOT NULL,
    RenewedAt   INTEGER NOT NULL,
    -- Null while it's worked on.
    ExpiresAt   INTEGER,
    CancelAsked INTEGER NOT NULL,
    Document    TEXT
);
CREATE INDEX TranscriptionBatch ON Transcription (Batch, Place) WHERE Batch IS NOT NULL;
CREATE INDEX TranscriptionExpiry ON Transcription (ExpiresAt) WHERE ExpiresAt IS NOT NULL;
CREATE INDEX TranscriptionUnderWay ON Transcription (RenewedAt) WHERE ExpiresAt IS NULL;
