using System.Data.Common;
using Npgsql;

namespace LipSol.Storage;

/// <summary>The text that names a database. Nothing of it is repeated in an error but what can't be a part of a password.</summary>
internal static class JoinText
{
    private const string Forms = "A PostgreSQL database for a cluster is named as in \"Host=db.example.org;Database=lipsol;Username=lipsol\", "
        + "a SQLite file for several nodes of one machine as in \"Data Source=/srv/lipsol/lipsol.db\".";
    private const string Quoting = "A value with ; or = in it stands in quotes: Password='a;b'.";
    private static readonly string[] HostKeys = ["Host", "Server"], FileKeys = ["Data Source", "DataSource", "Filename"];

    public static StorageOptions Parse(string join)
    {
        if (string.IsNullOrWhiteSpace(join)) throw new StorageException($"Nothing says which database to join. {Forms}");
        var settings = new DbConnectionStringBuilder();
        try
        {
            settings.ConnectionString = join;
        }
        catch (ArgumentException)
        {
            throw new StorageException($"{Named(join)} names no database: it isn't a list of KEY=VALUE with ; between. {Forms} {Quoting}");
        }
        if (HostKeys.Any(settings.ContainsKey))
        {
            var options = new StorageOptions { Provider = StorageProvider.PostgreSql, ConnectionString = join };
            options.Check();
            return options;
        }
        if (FileKeys.FirstOrDefault(settings.ContainsKey) is { } key) return Sqlite((string)settings[key], settings.Count);
        throw new StorageException($"The text says neither Host nor Data Source, so it names no database. {Forms}");
    }

    /// <exception cref="StorageException">Npgsql can't read it, or host or database are missing.</exception>
    public static NpgsqlConnectionStringBuilder CheckPostgres(string text)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException or OverflowException)
        {
            // Npgsql's own message may name a key that is the end of a password with a ; in it.
            throw new StorageException($"The PostgreSQL connection has {Unreadable(text)} that Npgsql can't read. {Quoting} {Forms}");
        }
        if (string.IsNullOrWhiteSpace(settings.Host)) throw new StorageException($"The PostgreSQL connection says no Host. {Forms}");
        if (string.IsNullOrWhiteSpace(settings.Database)) throw new StorageException($"The PostgreSQL connection says no Database. {Forms}");
        return settings;
    }

    public static string Describe(string text)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = CheckPostgres(text);
        }
        catch (StorageException)
        {
            return "a PostgreSQL database";
        }
        return $"the PostgreSQL database {settings.Database} at {settings.Host}:{settings.Port}";
    }

    private static StorageOptions Sqlite(string file, int settings)
    {
        if (settings > 1) throw new StorageException($"A SQLite database is named by Data Source alone; the text says more. {Forms} {Quoting}");
        if (string.IsNullOrWhiteSpace(file) || file.StartsWith(':') || file.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            throw new StorageException($"Data Source={file} is no file that several nodes could share. {Forms}");
        return new StorageOptions { Provider = StorageProvider.Sqlite, Path = file, Membership = true };
    }

    // A list without passwords in it may be shown; "postgres://user:secret@host" or a bare secret with = may not.
    private static string Named(string join) => join.AsSpan().ContainsAny("=@;'\"") ? "The text" : $"\"{join}\"";

    private static string Unreadable(string text)
    {
        var one = new DbConnectionStringBuilder();
        try
        {
            one.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            return "a part";
        }
        if (text.Contains("pass", StringComparison.OrdinalIgnoreCase) || text.Contains("pwd", StringComparison.OrdinalIgnoreCase)) return "a setting";
        foreach (string key in one.Keys)
        {
            try
            {
                _ = new NpgsqlConnectionStringBuilder { [key] = one[key] };
            }
            catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException or OverflowException)
            {
                return $"a setting \"{key}\"";
            }
        }
        return "a setting";
    }
}
