using System.Collections.Concurrent;
using LipSol.Storage.Postgres;
using Npgsql;

namespace LipSol.Storage.Metrics;

/// <summary>The keys of the metrics' names. A name is kept in a transaction of its own, before it's used: so writers never wait for each other's names.</summary>
internal sealed class PostgresMetricNames(PostgresDatabase database)
{
    private const int MostKept = 100_000;
    private readonly ConcurrentDictionary<string, int> _keys = new(StringComparer.Ordinal);

    public void Forget() => _keys.Clear();

    public async Task<Dictionary<string, int>> KeysAsync(IEnumerable<string> names)
    {
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (keys.ContainsKey(name)) continue;
            if (_keys.TryGetValue(name, out int key)) keys.Add(name, key);
            else unknown.Add(name);
        }
        if (unknown.Count == 0) return keys;

        if (_keys.Count > MostKept) _keys.Clear();
        // In one order everywhere, so that two nodes with the same new names can't wait for each other.
        string[] sorted = [.. unknown.Order(StringComparer.Ordinal)];
        foreach ((string name, int key) in await database.RunAsync((connection, token) => FindOrMakeAsync(connection, sorted, token), CancellationToken.None))
            keys[name] = _keys[name] = key;
        return keys;
    }

    private static async Task<Dictionary<string, int>> FindOrMakeAsync(NpgsqlConnection connection, string[] names, CancellationToken cancellationToken)
    {
        Dictionary<string, int> found = await FindAsync(connection, names, cancellationToken);
        if (found.Count == names.Length) return found;
        await using var make = new NpgsqlCommand("INSERT INTO MetricName (Name) SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS n (name, place) ORDER BY place ON CONFLICT (Name) DO NOTHING", connection)
        {
            Parameters = { new() { Value = names.Where(n => !found.ContainsKey(n)).ToArray() } },
        };
        await make.ExecuteNonQueryAsync(cancellationToken);
        return await FindAsync(connection, names, cancellationToken);
    }

    private static async Task<Dictionary<string, int>> FindAsync(NpgsqlConnection connection, string[] names, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand("SELECT Name, NameKey FROM MetricName WHERE Name = ANY ($1)", connection) { Parameters = { new() { Value = names } } };
        await using NpgsqlDataReader reader = await find.ExecuteReaderAsync(cancellationToken);
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken)) keys.Add(reader.GetString(0), reader.GetInt32(1));
        return keys;
    }
}
