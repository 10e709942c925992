using System.Security.Cryptography;
using System.Text;
using LipSol.Client;
using LipSol.Corpus;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Runs;

/// <summary>Runs that start from the weights of another run, of a version, or of a file.</summary>
public sealed class InitFromTests : IAsyncLifetime
{
    private const string English = "english", Urdu = "urdu";
    private const string Kept = "the weights of a run";
    private static readonly byte[] Weights = Encoding.UTF8.GetBytes(Kept);
    private TestNode node = null!;
    // Later runs first.
    private int priority;

    public async ValueTask InitializeAsync()
    {
        node = await TestNode.StartAsync();
        node.AddCorpus(English, Clips("e", 0));
        node.AddCorpus(Urdu, Clips("u", 100));
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Fact]
    public async Task A_completed_run_gives_its_weights_and_the_run_says_what_it_started_from()
    {
        var english = await TrainAsync(English);
        var run = await StartAsync(Urdu, InitialWeights.OfRun(english.Id));
        var given = (await node.Workers.NextAsync()).Start.Spec.InitFrom!;
        Assert.Equal((Contracts.Runs.WeightsKind.Run, english.Id, Hash(Weights), null), (given.Kind, given.Id, given.Weights, given.Map));
        Assert.Equal(Weights, node.Artifacts.ReadBytes(given.Weights));
        var told = (await node.Client.Runs.GetAsync(run.Id)).InitFrom!;
        Assert.Equal((WeightsKind.Run, english.Id, Hash(Weights)), (told.Kind, told.Id, told.Weights));
        var behind = Assert.Single(told.Pretraining);
        Assert.Equal((english.Id, English, english.DataHash), (behind.RunId, behind.Corpus, behind.DataHash));
        Assert.Empty(behind.Selection);
        Assert.Empty(told.Unknown);
        Assert.Null(english.InitFrom);
    }

    [Fact]
    public async Task A_version_is_the_one_its_alias_points_at_now_and_the_runs_behind_runs_are_known()
    {
        var first = await TrainAsync(English);
        var second = await TrainAsync(Urdu, InitialWeights.OfRun(first.Id), "other weights");
        await node.Client.Models.RegisterAsync("letters", second.Id);
        await node.Client.Models.SetAliasAsync("letters", "candidate", 1);
        foreach (var text in (string[])["letters@1", "letters@candidate"])
        {
            await StartAsync(Urdu, InitialWeights.OfVersion(text));
            var worker = await node.Workers.NextAsync();
            var given = worker.Start.Spec.InitFrom!;
            Assert.Equal((Contracts.Runs.WeightsKind.Version, "letters@1", Hash("other weights"u8)), (given.Kind, given.Id, given.Weights));
            Assert.Equal([(second.Id, Urdu), (first.Id, English)], given.Pretraining.Select(p => (p.RunId, p.Corpus)));
            await worker.EndAsync(Contracts.Runs.RunStatus.Failed, "enough");
        }
        // What people write is settled before it's asked for.
        Assert.Equal(InitialWeights.OfVersion("letters@1"), await node.Client.Runs.FindWeightsAsync("letters@candidate"));
        Assert.Equal(InitialWeights.OfRun(first.Id), await node.Client.Runs.FindWeightsAsync(first.Id));
        Assert.True((await node.Client.Models.PromoteAsync("letters", new Promote { Version = 1 })).Promoted);
        Assert.Equal("letters@1", (await node.Client.Runs.FindWeightsAsync("letters")).Id);
    }

    [Fact]
    public async Task A_file_is_uploaded_with_its_mapping_and_nothing_is_said_to_be_known_of_it()
    {
        using var folder = new TemporaryFolder();
        var (file, map) = (Path.Combine(folder.Path, "لب.pt"), Path.Combine(folder.Path, "map.yaml"));
        await File.WriteAllBytesAsync(file, "a state_dict"u8.ToArray());
        await File.WriteAllTextAsync(map, "names:\n  - from: a\n    to: b\n");
        var weights = await node.Client.Runs.FindWeightsAsync(file, map);
        var run = await TrainAsync(Urdu, weights);
        var given = run.InitFrom!;
        Assert.Equal((WeightsKind.File, "لب.pt", Hash("a state_dict"u8), Hash(await File.ReadAllBytesAsync(map))), (given.Kind, given.Id, given.Weights, given.Map));
        Assert.Contains("لب.pt", Assert.Single(given.Unknown));
        // What starts from that run knows no more.
        var next = await StartAsync(English, InitialWeights.OfRun(run.Id));
        Assert.Equal(given.Unknown, next.InitFrom!.Unknown);
        Assert.Equal("missing", (await Assert.ThrowsAsync<LipSolException>(() => node.Client.Runs.FindWeightsAsync(Path.Combine(folder.Path, "none.pt")))).Reason);
        Assert.Equal("missing", (await Assert.ThrowsAsync<LipSolException>(() => node.Client.Runs.FindWeightsAsync(file, Path.Combine(folder.Path, "none.yaml")))).Reason);
    }

    [Fact]
    public async Task What_can_not_be_started_from_is_told_with_what_to_do()
    {
        var bare = await TrainAsync(English, weights: null);
        var running = await StartAsync(English, null);
        var worker = await node.Workers.NextAsync();
        await RefusedAsync(InitialWeights.OfRun(running.Id), 409, "Running", "Wait");
        await worker.EndAsync(Contracts.Runs.RunStatus.Failed, "enough");
        await RefusedAsync(InitialWeights.OfRun(running.Id), 409, "Failed", "runs resume");
        await RefusedAsync(InitialWeights.OfRun("none"), 404, "none", "runs list");
        await RefusedAsync(InitialWeights.OfRun(bare.Id), 422, bare.Id, "Train it again");
        await node.Client.Models.RegisterAsync("m", bare.Id);
        await RefusedAsync(InitialWeights.OfVersion("m@1"), 422, "m@1", "Train it again");
        await RefusedAsync(InitialWeights.OfVersion("m"), 404, "production");
        await RefusedAsync(InitialWeights.OfVersion("m@none"), 404, "alias none");
        await RefusedAsync(InitialWeights.OfVersion("m@7"), 404, "version 7");
        await RefusedAsync(InitialWeights.OfVersion("none@1"), 404, "none");
        await RefusedAsync(InitialWeights.OfVersion("m@"), 400, "m@");
        await RefusedAsync(InitialWeights.OfFile("a.pt", new string('e', 32)), 404, "Upload it first");
        await RefusedAsync(InitialWeights.OfFile("a.pt", "../../token"), 400, "hash");
        await RefusedAsync(InitialWeights.OfFile("a.pt", bare.Artifacts["model"]), 400, "hash");
        await RefusedAsync(new InitialWeights { Kind = WeightsKind.File, Id = "a.pt" }, 400, "POST /api/v1/artifacts");
        var uploaded = await node.Client.Artifacts.UploadAsync(new MemoryStream([1]));
        await RefusedAsync(InitialWeights.OfFile("a.pt", uploaded.Hash) with { Map = new string('e', 32) }, 404, "name mapping");
        var nothing = await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Runs.FindWeightsAsync("nothing"));
        Assert.Contains("models list", nothing.Message);

        async Task RefusedAsync(InitialWeights from, int status, params string[] words)
        {
            var refusal = await Assert.ThrowsAnyAsync<LipSolException>(() => StartAsync(Urdu, from));
            Assert.Equal(status, (int)refusal.Status!);
            foreach (var word in words) Assert.Contains(word, refusal.Message);
        }
    }

    [Fact]
    public async Task A_run_of_a_version_that_kept_no_weights_gives_its_last_checkpoint()
    {
        await StartAsync(English, null);
        var worker = await node.Workers.NextAsync();
        var checkpoint = node.Artifacts.PutBytes("LIPSOL checkpoint"u8);
        await worker.CheckpointAsync(checkpoint, 3);
        await worker.CompleteAsync();
        await node.Client.Models.RegisterAsync("old", worker.RunId);
        Assert.Equal(checkpoint, (await StartAsync(Urdu, InitialWeights.OfRun(worker.RunId))).InitFrom!.Weights);
        Assert.Equal(checkpoint, (await StartAsync(Urdu, InitialWeights.OfVersion("old@1"))).InitFrom!.Weights);
    }

    [Fact]
    public async Task An_imported_version_gives_its_weights_and_what_is_not_here_can_not_be_checked()
    {
        var english = await TrainAsync(English);
        await node.Client.Models.RegisterAsync("letters", english.Id);
        using var bundle = new MemoryStream();
        await node.Client.Models.ExportAsync("letters", 1, bundle);
        await using var other = await TestNode.StartAsync();
        other.AddCorpus(Urdu, Clips("u", 100));
        bundle.Position = 0;
        await other.Client.Models.ImportAsync(bundle);
        var run = await other.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = Urdu, InitFrom = InitialWeights.OfVersion("letters@1") });
        Assert.Equal(Hash(Weights), run.InitFrom!.Weights);
        Assert.Equal((english.Id, english.DataHash), run.InitFrom.Pretraining.Select(p => (p.RunId, p.DataHash)).Single());
        Assert.Contains(english.DataHash, Assert.Single(run.InitFrom.Unknown));
    }

    [Fact]
    public async Task Weights_that_know_a_test_clip_under_any_name_are_refused_and_the_clips_are_named()
    {
        var english = await TrainAsync(English);
        var urdu = await TrainAsync(Urdu, InitialWeights.OfRun(english.Id));
        var (train, val, test) = (Content(0), Content(40), Content(50));
        var mixed = Clips("m", 200);
        // The same recording; one that was packed anew; and one that was tested on only, which may well be.
        node.AddCorpus("mixed", [.. mixed, Clip("m/copy", Split.Test, "x", train), Clip("m/anew", Split.Test, "x", "f" + val[1..], mouth: Mouth(40)), Clip("m/tested", Split.Test, "x", test)]);
        foreach (var from in (InitialWeights[])[InitialWeights.OfRun(english.Id), InitialWeights.OfRun(urdu.Id)])
        {
            var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => StartAsync("mixed", from));
            Assert.Equal((422, "test-in-pretraining"), ((int)refusal.Status!, refusal.Reason));
            foreach (var words in (string[])["2 of the 13 clips", english.Id, "m/copy (there e/Train/0, in train)", "m/anew (there e/Val/0, in val)", "never saw these clips"]) Assert.Contains(words, refusal.Message);
            Assert.DoesNotContain("m/tested", refusal.Message);
        }
        // A copy in train is trained on, not tested on.
        node.AddCorpus("mixed", [.. mixed, Clip("m/copy", Split.Train, "x", train)]);
        Assert.Empty((await StartAsync("mixed", InitialWeights.OfRun(english.Id))).InitFrom!.Unknown);
    }

    [Fact]
    public async Task What_a_run_was_not_trained_on_by_its_own_selection_is_not_held_against_it()
    {
        // Holding b out moves b's clips out of what is learnt: they may be tested on afterwards.
        var withoutB = await TrainAsync(English, parameters: ("hold_out_speaker", "b"));
        node.AddCorpus("mixed", [.. Clips("m", 200), Clip("m/b", Split.Test, "b", Content(11))]);
        var run = await StartAsync("mixed", InitialWeights.OfRun(withoutB.Id));
        Assert.Equal("b", run.InitFrom!.Pretraining.Single().Selection["hold_out_speaker"]);
        var withB = await TrainAsync(English);
        await Assert.ThrowsAsync<LipSolRefusedException>(() => StartAsync("mixed", InitialWeights.OfRun(withB.Id)));
    }

    [Fact]
    public async Task A_speaker_whom_the_weights_know_is_not_held_out_and_counts_as_unseen_under_protest_only()
    {
        var all = await TrainAsync(English);
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => StartAsync(English, InitialWeights.OfRun(all.Id), ("hold_out_speaker", "b")));
        Assert.Equal("speaker-in-pretraining", refusal.Reason);
        Assert.Contains("hold_out_speaker=b", refusal.Message);
        var withoutB = await TrainAsync(English, parameters: ("hold_out_speaker", "b"));
        Assert.Empty((await StartAsync(English, InitialWeights.OfRun(withoutB.Id), ("hold_out_speaker", "b"))).InitFrom!.SpeakersSeen);
        // One speaker is left out by the curve; the test clips of the other are read by weights that know both.
        var one = (await StartAsync(English, InitialWeights.OfRun(all.Id), ("train_speakers", "1"))).InitFrom!.SpeakersSeen;
        Assert.Contains(Assert.Single(one), (string[])["a", "b"]);
        Assert.Empty((await StartAsync(English, InitialWeights.OfRun(all.Id))).InitFrom!.SpeakersSeen);
    }

    [Fact]
    public async Task What_a_run_keeps_is_among_its_artifacts_while_it_trains_and_when_it_failed()
    {
        var run = await StartAsync(Urdu, null);
        var worker = await node.Workers.NextAsync();
        var report = node.Artifacts.PutBytes("{}"u8);
        await worker.KeepAsync("init-report.json", report);
        Assert.Equal(report, (await node.Client.Runs.GetAsync(run.Id)).Artifacts["init-report.json"]);
        await worker.EndAsync(Contracts.Runs.RunStatus.Failed, "no");
        Assert.Equal(report, (await node.Client.Runs.GetAsync(run.Id)).Artifacts["init-report.json"]);
        Assert.Contains(new ArtifactEntry("init-report.json", report), await node.Client.Runs.ListArtifactsAsync(run.Id));
    }

    [Fact]
    public async Task A_study_tells_runs_apart_by_what_they_start_from()
    {
        var english = await TrainAsync(English);
        await node.Client.Models.RegisterAsync("letters", english.Id);
        await node.Client.Models.SetAliasAsync("letters", "candidate", 1);
        var scratch = new StartRun { Experiment = "study", Network = "brightness", Corpus = Urdu };
        var runs = new List<Run>();
        InitialWeights?[] starts = [null, InitialWeights.OfRun(english.Id), InitialWeights.OfVersion("letters@candidate"), InitialWeights.OfFile("a", (await node.Client.Artifacts.UploadAsync(new MemoryStream([1]))).Hash)];
        foreach (var from in starts)
        {
            runs.Add((await node.Client.Studies.StartAsync(StudyPlan.Seeds(scratch with { InitFrom = from }, [1])))[0][0]);
            await (await node.Workers.NextAsync()).CompleteAsync();
        }
        Assert.Equal(starts.Length, runs.Select(r => r.Id).Distinct().Count());
        Assert.Equal(("brightness: seed 1", "brightness: seed 1, from letters@candidate"), (runs[0].Name, runs[2].Name));
        // Asked again nothing is trained, whatever the alias or the file is called; a later version is another start.
        Assert.Equal(runs.Select(r => r.Id), await AgainAsync([.. starts[..2], InitialWeights.OfVersion("letters@1"), starts[3]! with { Id = "b" }]));
        var second = await TrainAsync(English, weights: "better");
        await node.Client.Models.RegisterAsync("letters", second.Id);
        await node.Client.Models.SetAliasAsync("letters", "candidate", 2);
        Assert.DoesNotContain(Assert.Single(await AgainAsync([InitialWeights.OfVersion("letters@candidate")])), runs.Select(r => r.Id));

        async Task<List<string>> AgainAsync(InitialWeights?[] from)
        {
            var ids = new List<string>();
            foreach (var weights in from) ids.Add((await node.Client.Studies.StartAsync(StudyPlan.Seeds(scratch with { InitFrom = weights }, [1])))[0][0].Id);
            return ids;
        }
    }

    private Task<Run> StartAsync(string corpus, InitialWeights? from, params (string Name, string Value)[] parameters) =>
        node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = corpus, InitFrom = from, Parameters = parameters.ToDictionary(p => p.Name, p => p.Value), Priority = priority++ });

    private async Task<Run> TrainAsync(string corpus, InitialWeights? from = null, string? weights = Kept, params (string Name, string Value)[] parameters)
    {
        var run = await StartAsync(corpus, from, parameters);
        ScriptedWorker worker;
        // Runs that a test only started wait for the slot, or hold it: they make room.
        while ((worker = await node.Workers.NextAsync()).RunId != run.Id) await worker.EndAsync(Contracts.Runs.RunStatus.Stopped);
        await worker.CompleteAsync(weights: weights is null ? null : Encoding.UTF8.GetBytes(weights));
        return await node.Client.Runs.GetAsync(run.Id);
    }

    /// <summary>Clips of a and b: 40 in train, ten of them a's; five of each in val and in test. Each has a content of its own.</summary>
    private static CorpusClip[] Clips(string prefix, int first) =>
    [
        .. Enumerable.Range(0, 40).Select(i => Clip($"{prefix}/Train/{i}", Split.Train, i < 10 ? "a" : "b", Content(first + i), Mouth(first + i))),
        .. Enumerable.Range(0, 10).Select(i => Clip($"{prefix}/Val/{i}", Split.Val, i < 5 ? "a" : "b", Content(first + 40 + i), Mouth(first + 40 + i))),
        .. Enumerable.Range(0, 10).Select(i => Clip($"{prefix}/Test/{i}", Split.Test, i < 5 ? "a" : "b", Content(first + 50 + i), Mouth(first + 50 + i))),
    ];

    private static CorpusClip Clip(string id, Split split, string speaker, string content, string? mouth = null) => new()
    {
        Id = id,
        Path = id + ".mp4",
        ContentHash = content,
        Speaker = speaker,
        Split = split,
        Text = "کب",
        MouthClip = mouth ?? Hash(Encoding.UTF8.GetBytes(id)),
        Frames = 20,
        TrackedFrames = 20,
    };

    private static string Content(int number) => number.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);

    private static string Mouth(int number) => Hash(BitConverter.GetBytes(number));

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
}
