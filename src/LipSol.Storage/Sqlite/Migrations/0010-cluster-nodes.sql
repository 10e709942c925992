-- Which nodes share this file. The times are milliseconds since 1970.
CREATE TABLE ClusterNode
(
    Name        TEXT    NOT NULL PRIMARY KEY,
    Instance    TEXT    NOT NULL,
    Incarnation TEXT    NOT NULL,
    Contract    INTEGER NOT NULL,
    Version     TEXT    NOT NULL,
    JoinedAt    INTEGER NOT NULL,
    RenewedAt   INTEGER NOT NULL
);
