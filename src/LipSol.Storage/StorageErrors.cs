using System.Net.Sockets;
using LipSol.Contracts.Runs;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace LipSol.Storage;

/// <summary>What an error of the database means for whoever asked.</summary>
public static class StorageErrors
{
    // SQLITE_FULL; SQLITE_IOERR_SHMSIZE: the file that the log's readers share could not grow; SQLITE_BUSY and SQLITE_LOCKED. https://www.sqlite.org/rescode.html
    private const int Full = 13, NoRoomForSharedMemory = 4874, Busy = 5, Locked = 6;

    // The server ends or has ended, or is still starting.
    private static readonly HashSet<string> Gone = new(StringComparer.Ordinal)
    {
        PostgresErrorCodes.AdminShutdown, PostgresErrorCodes.CrashShutdown, PostgresErrorCodes.CannotConnectNow,
        "25P03", "57P05", // idle_in_transaction_session_timeout, idle_session_timeout
        PostgresErrorCodes.ConnectionException, PostgresErrorCodes.ConnectionDoesNotExist, PostgresErrorCodes.ConnectionFailure,
        PostgresErrorCodes.SqlClientUnableToEstablishSqlConnection, PostgresErrorCodes.SqlServerRejectedEstablishmentOfSqlConnection,
    };

    // It runs, and has no room for this just now: connections, memory, a lock that another holds. A read-only server is a standby that takes over, or has handed over.
    private static readonly HashSet<string> Occupied = new(StringComparer.Ordinal)
    {
        PostgresErrorCodes.TooManyConnections, PostgresErrorCodes.OutOfMemory, PostgresErrorCodes.LockNotAvailable, PostgresErrorCodes.DeadlockDetected,
        PostgresErrorCodes.SerializationFailure, PostgresErrorCodes.ReadOnlySqlTransaction,
    };

    /// <summary>Whether this error, or one that led to it, says that the database's disk is full. What failed changed nothing, and may be tried again once there is room.</summary>
    public static bool IsDiskFull(Exception? error) => Any(error, static e =>
        e is StorageFailedException { Failure: StorageFailure.DiskFull } or SqliteException { SqliteErrorCode: Full } or SqliteException { SqliteExtendedErrorCode: NoRoomForSharedMemory } or PostgresException { SqlState: PostgresErrorCodes.DiskFull });

    /// <summary>
    /// Whether this error, or one that led to it, says that the database can't be reached or doesn't get to it just now: the server is down, starts or ends, the connection broke,
    /// nothing answered in time, all connections are taken, another holds the lock. The operation may have been done or not, and may be tried again.
    /// </summary>
    public static bool IsUnavailable(Exception? error) => Any(error, static e => e switch
    {
        StorageFailedException told => told.Failure == StorageFailure.Unavailable,
        SqliteException sqlite => sqlite.SqliteErrorCode is Busy or Locked,
        PostgresException postgres => Gone.Contains(postgres.SqlState) || Occupied.Contains(postgres.SqlState),
        NpgsqlException npgsql => IsBroken(npgsql) || npgsql.InnerException is TimeoutException,
        _ => false,
    });

    /// <summary>Whether it says that the connection is gone, so that another one may do. A server that doesn't answer isn't meant: asking again would take as long again.</summary>
    internal static bool IsConnectionGone(Exception? error) => Any(error, static e => e switch
    {
        PostgresException postgres => Gone.Contains(postgres.SqlState),
        NpgsqlException npgsql => IsBroken(npgsql),
        _ => false,
    });

    private static bool IsBroken(NpgsqlException error) => error.InnerException is IOException or SocketException;

    private static bool Any(Exception? error, Func<Exception, bool> says)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (says(error)) return true;
            if (error is AggregateException several && several.InnerExceptions.Any(inner => Any(inner, says))) return true;
        }
        return false;
    }
}
