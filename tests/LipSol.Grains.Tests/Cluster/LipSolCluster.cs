using System.Text;
using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Contracts.Searches;
using LipSol.Contracts.Serving;
using LipSol.Grains.Pipelines;
using LipSol.Grains.Ports;
using LipSol.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace LipSol.Grains.Tests.Cluster;

/// <summary>A real one-silo cluster on a real SQLite file, with workers and models played by the test and a clock that stands still.</summary>
internal sealed class LipSolCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly string _database;
    private readonly bool _ownsFolder;

    private LipSolCluster(InProcessTestCluster cluster, string database, bool ownsFolder, FakeWorkers workers, FakeModels models, FakeTimeProvider time) =>
        (_cluster, _database, _ownsFolder, Workers, Models, Time) = (cluster, database, ownsFolder, workers, models, time);

    public FakeWorkers Workers { get; }
    public FakeModels Models { get; }
    public required FakeArtifacts Artifacts { get; init; }
    public required LostAnswers Answers { get; init; }
    public required BrokenCalls Calls { get; init; }
    public FakeTimeProvider Time { get; }
    public required FakeCorpora Corpora { get; init; }
    public required FakeNotices Notices { get; init; }
    public IMetricStore Metrics => _cluster.GetSiloServiceProvider().GetRequiredService<IMetricStore>();
    public IRunIndex Index => _cluster.GetSiloServiceProvider().GetRequiredService<IRunIndex>();
    public string Node => _cluster.Silos[0].Name;
    public InProcessTestCluster Orleans => _cluster;

    public ISchedulerGrain Scheduler => _cluster.Client.GetGrain<ISchedulerGrain>(0);
    public IRunHistoryGrain History => _cluster.Client.GetGrain<IRunHistoryGrain>(0);
    public IRunGrain Run(string id) => _cluster.Client.GetGrain<IRunGrain>(id);
    public IExperimentGrain Experiment(string name) => _cluster.Client.GetGrain<IExperimentGrain>(name);
    public ISearchGrain Search(string name) => _cluster.Client.GetGrain<ISearchGrain>(name);
    public ISearchRegistryGrain Searches => _cluster.Client.GetGrain<ISearchRegistryGrain>(0);
    public IModelGrain Model(string name) => _cluster.Client.GetGrain<IModelGrain>(name);
    public IModelReaderGrain Reader(string model) => _cluster.Client.GetGrain<IModelReaderGrain>(model);
    public IModelRegistryGrain Registry => _cluster.Client.GetGrain<IModelRegistryGrain>(0);

    public static async Task<LipSolCluster> StartAsync(string? folder = null, DateTimeOffset? now = null, int silos = 1)
    {
        string database = Path.Combine(folder ?? Directory.CreateTempSubdirectory("lipsol-grains-").FullName, "lipsol.db");
        var workers = new FakeWorkers();
        var models = new FakeModels();
        var artifacts = new FakeArtifacts();
        var answers = new LostAnswers();
        var calls = new BrokenCalls();
        var corpora = new FakeCorpora();
        var notices = new FakeNotices();
        var time = new FakeTimeProvider(now ?? new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero));
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.Options.ConfigureFileLogging = false;
        builder.Options.ServiceId = "lipsol";
        builder.ConfigureSilo((settings, silo) =>
        {
            silo.Services.AddKeyedSingleton<TimeProvider>(LipSolGrainsExtensions.Clock, time);
            silo.Services.AddSingleton<IWorkerHost>(workers);
            silo.Services.AddSingleton<ICorpusSources>(corpora);
            silo.Services.AddSingleton<INoticeSender>(notices);
            silo.Services.AddSingleton(new PipelinesOptions { CodeVersion = "0.1.0", Tick = TimeSpan.FromMilliseconds(20), Poll = TimeSpan.FromMilliseconds(20) });
            silo.Services.AddSingleton<IModelRuntime>(models.On(settings.SiloName));
            silo.Services.AddSingleton<IArtifactReader>(models);
            silo.Services.AddSingleton<IArtifactWriter>(models);
            silo.Services.AddSingleton<IArtifactRemover>(artifacts);
            silo.AddOutgoingGrainCallFilter(calls);
            silo.AddLipSolStorage(new StorageOptions { Path = database, Membership = false, Durability = Durability.ProcessKill });
            ServiceDescriptor stored = silo.Services.Last(s => s.ServiceType == typeof(IMetricStore));
            silo.Services.AddSingleton<IMetricStore>(services => answers.On((IMetricStore)stored.ImplementationFactory!(services)));
            // A silo that is killed is noticed within a second.
            silo.Configure<ClusterMembershipOptions>(o => (o.ProbeTimeout, o.NumMissedProbesLimit, o.NumVotesForDeathDeclaration) = (TimeSpan.FromMilliseconds(250), 2, 1));
            silo.AddLipSolGrains(new GrainsOptions { ReconcilePeriod = TimeSpan.FromDays(1), RemovalRetry = TimeSpan.FromMilliseconds(20), SearchPeriod = TimeSpan.FromDays(1) });
        });
        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        return new LipSolCluster(cluster, database, folder is null, workers, models, time) { Artifacts = artifacts, Answers = answers, Calls = calls, Corpora = corpora, Notices = notices };
    }

    /// <summary>Registers this cluster's node with CPU slots, as its silo does when it starts.</summary>
    public Task<List<Lease>> RegisterAsync(int slots = 1, string incarnation = "first", bool owned = false) => Scheduler.RegisterNodeAsync(
        new NodeRegistration(Node, [.. Enumerable.Range(0, slots).Select(i => new Slot(i, "cpu", 1))], incarnation) { Owned = owned, Confines = true });

    /// <summary>What a person's network of this name stands for from now on.</summary>
    public Task KeepNetworkAsync(string name, string source) =>
        Orleans.Client.GetGrain<Contracts.Networks.INetworkCatalogGrain>(0).KeepAsync(new Contracts.Networks.NetworkRecord { Name = name, Source = source, Reads = "word" });

    public Task<string> StartRunAsync(string request = "1", int priority = 0, int restarts = 3, RunNeeds? needs = null) =>
        Experiment("vowels").StartRunAsync(Spec(priority, restarts) with { Needs = needs }, request);

    public static RunSpec Spec(int priority = 0, int restarts = 3) => new()
    {
        Experiment = "vowels",
        Name = "first try",
        Network = "word-tcn",
        Corpus = "grid",
        DataHash = "0123456789abcdef0123456789abcdef",
        Parameters = new() { ["rate"] = "0.001" },
        Priority = priority,
        MaximumRestarts = restarts,
    };

    public static RunOutcome Outcome(string model, string evaluation = "evaluation") => new()
    {
        ModelArtifact = model,
        EvaluationArtifact = evaluation,
        Figures = new() { ["word_accuracy"] = new Estimate(0.9, 0.8, 0.95, 100) },
    };

    /// <summary>The record once <paramref name="status"/> is reached.</summary>
    public async Task<RunRecord> ReachesAsync(string run, RunStatus status)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            // Following ends where the run is over, and begins anew where it was resumed meanwhile.
            await foreach (RunEvent e in Run(run).FollowAsync(0, limit.Token).WithCancellation(limit.Token))
                if (e.Status == status) return (await Run(run).GetAsync())!;
        }
    }

    /// <summary>All of the run's events until it's over.</summary>
    public async Task<List<RunEvent>> FollowAsync(string run, long cursor = 0)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        var events = new List<RunEvent>();
        await foreach (RunEvent e in Run(run).FollowAsync(cursor, limit.Token).WithCancellation(limit.Token)) events.Add(e);
        return events;
    }

    public void ExecuteSql(string text)
    {
        using var connection = new SqliteConnection($"Data Source={_database}");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    /// <summary>Puts one text in place of another, as long as it, in all that grains keep: as if another version of LipSol had taken it. To be read by grains that come to life behind it.</summary>
    public void Rewrite(string from, string to)
    {
        (byte[] before, byte[] after) = (Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(to));
        Assert.Equal(before.Length, after.Length);
        using var connection = new SqliteConnection($"Data Source={_database}");
        connection.Open();
        var changed = new List<(long Row, byte[] Kept)>();
        using (SqliteCommand read = connection.CreateCommand())
        {
            read.CommandText = "SELECT rowid, PayloadBinary FROM OrleansStorage WHERE PayloadBinary IS NOT NULL";
            using SqliteDataReader rows = read.ExecuteReader();
            while (rows.Read())
            {
                byte[] kept = rows.GetFieldValue<byte[]>(1);
                bool found = false;
                for (int at = 0; (at = kept.AsSpan(at).IndexOf(before) is var next and >= 0 ? at + next : -1) >= 0; found = true) after.CopyTo(kept, at);
                if (found) changed.Add((rows.GetInt64(0), kept));
            }
        }
        Assert.NotEmpty(changed);
        foreach ((long row, byte[] kept) in changed)
        {
            using SqliteCommand write = connection.CreateCommand();
            write.CommandText = "UPDATE OrleansStorage SET PayloadBinary = $kept WHERE rowid = $row";
            write.Parameters.AddWithValue("$kept", kept);
            write.Parameters.AddWithValue("$row", row);
            write.ExecuteNonQuery();
        }
    }

    public long Count(string query)
    {
        using var connection = new SqliteConnection($"Data Source={_database}");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = query;
        return (long)command.ExecuteScalar()!;
    }

    public Task DeactivateAsync(string run) => _cluster.DeactivateAsync(Run(run));

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        if (_ownsFolder) Directory.Delete(Path.GetDirectoryName(_database)!, recursive: true);
    }
}
