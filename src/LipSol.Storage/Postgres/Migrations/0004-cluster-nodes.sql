-- Which nodes are in the cluster. The times are this server's.
CREATE TABLE ClusterNode
(
    Name        text        COLLATE "C" NOT NULL PRIMARY KEY,
    Instance    text        NOT NULL,
    Incarnation text        NOT NULL,
    Contract    integer     NOT NULL,
    Version     text        NOT NULL,
    JoinedAt    timestamptz NOT NULL,
    RenewedAt   timestamptz NOT NULL
) WITH (fillfactor = 50);
