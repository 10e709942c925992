using System.Net.Sockets;
using Npgsql;

namespace LipSol.Storage.Postgres;

/// <summary>Says what whoever starts a node can do about a database that it can't use.</summary>
internal static class PostgresAdvice
{
    /// <summary>What is wrong and what to do; null where there's no advice beyond the error's own words.</summary>
    public static string? Explain(NpgsqlException error, PostgresDatabase database)
    {
        string user = database.UserName is { } name ? $"the user {name}" : "the user";
        return error switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => $"There is no such database: {database.Name}. Make it with: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
            PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
                $"The server of {database.Name} doesn't let {user} in. Check Username and Password, or the server's pg_hba.conf. (A password may also stand in ~/.pgpass or in PGPASSWORD.)",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused =>
                $"In {database.Name} {user} may not do what LipSol needs: {refused.MessageText}. Make that user the database's owner, or: GRANT CREATE ON SCHEMA public TO ….",
            PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } =>
                $"The server of {database.Name} has no connection left. Raise max_connections there (a node uses up to 24), or lower Maximum Pool Size in the connection text.",
            PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } starting => $"The server of {database.Name} takes no connections yet or any more: {starting.MessageText}. Try again in a moment.",
            PostgresException => null,
            { InnerException: SocketException socket } => $"{char.ToUpperInvariant(database.Name[0])}{database.Name[1..]} can't be reached: {socket.Message}. Does the server run, and listen there?",
            { InnerException: TimeoutException } => $"The server of {database.Name} doesn't answer.",
            _ => null,
        };
    }
}
