using System.Diagnostics;
using Npgsql;

namespace LipSol.Testing.Postgres;

/// <summary>
/// A PostgreSQL server of a test's own, in a folder of its own, on a port of 127.0.0.1. It ends with the test program, however that ends.
/// Where tests run as root the server runs as the package's user postgres, since PostgreSQL refuses root.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "lipsol", Secret = "a test's secret; with 'marks'", FolderPrefix = "lipsol-postgres-";
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private readonly string _programs;
    private readonly string _folder;
    private readonly string[] _settings;
    private ServerProcess? _process;
    private int _databases;

    private PostgresServer(string programs, string folder, int port, string[] settings)
    {
        _programs = programs;
        _folder = folder;
        _settings = settings;
        Port = port;
    }

    /// <summary>The port; the same after a restart.</summary>
    public int Port { get; }

    /// <summary>Why there can't be a server here, for people; null where there can.</summary>
    public static string? WhyNot => PostgresInstallation.Programs is null ? PostgresInstallation.HowToInstall : null;

    /// <summary>Makes and starts a server.</summary>
    /// <param name="syncs">Whether it syncs to the disk as it would in earnest: slower, and only for tests of durability.</param>
    /// <param name="settings">Further settings, as in <c>max_connections=10</c>.</param>
    public static async Task<PostgresServer> StartAsync(bool syncs = false, params string[] settings)
    {
        string programs = PostgresInstallation.Programs ?? throw new InvalidOperationException(PostgresInstallation.HowToInstall);
        ServerPlace.RemoveAbandoned(FolderPrefix);
        string folder = Directory.CreateTempSubdirectory($"{FolderPrefix}{Environment.ProcessId}-").FullName;
        var server = new PostgresServer(programs, folder, ServerPlace.FreePort(), [.. syncs ? [] : new[] { "fsync=off", "full_page_writes=off" }, .. settings]);
        try
        {
            await server.InitialiseAsync();
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>How to connect to one of its databases. The password in it has marks that need quotes.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = database,
        Username = User,
        Password = Secret,
    }.ToString();

    /// <summary>Makes an empty database, or a copy of <paramref name="template"/> (to which nobody may be connected), and says its name. Takes some ten milliseconds.</summary>
    public async Task<string> CreateDatabaseAsync(string? template = null)
    {
        string name = $"test_{Interlocked.Increment(ref _databases)}_{Guid.NewGuid():n}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template ?? "template0"}");
        return name;
    }

    /// <summary>Drops a database, whoever is connected to it.</summary>
    public Task DropDatabaseAsync(string name) => ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    /// <summary>Ends every connection to a database, as an administrator does.</summary>
    public Task TerminateConnectionsAsync(string database) => ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");

    /// <summary>Starts it on the same port and folder. Returns once it takes connections.</summary>
    public async Task StartAsync()
    {
        if (_process is not null) return;
        string[] command =
        [
            Path.Combine(_programs, "postgres"), "-D", Cluster, "-h", "127.0.0.1", "-p", $"{Port}", "-k", "",
            .. _settings.SelectMany(s => new[] { "-c", s }),
        ];
        _process = new ServerProcess(Unprivileged(command));
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await ExecuteAsync("SELECT 1");
                return;
            }
            catch (NpgsqlException) when (!_process.HasEnded && Stopwatch.GetElapsedTime(started) < LongestStart)
            {
                await Task.Delay(20);
            }
            catch (NpgsqlException e)
            {
                throw new InvalidOperationException($"The PostgreSQL server didn't start. Its last words: {_process.Output}", e);
            }
        }
    }

    /// <summary>Stops it at once and cleanly: connections are ended, what was committed is written.</summary>
    public Task StopAsync() => EndAsync("INT");

    /// <summary>Stops it as a crash does: nothing is written back, and the next start recovers from the log.</summary>
    public Task CrashAsync() => EndAsync("QUIT");

    /// <summary>Stops it and starts it again.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Lets every process of it stand still, as an overloaded machine or a cut network does: connections stay open and nothing answers.</summary>
    public void Pause() => (_process ?? throw new InvalidOperationException("The server doesn't run.")).SignalAll("STOP");

    /// <summary>Lets it go on.</summary>
    public void Continue() => _process?.SignalAll("CONT");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync("QUIT");
        NpgsqlConnection.ClearAllPools();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private string Cluster => Path.Combine(_folder, "cluster");

    private async Task EndAsync(string signal)
    {
        if (_process is not { } process) return;
        _process = null;
        process.SignalAll("CONT");
        await process.EndAsync(signal);
    }

    private async Task InitialiseAsync()
    {
        if (Environment.IsPrivilegedProcess) await RunAsync(["chown", "postgres:", _folder]);
        string secret = Path.Combine(_folder, "secret");
        await File.WriteAllTextAsync(secret, Secret + "\n");
        if (Environment.IsPrivilegedProcess) await RunAsync(["chown", "postgres:", secret]);
        await RunAsync(Unprivileged([
            Path.Combine(_programs, "initdb"), "-D", Cluster, "-U", User, "--pwfile", secret, "-A", "scram-sha-256", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions",
        ]));
    }

    private async Task ExecuteAsync(string text)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString("postgres")) { Pooling = false, Timeout = 5 }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string[] Unprivileged(string[] command) => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=QUIT", .. command]
        : ["setpriv", "--pdeathsig=QUIT", .. command];

    private static async Task RunAsync(string[] command)
    {
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', command)} ended with status {process.ExitCode}: {await output}{await errors}");
    }
}
