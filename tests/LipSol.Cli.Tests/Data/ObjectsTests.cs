using System.Diagnostics;
using System.Text.Json;
using LipSol.Artifacts;
using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Data;

/// <summary>Corpora, models and runs as objects of a remote: from one node to another, and kept from gc.</summary>
public sealed class ObjectsTests(Workshop workshop) : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_node_that_has_neither_trains_from_the_remotes_corpus_and_serves_the_remotes_model()
    {
        var made = await workshop.ReadyAsync();
        var pushed = (await RunAsync(made.DataFolder, "push", "--corpus", "tiny", "--model", "tiny-words", "--run", made.Run, "--json")).With(0).Document;
        var corpus = Hash(pushed, "corpus");
        Assert.Equal(made.Trained.Document.GetProperty("dataHash").GetString(), corpus);
        Assert.Equal(0, (await RunAsync(made.DataFolder, "push", "--corpus", "tiny", "--run", made.Run, "--json")).With(0).Document.GetProperty("sent").GetInt32());

        // The name alone is here: neither the manifest nor a mouth clip.
        var other = scratch["other"];
        (await RunAsync(other, "pull", "--corpus", corpus, "--json")).With(0);
        Directory.Delete(Path.Combine(other, "artifacts"), recursive: true);
        await using var node = LipSolProgram.StartWith(new() { ["LIPSOL_REMOTE"] = Remote }, other, "up", "--port", "0", "--json");
        await node.WaitForOutputAsync(text => text.TrimEnd().EndsWith('}'));
        try
        {
            var run = (await LipSolProgram.RunAsync(other, ["train", "--corpus", "tiny", "--model", "word-tcn", .. Workshop.TinyNetwork, "--set", "epochs=1", "--json"])).With(0).Document;
            Assert.Equal(corpus, run.GetProperty("dataHash").GetString());
            var id = run.GetProperty("id").GetString()!;
            Assert.Contains("inputs (", (await LipSolProgram.RunAsync(other, "runs", "show", id, "--log")).With(0).Output);
            Assert.Contains($"mouth-clips {Input((await LipSolProgram.RunAsync(made.DataFolder, "runs", "show", made.Run, "--json")).With(0).Document, "mouth-clips")}", (await LipSolProgram.RunAsync(other, "runs", "show", id)).With(0).Output);

            // Bit for bit, also where all of it was lost.
            Directory.Delete(Path.Combine(other, "artifacts", "files"), recursive: true);
            (await RunAsync(other, "pull", "--run", id, "--out", scratch["inputs"], "--json")).With(0);
            Assert.Equal(corpus, ArtifactHash.OfPath(scratch["inputs/corpus.json"]));
            Assert.Equal(Input((await LipSolProgram.RunAsync(other, "runs", "show", id, "--json")).With(0).Document, "mouth-clips"), ArtifactHash.OfPath(scratch["inputs/mouth-clips"]));

            // It never trained this model.
            var taken = (await RunAsync(other, "pull", "--model", Hash(pushed, "model"), "--json")).With(0).Document;
            Assert.Equal("tiny-words@1", taken.GetProperty("objects")[0].GetProperty("name").GetString());
            (await LipSolProgram.RunAsync(other, "models", "promote", "tiny-words", "--version-number", "1", "--threshold", "0")).With(0);
            var there = (await LipSolProgram.RunAsync(other, "transcribe", made.Clip, "--json")).With(0).Document;
            var here = (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", made.Clip, "--model", "tiny-words", "--json")).With(0).Document;
            Assert.Equal(here.GetProperty("text").GetString(), there.GetProperty("text").GetString());
            // Its provenance leads back to the run and the data, wherever that was.
            Assert.Equal((made.Run, corpus), (there.GetProperty("provenance").GetProperty("runId").GetString(), there.GetProperty("provenance").GetProperty("dataHash").GetString()));
        }
        finally
        {
            node.Signal("TERM");
        }
        await node.Ended;
    }

    [Fact]
    public async Task Gc_keeps_what_the_runs_models_and_corpora_of_a_real_node_refer_to()
    {
        var made = await workshop.ReadyAsync();
        (await RunAsync(made.DataFolder, "push", "--corpus", "tiny", "--model", "tiny-words", "--run", made.Run, "--run", made.OtherRun)).With(0);
        Directory.CreateDirectory(scratch["repository/.dvc"]);
        Git("init", "--quiet");
        var junk = new FolderArtifactStore(Remote).PutBytes("nothing refers to it"u8);
        var before = Directory.EnumerateFiles(Remote, "*", SearchOption.AllDirectories).Count();

        var found = (await RunAsync(made.DataFolder, "gc", "--cloud", "--older-than", "0s", "--yes", "--repository", scratch["repository"], "--json")).With(0).Document;

        Assert.Equal([junk], found.GetProperty("contents").EnumerateArray().Select(c => c.GetString()!));
        Assert.Equal(0, found.GetProperty("unknown").GetArrayLength());
        Assert.Equal(before - 1, Directory.EnumerateFiles(Remote, "*", SearchOption.AllDirectories).Count());
        // What lists a folder nobody has can't be told from what nothing refers to.
        File.WriteAllText(scratch["repository/lost.dvc"], $"outs:\n- md5: {new string('a', 32)}.dir\n  hash: md5\n  path: lost\n");
        new FolderArtifactStore(Remote).PutBytes("nothing refers to it"u8);
        string[] gc = ["gc", "--cloud", "--older-than", "0s", "--yes", "--repository", scratch["repository"]];
        Assert.Contains("Nothing is removed", (await RunAsync(made.DataFolder, gc[0], gc[1..])).With(2).Errors);
        Assert.Equal(before, Directory.EnumerateFiles(Remote, "*", SearchOption.AllDirectories).Count());
        (await RunAsync(made.DataFolder, gc[0], [.. gc[1..], "--force"])).With(0);
        Assert.Equal(before - 1, Directory.EnumerateFiles(Remote, "*", SearchOption.AllDirectories).Count());
        // Without the node that refers to it, by what the pushes left there.
        File.Delete(scratch["repository/lost.dvc"]);
        string[] elsewhere = ["gc", "--cloud", "--older-than", "0s", "--yes", "--repository", scratch["repository"], "--json"];
        Assert.Equal(0, (await RunAsync(scratch["nobody"], elsewhere[0], elsewhere[1..])).With(0).Document.GetProperty("contents").GetArrayLength());
        Assert.Equal(before - 1, Directory.EnumerateFiles(Remote, "*", SearchOption.AllDirectories).Count());
        var pushed = (await RunAsync(scratch["nobody"], "pushed", "--json")).With(0).Document.GetProperty("pushed").EnumerateArray().ToArray();
        Assert.Equal(["corpus", "model", "run", "run"], pushed.Select(p => p.GetProperty("kind").GetString()!).Order());
        // Until they are taken away: then what nothing else refers to may go.
        var model = pushed.Single(p => p.GetProperty("kind").GetString() == "model").GetProperty("id").GetString()!;
        Assert.Contains("no record", (await RunAsync(scratch["nobody"], "pushed", "--forget", "zz", "--yes")).With(2).Errors);
        Assert.Contains("Nobody can be asked", (await RunAsync(scratch["nobody"], "pushed", "--forget", model)).With(2).Errors);
        (await RunAsync(scratch["nobody"], "pushed", "--forget", model[..12], "--yes")).With(0);
        Assert.NotEqual(0, (await RunAsync(scratch["nobody"], elsewhere[0], elsewhere[1..])).With(0).Document.GetProperty("contents").GetArrayLength());
    }

    [Fact]
    public async Task What_cannot_be_is_said()
    {
        var made = await workshop.ReadyAsync();
        Assert.Contains("not both", (await RunAsync(made.DataFolder, "push", "some/path", "--corpus", "tiny")).With(2).Errors);
        Assert.Contains("There is no corpus 'none'", (await RunAsync(made.DataFolder, "push", "--corpus", "none")).With(2).Errors);
        Assert.Contains("There is no folder", (await RunAsync(made.DataFolder, "pull", "--corpus", new string('a', 32))).With(1).Errors);
        Assert.Contains("--out", (await RunAsync(made.DataFolder, "pull", "--corpus", "tiny", "--out", scratch["x"])).With(2).Errors);
        // What is here already needs no remote.
        Assert.Equal(0, (await LipSolProgram.RunAsync(made.DataFolder, "data", "pull", "--corpus", "tiny", "--repository", scratch["plain"], "--json")).With(0).Document.GetProperty("received").GetInt32());
    }

    private string Remote => scratch["remote"];

    private Task<Answer> RunAsync(string dataFolder, string command, params string[] arguments) => LipSolProgram.RunAsync(dataFolder, ["data", command, .. arguments, "--remote", Remote]);

    private static string Hash(JsonElement pushed, string kind) => pushed.GetProperty("objects").EnumerateArray().Single(o => o.GetProperty("kind").GetString() == kind).GetProperty("hash").GetString()!;

    private static string Input(JsonElement run, string name) => run.GetProperty("inputs").EnumerateArray().Single(i => i.GetProperty("name").GetString() == name).GetProperty("hash").GetString()!;

    private void Git(params string[] arguments)
    {
        using var git = Process.Start("git", ["-C", scratch["repository"], .. arguments]);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
    }
}
