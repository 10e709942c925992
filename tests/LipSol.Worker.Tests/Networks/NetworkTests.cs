using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LipSol.Artifacts;
using LipSol.Inference;
using LipSol.Worker.Tests.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Networks;

/// <summary>Networks that a person wrote, in a real worker that confines itself first.</summary>
public sealed class NetworkTests(TinyCorpus corpus) : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_sound_one_is_compiled_and_tried_on_real_clips_and_tells_its_parameters()
    {
        var result = await TryAsync(Sources.Sound);
        Assert.Empty(result.Faults);
        Assert.Equal(("word", "width", "8"), (result.Reads, result.Parameters.Single().Name, result.Parameters.Single().Default));
        Assert.True(result.WeightCount > 1000, result.ToString());
        Assert.InRange(result.OnnxMaxAbsDifference, 0, 1e-4);
        // Nothing of what it made is in the node's store.
        var made = Directory.EnumerateDirectories(scratch["."], "made", SearchOption.AllDirectories).Single();
        string[] files = [.. Directory.EnumerateFiles(made, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(made, f))];
        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => File.Exists(Path.Combine(corpus.DataFolder, "artifacts", file)));
    }

    [Fact]
    public async Task One_that_reads_letters_is_tried_too()
    {
        var result = await TryAsync(Sources.Letters, "letter-net", ("front", "8"), ("width", "8"), ("stages", "1"));
        Assert.Empty(result.Faults);
        Assert.Equal("characters", result.Reads);
        Assert.Equal(["front", "width", "stages", "blocks"], result.Parameters.Select(p => p.Name));
        Assert.InRange(result.OnnxMaxAbsDifference, 0, 1e-4);
    }

    [Theory]
    [InlineData("new ReLU());", "new Relu());", "CS0246", "Relu")]
    [InlineData(".mean([2])", ".mean([2]).reshape(1, 2, 3)", "", "shape '[1, 2, 3]'")]
    [InlineData("public sealed class GateNet", "sealed class GateNet", "", "There is no network in it")]
    [InlineData("public GateNet(GateNetOptions options, InputSpec input, int classes)", "public GateNet(int classes, GateNetOptions options = null!, InputSpec input = null!)", "", "no public constructor")]
    [InlineData("[input, graph.Node(\"Sigmoid\", [looks.Export(graph, input)])]", "[input, looks.Export(graph, input)]", "", "differs from the trained one")]
    [InlineData("graph.Node(\"Mul\", [input", "graph.Node(\"Loop\", [input", "", "the operator Loop")]
    public async Task What_is_wrong_is_told_with_its_line(string piece, string instead, string code, string words)
    {
        var source = Sources.Sound.Replace(piece, instead, StringComparison.Ordinal);
        Assert.NotEqual(Sources.Sound, source);
        var fault = (await TryAsync(source)).Faults[0];
        Assert.Contains(words, fault.Message);
        Assert.StartsWith(code, fault.Code);
        if (code.Length > 0 || words.StartsWith("shape", StringComparison.Ordinal)) Assert.Equal(Sources.LineOf(source, instead), fault.Line);
    }

    [Fact]
    public async Task One_of_LipSols_own_names_and_an_unknown_parameter_are_refused()
    {
        Assert.Contains("LipSol's own", (await TryAsync(Sources.Sound, "word-tcn")).Faults.Single().Message);
        Assert.Contains("widht", (await TryAsync(Sources.Sound, parameters: ("widht", "3"))).Faults.Single().Message);
    }

    [Fact]
    public async Task A_run_trains_it_by_its_name_and_what_it_makes_lies_where_it_may_write()
    {
        var artifacts = new FolderArtifactStore(Path.Combine(corpus.DataFolder, "artifacts"));
        var work = scratch["work"];
        var job = await corpus.TrainingJobAsync(work) with
        {
            Network = "gate-net",
            NetworkSource = artifacts.PutBytes(Encoding.UTF8.GetBytes(Sources.Sound)),
            OutRoot = Path.Combine(work, "made"),
            Parameters = new Dictionary<string, string> { ["epochs"] = "2", ["batch_size"] = "4", ["warmup_epochs"] = "1", ["resize"] = "32", ["size"] = "28", ["width"] = "12" },
        };
        var (exit, said) = await RunAsync(job, work);
        Assert.True(exit.End == WorkerEnd.Completed, exit.Reason);
        var result = Assert.IsType<TrainingResult>(exit.Result);
        var made = new FolderArtifactStore(job.OutRoot);
        Assert.Equal(job.NetworkSource, result.Artifacts["network.cs"]);
        Assert.All([result.ModelArtifact, result.EvaluationArtifact, .. said.Data.OfType<CheckpointWritten>().Select(c => c.Artifact)], hash => Assert.True(made.Exists(hash) && !artifacts.Exists(hash), hash));
        made.Materialise(result.ModelArtifact, scratch["model"], TestContext.Current.CancellationToken);
        using var model = LoadedModel.Load(scratch["model"]);
        Assert.Equal(("gate-net", "12"), (model.Manifest.Network, model.Manifest.Parameters["width"]));

        // And it goes on from a checkpoint of its own.
        artifacts.PutFile(made.PathOf(said.Data.OfType<CheckpointWritten>().First().Artifact), TestContext.Current.CancellationToken);
        var (again, _) = await RunAsync(job with { ResumeFrom = said.Data.OfType<CheckpointWritten>().First().Artifact }, work);
        Assert.True(again.End == WorkerEnd.Completed, again.Reason);
    }

    [Fact]
    public async Task Its_code_reads_writes_and_reaches_nothing_else_and_starts_nothing()
    {
        using var targets = new HostileTargets(scratch.Path);
        Environment.SetEnvironmentVariable("LIPSOL_TOKEN", "secret");
        string confined, unconfined;
        try
        {
            confined = (await TryAsync(targets.Source)).Faults.Single().Message;
            targets.AssertUntouched();
            var (exit, _) = await RealWorker.RunAsync(await JobAsync(targets.Source, "unconfined", []));
            unconfined = Assert.IsType<NetworkResult>(exit.Result).Faults.Single().Message;
        }
        finally
        {
            Environment.SetEnvironmentVariable("LIPSOL_TOKEN", null);
        }

        Assert.DoesNotContain("done", confined);
        // By its own filter of calls, which every kernel has, and not by what newer kernels' Landlock does besides.
        foreach (var told in HostileTargets.Outcomes(confined).SkipWhile(t => t.What != "signal")) Assert.Equal((told.What, nameof(UnauthorizedAccessException)), told);
        // The same code, not confined, would have: all of it but what no worker has, and what takes a superuser.
        string[] never = Environment.IsPrivilegedProcess ? ["token"] : ["token", "shadow"];
        Assert.Equal(never.Order(), HostileTargets.Outcomes(unconfined).Where(t => t.How != "done").Select(t => t.What).Order());
        Assert.Equal(HostileTargets.Outcomes(unconfined).Select(t => t.What), HostileTargets.Outcomes(confined).Select(t => t.What));
        Assert.True(HostileTargets.Outcomes(confined).Count >= 17, confined);
    }

    [Fact]
    public async Task Its_process_ends_with_the_host_whatever_it_does_to_stay()
    {
        // A process that is stopped notices nothing any more.
        var source = Sources.Sound.Replace("RegisterComponents();\n    }\n\n    public override Tensor forward(Tensor clip", """
            if (Prctl(1, 0, 0, 0, 0) == 0) throw new InvalidOperationException("It may outlive its host.");
                    Raise(19);
                    RegisterComponents();
                }

                [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "prctl")] private static extern int Prctl(int option, long second, long third, long fourth, long fifth);
                [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "raise")] private static extern int Raise(int signal);

                public override Tensor forward(Tensor clip
            """, StringComparison.Ordinal);
        Assert.NotEqual(Sources.Sound, source);
        var job = await JobAsync(source, scratch["work"], []);
        await File.WriteAllTextAsync(scratch["job.json"], JsonSerializer.Serialize<WorkerJob>(job), TestContext.Current.CancellationToken);
        var start = WorkerExecutable.StartInfo(WorkerExecutable.Locate("LipSol.WorkerProtocol.TestWorker", "LIPSOL_TEST_WORKER", "test"), ["hosts", RealWorker.Dll, scratch["job.json"], job.ArtifactRoot, job.WorkFolder]);
        start.RedirectStandardOutput = true;
        Directory.CreateDirectory(job.WorkFolder);
        (start.Environment["HOME"], start.Environment["TMPDIR"]) = (job.WorkFolder, job.WorkFolder);
        using var host = Process.Start(start)!;
        var worker = 0;
        try
        {
            worker = int.Parse((await host.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!, CultureInfo.InvariantCulture);
            for (var since = Stopwatch.StartNew(); !(await File.ReadAllTextAsync($"/proc/{worker}/stat")).Contains(") T ", StringComparison.Ordinal); await Task.Delay(20, TestContext.Current.CancellationToken))
                Assert.True(since.Elapsed < TimeSpan.FromMinutes(1) && RealWorker.IsAlive(worker), "the network never stopped its process");
            host.Kill();
            Assert.True(await RealWorker.EndsWithinAsync(worker, TimeSpan.FromSeconds(60)), "the worker outlived its host");
        }
        finally
        {
            host.Kill();
            if (worker > 0 && RealWorker.IsAlive(worker)) RealWorker.Signal(worker, "KILL");
        }
    }

    private async Task<NetworkResult> TryAsync(string source, string name = "gate-net", params (string Name, string Value)[] parameters)
    {
        var work = scratch[$"work-{Guid.NewGuid():N}"];
        var (exit, _) = await RunAsync(await JobAsync(source, work, parameters) with { Name = name }, work);
        Assert.True(exit.End == WorkerEnd.Completed, exit.Reason);
        return Assert.IsType<NetworkResult>(exit.Result);
    }

    private async Task<NetworkJob> JobAsync(string source, string work, (string Name, string Value)[] parameters) => new()
    {
        Name = "gate-net",
        Source = source,
        ArtifactRoot = Path.Combine(corpus.DataFolder, "artifacts"),
        WorkFolder = Path.IsPathRooted(work) ? work : scratch[work],
        DataHash = (await corpus.ResultAsync()).DataHash,
        Parameters = new Dictionary<string, string>(parameters.Select(p => KeyValuePair.Create(p.Name, p.Value))) { ["resize"] = "32", ["size"] = "28" },
        Threads = 1,
        CodeVersion = "test",
    };

    private async Task<(WorkerExit Exit, RecordingSink Said)> RunAsync(WorkerJob job, string work)
    {
        var said = new RecordingSink();
        var options = new WorkerProcessOptions
        {
            Executable = RealWorker.Dll,
            Confinement = new Confinement([Path.Combine(corpus.DataFolder, "artifacts")], [work]),
            Environment = new Dictionary<string, string> { ["HOME"] = work, ["TMPDIR"] = work },
        };
        await using var worker = await WorkerProcess.StartAsync(job, options, said, TestContext.Current.CancellationToken);
        return (await worker.Ended.WaitAsync(TestContext.Current.CancellationToken), said);
    }
}
