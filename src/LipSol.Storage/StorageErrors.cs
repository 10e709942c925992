using Microsoft.Data.Sqlite;

namespace LipSol.Storage;

/// <summary>What an error of the database means for whoever asked.</summary>
public static class StorageErrors
{
    // SQLITE_FULL; SQLITE_IOERR_SHMSIZE: the file that the log's readers share could not grow. https://www.sqlite.org/rescode.html
    private const int Full = 13, NoRoomForSharedMemory = 4874;

    /// <summary>Whether this error, or one that led to it, says that the database's disk is full. What failed changed nothing, and may be tried again once there is room.</summary>
    public static bool IsDiskFull(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
            if (error is SqliteException { SqliteErrorCode: Full } or SqliteException { SqliteExtendedErrorCode: NoRoomForSharedMemory }) return true;
        return false;
    }
}
