using System.Globalization;
using LipSol.Client;
using LipSol.Contracts.Pipelines;
using LipSol.Grains;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Node;
using LipSol.Silo.Tests.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Silo.Tests.Pipelines;

/// <summary>The daily pipeline on real recordings: the ten digits of GRID's speaker s1, three variants side by side, with a second night on which more was recorded, and a third on which nothing was.</summary>
[Trait("Category", "Long")]
public sealed class DailyDigitsTests
{
    private const int UnitsPerSecond = 25_000, Digit = 4;

    // On two cores.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task Night_after_night_only_what_depends_on_new_clips_is_done_again_and_the_better_reader_goes_into_production()
    {
        using var folder = new TemporaryFolder();
        var recordings = Path.Combine(folder.Path, "recordings");
        var clock = new ShiftedTime();
        await using var node = await LipSolNode.StartAsync(TestNode.Options(Path.Combine(folder.Path, "data")) with { Slots = 2, Threads = 1 }, services =>
        {
            services.AddLogging(log => log.ClearProviders());
            services.AddKeyedSingleton<TimeProvider>(LipSolGrainsExtensions.Clock, clock);
        }, TestContext.Current.CancellationToken);
        using var client = new LipSolClient(new Uri(node.Url), node.Token);
        var grain = node.Services.GetRequiredService<IGrainFactory>().GetGrain<IPipelineGrain>("daily-digits");
        Record(recordings, train: 100, val: 20);
        // A part of it, to which nothing is ever added.
        var archive = Path.Combine(folder.Path, "archive");
        Record(archive, train: 40, val: 10);
        var registered = await client.Pipelines.RegisterAsync(Daily(recordings, archive));

        clock.MoveTo(registered.Next!.Value.AddMinutes(1));
        await grain.WakeAsync();
        var first = await EndsAsync(client, 1);
        Assert.Equal(PipelineRunStatus.Succeeded, first.Status);
        Assert.Equal("digits version 1 is in production.", first.Step("production").Left["note"]);
        Assert.InRange((first.EndedAt - first.StartedAt)!.Value, TimeSpan.Zero, Longest);

        // The next day: more was recorded.
        Record(recordings, train: 200, val: 30);
        clock.MoveTo((await client.Pipelines.GetAsync("daily-digits")).Next!.Value.AddMinutes(1));
        await grain.WakeAsync();
        var second = await EndsAsync(client, 2);
        Assert.Equal(PipelineRunStatus.Succeeded, second.Status);
        Assert.InRange((second.EndedAt - second.StartedAt)!.Value, TimeSpan.Zero, Longest);
        Assert.Contains("110 of them new", second.Step("clips").Left["note"]);
        // What doesn't depend on the new clips isn't done again on the same night.
        Assert.All(new[] { "archive", "steady", "read" }, step => Assert.Equal((PipelineStepStatus.Cached, "Inputs, settings and code are those of run 1: what it left is taken."), (second.Step(step).Status, second.Step(step).Why)));
        Assert.All(new[] { "clips", "small", "wide", "slow", "best", "figures" }, step => Assert.Equal(PipelineStepStatus.Done, second.Step(step).Status));
        Assert.All(new[] { "small", "wide", "slow" }, step => Assert.Contains("data was", second.Step(step).Why));
        var model = await client.Models.GetAsync("digits");
        var decision = model.Promotions[^1];
        Assert.Equal((2, "Run 2 of the pipeline daily-digits, for " + second.Day + "."), (decision.Version, decision.Note));
        Assert.NotNull(decision.Evidence!.Comparison);
        Assert.Equal(decision.Promoted ? 2 : 1, model.Aliases["production"]);
        Assert.Equal(decision.Promoted ? PipelineStepStatus.Done : PipelineStepStatus.NotNeeded, second.Step("production").Status);

        // And one with nothing new: nothing is cropped, trained or chosen, and there's no further version.
        clock.MoveTo((await client.Pipelines.GetAsync("daily-digits")).Next!.Value.AddMinutes(1));
        await grain.WakeAsync();
        var third = await EndsAsync(client, 3);
        Assert.All(new[] { "clips", "small", "wide", "slow", "best", "figures", "archive", "steady", "read" }, step => Assert.Equal(PipelineStepStatus.Cached, third.Step(step).Status));
        Assert.Equal(2, (await client.Models.GetAsync("digits")).Versions.Count);
    }

    private static async Task<PipelineRun> EndsAsync(LipSolClient client, int number)
    {
        PipelineRun? run = null;
        await foreach (var now in client.Pipelines.FollowAsync("daily-digits", number, TestContext.Current.CancellationToken)) run = now;
        TestContext.Current.TestOutputHelper?.WriteLine($"run {number}: {run!.Status} in {(run.EndedAt - run.StartedAt)?.TotalSeconds:0} s\n{run.Picture.Text}");
        return run!;
    }

    private static PipelineBuilder Daily(string recordings, string archive) => new PipelineBuilder("daily-digits").Daily(2, 30, "Asia/Karachi")
        .Prepare("clips", corpus: "digits", layout: "folder", folder: recordings)
        .Train("small", "word-tcn", data: "clips", parameters: new() { ["epochs"] = 10 })
        .Train("wide", "word-tcn", data: "clips", parameters: new() { ["epochs"] = 10, ["learning_rate"] = 0.003 })
        .Train("slow", "word-tcn", data: "clips", parameters: new() { ["epochs"] = 10, ["learning_rate"] = 0.0003 })
        .Choose("best", ["small", "wide", "slow"], "val_accuracy")
        .Evaluate("figures", of: "best")
        .Gate("gate", candidate: "best", model: "digits", threshold: 0.12, confidence: 0.8)
        .Promote("production", gate: "gate")
        .Prepare("archive", corpus: "archive", layout: "folder", folder: archive)
        .Train("steady", "word-tcn", data: "archive", parameters: new() { ["epochs"] = 2, ["warmup_epochs"] = 1 })
        .Evaluate("read", of: "steady");

    // The first clips of each split, each with the time of its digit; test stays the same.
    private static void Record(string folder, int train, int val)
    {
        var grid = Grid();
        Directory.CreateDirectory(folder);
        var rows = File.ReadLines(Path.Combine(grid, "labels.csv")).Skip(1).Select(line => line.Split(',')).Where(f => f[1] == "s1").ToArray();
        var taken = rows.Where(f => f[2] == "train").Take(train).Concat(rows.Where(f => f[2] == "val").Take(val)).Concat(rows.Where(f => f[2] == "test").Take(60));
        var labels = new List<string> { "path,speaker,split,text,start,end" };
        foreach (var fields in taken)
        {
            var name = Path.GetFileName(fields[0]);
            if (!File.Exists(Path.Combine(folder, name))) File.Copy(Path.Combine(grid, fields[0]), Path.Combine(folder, name));
            var word = File.ReadLines(Path.Combine(grid, "s1", "align", Path.ChangeExtension(name, ".align"))).Select(l => l.Split(' ')).Where(l => l[2] is not ("sil" or "sp")).ElementAt(Digit);
            double Seconds(string units) => double.Parse(units, CultureInfo.InvariantCulture) / UnitsPerSecond;
            labels.Add(string.Create(CultureInfo.InvariantCulture, $"{name},s1,{fields[2]},{word[2]},{Seconds(word[0]):0.###},{Seconds(word[1]):0.###}"));
        }
        File.WriteAllLines(Path.Combine(folder, "labels.csv"), labels);
    }

    private static string Grid()
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "LipSol.slnx"))) root = root.Parent;
        var path = Environment.GetEnvironmentVariable("LIPSOL_GRID") ?? Path.Combine(root?.FullName ?? "", "..", "shared", "data", "grid");
        Assert.SkipUnless(Directory.Exists(path), "The GRID clips aren't at ../shared/data/grid; LIPSOL_GRID names another place.");
        return path;
    }

    /// <summary>The time, so many days later.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        private TimeSpan shift;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;

        public void MoveTo(DateTimeOffset time) => shift += time - GetUtcNow();
    }
}
