using Npgsql;

namespace LipSol.Storage.Postgres;

/// <summary>
/// Opens connections with LipSol's settings. Two pools: what tells that a node lives never waits behind a burst of records.
/// Every setting here is a default that the connection text may override, except those that promises rest on.
/// </summary>
internal sealed class PostgresDatabase : IAsyncDisposable, IDisposable
{
    private const int LargestPool = 20, LargestMembershipPool = 4;

    public PostgresDatabase(StorageOptions options)
    {
        NpgsqlConnectionStringBuilder settings = JoinText.CheckPostgres(options.ConnectionString);
        Name = options.ToString();
        UserName = settings.Username;
        Default(settings, "Application Name", "lipsol");
        Default(settings, "Maximum Pool Size", LargestPool);
        Default(settings, "Timeout", 10);
        // A connection whose server has gone is known as broken after these, not after the system's two hours.
        Default(settings, "Keepalive", 15);
        Default(settings, "Tcp Keepalive", true);
        Default(settings, "Tcp Keepalive Time", 15);
        Default(settings, "Tcp Keepalive Interval", 5);
        Default(settings, "Max Auto Prepare", 60);
        // A row lock outlives neither the node that held it nor a node that stands still.
        string session = $"-c synchronous_commit={(options.Durability == Durability.PowerCut ? "on" : "off")} -c lock_timeout={(long)options.BusyTimeout.TotalMilliseconds}"
            + " -c idle_in_transaction_session_timeout=15000 -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";
        settings.Options = string.IsNullOrWhiteSpace(settings.Options) ? session : settings.Options + " " + session;
        settings.Timezone = "UTC";
        // Nothing here or in Orleans changes a session, so there's nothing to reset either.
        settings.NoResetOnClose = true;
        settings.PersistSecurityInfo = false;
        settings.IncludeErrorDetail = false;
        Records = NpgsqlDataSource.Create(settings);

        settings.ApplicationName += " membership";
        settings.MaxPoolSize = Math.Min(settings.MaxPoolSize, LargestMembershipPool);
        settings.MinPoolSize = 0;
        settings.CommandTimeout = Math.Min(settings.CommandTimeout, 10);
        Membership = NpgsqlDataSource.Create(settings);
    }

    /// <summary>For people; never a password.</summary>
    public string Name { get; }

    /// <summary>The user as given; null: the one Npgsql finds by itself.</summary>
    public string? UserName { get; }

    /// <summary>For grain state, reminders, metrics and the run index.</summary>
    public NpgsqlDataSource Records { get; }

    /// <summary>For Orleans' membership and the nodes' presence.</summary>
    public NpgsqlDataSource Membership { get; }

    /// <summary>
    /// Does something repeatable on a connection; once more where the connection turns out to be gone, as all that the pool holds are after the server was restarted.
    /// </summary>
    public Task<T> RunAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) => RunAsync(Records, work, cancellationToken);

    /// <summary>The same, on a connection of one of the two pools.</summary>
    public async Task<T> RunAsync<T>(NpgsqlDataSource pool, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await using NpgsqlConnection connection = await pool.OpenConnectionAsync(cancellationToken);
                return await work(connection, cancellationToken);
            }
            catch (Exception e) when (attempt == 0 && StorageErrors.IsConnectionGone(e))
            {
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Records.DisposeAsync();
        await Membership.DisposeAsync();
    }

    public void Dispose()
    {
        Records.Dispose();
        Membership.Dispose();
    }

    private static void Default(NpgsqlConnectionStringBuilder settings, string key, object value)
    {
        if (!settings.ShouldSerialize(key)) settings[key] = value;
    }
}
