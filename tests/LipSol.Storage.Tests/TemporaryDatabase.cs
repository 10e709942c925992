using System.Data.Common;
using LipSol.Grains.Ports;
using Microsoft.Extensions.Logging.Abstractions;

namespace LipSol.Storage.Tests;

/// <summary>A real database of a test's own, of one of the two kinds.</summary>
internal abstract class TemporaryDatabase : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _open = [];

    public abstract StorageOptions Options { get; }

    public abstract IRunIndex Index { get; }

    /// <summary>The names of the scripts that make the newest schema.</summary>
    public abstract List<string> Scripts { get; }

    /// <summary>A database with the newest schema. Skips the test where its server isn't installed.</summary>
    public static async Task<TemporaryDatabase> CreateAsync(StorageProvider provider = StorageProvider.Sqlite, Durability durability = Durability.ProcessKill)
    {
        if (provider == StorageProvider.PostgreSql) return await PostgresTestDatabase.CreateAsync(migrated: true, durability);
        TemporaryDatabase database = new SqliteTestDatabase(durability);
        await database.MigrateAsync();
        return database;
    }

    /// <summary>A database without a table. Skips the test where its server isn't installed.</summary>
    public static async Task<TemporaryDatabase> EmptyAsync(StorageProvider provider = StorageProvider.Sqlite, Durability durability = Durability.ProcessKill) =>
        provider == StorageProvider.PostgreSql ? await PostgresTestDatabase.CreateAsync(migrated: false, durability) : new SqliteTestDatabase(durability);

    /// <summary>Brings the schema up to date, as a version that has <paramref name="only"/> these scripts does.</summary>
    public abstract Task MigrateAsync(Func<string, bool>? only = null);

    /// <summary>A store with connections of its own, as another process has it.</summary>
    public IMetricStore OpenMetrics() => Keep(MakeMetrics());

    public List<string> Query(string text)
    {
        using DbConnection connection = Open();
        using DbCommand command = connection.CreateCommand();
        command.CommandText = text;
        var rows = new List<string>();
        using DbDataReader reader = command.ExecuteReader();
        while (reader.Read()) rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable open in Enumerable.Reverse(_open)) await open.DisposeAsync();
        await RemoveAsync();
    }

    protected abstract IMetricStore MakeMetrics();

    protected abstract DbConnection Open();

    protected abstract Task RemoveAsync();

    protected T Keep<T>(T open)
    {
        if (open is IAsyncDisposable disposable) _open.Add(disposable);
        return open;
    }

    protected static NullLogger<T> NoLog<T>() => NullLogger<T>.Instance;
}
