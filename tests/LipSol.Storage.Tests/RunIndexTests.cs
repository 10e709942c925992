using System.Text.Json.Nodes;
using LipSol.Contracts.Runs;

namespace LipSol.Storage.Tests;

/// <summary>What a run index promises, whatever database it's on.</summary>
public abstract class RunIndexTests(StorageProvider provider) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private TemporaryDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TemporaryDatabase.CreateAsync(provider);

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_by_page_experiment_and_status()
    {
        for (int i = 0; i < 10; i++) await PutAsync(Record($"run-{i}", i % 2 == 0 ? "even" : "odd", i < 5 ? RunStatus.Completed : RunStatus.Failed, Start.AddMinutes(i)));
        Assert.Equal(["run-9", "run-8", "run-7"], await ListAsync(new RunQuery(null, null, 0, 3)));
        Assert.Equal(["run-6", "run-5"], await ListAsync(new RunQuery(null, null, 3, 2)));
        Assert.Equal(["run-8", "run-6", "run-4", "run-2", "run-0"], await ListAsync(new RunQuery("even", null, 0, 100)));
        Assert.Equal(["run-4", "run-2", "run-0"], await ListAsync(new RunQuery("even", RunStatus.Completed, 0, 100)));
        Assert.Empty(await ListAsync(new RunQuery("none", null, 0, 100)));
        Assert.Empty(await ListAsync(new RunQuery(null, null, 100, 100)));
        List<ExperimentRecord> experiments = await _database.Index.ListExperimentsAsync(CancellationToken.None);
        Assert.Equal([new ExperimentRecord("even", 5, Start), new ExperimentRecord("odd", 5, Start.AddMinutes(1))], experiments);
    }

    [Fact]
    public async Task An_older_record_does_not_take_the_place_of_a_newer_one()
    {
        await PutAsync(Record("run", "e", RunStatus.Completed, Start), revision: 5);
        await PutAsync(Record("run", "e", RunStatus.Running, Start), revision: 4);
        Assert.Equal(RunStatus.Completed, Assert.Single(await _database.Index.ListAsync(new RunQuery(null, null, 0, 10), CancellationToken.None)).Status);
    }

    [Fact]
    public async Task A_record_comes_back_as_lists_show_it()
    {
        RunRecord record = Record("run", "e", RunStatus.Running, Start) with
        {
            Metrics = new() { ["loss"] = new MetricSummary(double.NaN, 3, 1, double.PositiveInfinity) },
            Checkpoints = [new Checkpoint("b", 1, 0.5, Start), new Checkpoint("c", 2, 1, Start)],
            Outcome = new RunOutcome { ModelArtifact = "m", EvaluationArtifact = "e", Figures = new() { ["wer"] = new Estimate(0.1, 0, 0.2, 5), ["wer.speaker:s1"] = new Estimate(0.1, 0, 0.2, 1) } },
            Attempts = [new RunAttempt(4, "node", Start, null, null, null)],
            Heartbeat = new WorkerHeartbeat(1, 0.5, "training", Start, 7),
            Tags = new() { ["زبان"] = "اردو" },
            Kept = new() { ["init-report.json"] = "r" },
        };
        record = record with { Spec = record.Spec with { InitFrom = new InitialWeights { Kind = WeightsKind.File, Id = "لب.pt", Weights = "w", Pretraining = [new Pretraining("r", "c", "h", [])], Unknown = ["?"] } } };
        await PutAsync(record);
        RunRecord read = Assert.Single(await _database.Index.ListAsync(new RunQuery(null, null, 0, 10), CancellationToken.None));
        // Attempts, earlier checkpoints and figures by speaker are what lists don't show, and most of a long run's record.
        Assert.Equivalent(record with
        {
            Attempts = [],
            Checkpoints = [new Checkpoint("c", 2, 1, Start)],
            Outcome = record.Outcome! with { Figures = new() { ["wer"] = new Estimate(0.1, 0, 0.2, 5) } },
        }, read, strict: true);
    }

    [Fact]
    public async Task A_record_that_was_written_before_runs_could_start_from_weights_is_listed()
    {
        await PutAsync(Record("run", "e", RunStatus.Completed, Start));
        JsonNode then = JsonNode.Parse(Assert.Single(_database.Query("SELECT Record FROM RunIndexRecord")))!;
        Assert.False(then.AsObject().ContainsKey("Kept") || then["Spec"]!.AsObject().ContainsKey("InitFrom"));
        RunRecord read = Assert.Single(await _database.Index.ListAsync(new RunQuery(null, null, 0, 10), CancellationToken.None));
        Assert.Equal(("run", null, null), (read.Id, read.Spec.InitFrom, read.Kept));
    }

    private Task PutAsync(RunRecord record, long revision = 1) => _database.Index.PutAsync(record, revision, CancellationToken.None);

    private async Task<List<string>> ListAsync(RunQuery query) => [.. (await _database.Index.ListAsync(query, CancellationToken.None)).Select(r => r.Id)];

    private static RunRecord Record(string id, string experiment, RunStatus status, DateTimeOffset created) => new()
    {
        Id = id,
        Spec = new RunSpec { Experiment = experiment, Name = id, Network = "word-tcn", Corpus = "c", DataHash = "h", Parameters = new() { ["a"] = "1" } },
        Status = status,
        CreatedAt = created,
    };
}

public sealed class SqliteRunIndexTests() : RunIndexTests(StorageProvider.Sqlite);

public sealed class PostgresRunIndexTests() : RunIndexTests(StorageProvider.PostgreSql);
