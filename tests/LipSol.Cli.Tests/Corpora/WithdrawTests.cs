using System.Diagnostics;
using System.Text.Json;
using LipSol.Cli.Tests.Programs;
using LipSol.Client;
using LipSol.Corpus;

namespace LipSol.Cli.Tests.Corpora;

/// <summary>`corpus change`, `corpus history` and `corpus withdraw` on a real node with a run, a model, a remote and a repository.</summary>
public sealed class WithdrawTests : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_corpus_changes_and_a_person_leaves_it_the_cache_the_remote_and_is_marked_where_they_were_used()
    {
        var data = scratch["data"];
        await using var node = LipSolProgram.StartWith(new() { ["LIPSOL_REMOTE"] = NodesRemote }, data, "up", "--port", "0", "--json");
        (await RunAsync("corpus", "synth", "--name", "drawn", "--words", "آپ,جی", "--set", "speakers=2", "--set", "unseen=0", "--set", "takes=2", "--set", "val-takes=1", "--set", "test-takes=1")).With(0);
        await node.WaitForOutputAsync(text => text.TrimEnd().EndsWith('}'));
        try
        {
            var catalog = new CorpusCatalog(data);
            var (first, manifest) = catalog.Get("drawn");
            var (leaves, stays) = manifest.Clips.Select(c => c.Speaker).Distinct().ToArray() is [var one, var two] ? (one, two) : throw new InvalidOperationException("two speakers");

            (await RunAsync("data", "push", "--corpus", "drawn", "--remote", Remote)).With(0);

            // One clip less: a version that says so.
            var excluded = manifest.Clips.First(c => c.Speaker == stays && c.Split == Split.Train).Id;
            Assert.Contains("1 removed", (await RunAsync("corpus", "change", "drawn", "--exclude", excluded, "--why", "blurred")).With(0).Output);
            Assert.Contains("is no clip of drawn", (await RunAsync("corpus", "change", "drawn", "--exclude", "nobody")).With(2).Errors);
            var history = (await RunAsync("corpus", "history", "drawn", "--json")).With(0).Document.GetProperty("versions");
            Assert.Equal((2, 1, "blurred"), (history.GetArrayLength(), history[1].GetProperty("removed").GetInt32(), history[1].GetProperty("why").GetString()));
            var second = history[1].GetProperty("manifest").GetString()!;
            Assert.Contains($"removed    {excluded}", (await RunAsync("corpus", "history", "drawn", "--diff", first, second)).With(0).Output);

            var run = (await RunAsync(["train", "--corpus", "drawn", "--model", "word-tcn", .. Workshop.TinyNetwork, "--set", "epochs=1", "--json"])).With(0).Document.GetProperty("id").GetString()!;
            (await RunAsync("models", "promote", "drawn-words", "--run", run, "--threshold", "0")).With(0);
            (await RunAsync("data", "push", "--corpus", "drawn", "--run", run, "--remote", Remote)).With(0);
            // As a notebook that shows clips leaves it with the run that it starts.
            var connected = await LipSolClient.ConnectAsync(data, TestContext.Current.CancellationToken);
            using var client = connected;
            var shown = "<img src=\"data:image/png;base64,aGVsbG8=\">";
            var notebook = JsonSerializer.SerializeToUtf8Bytes(new { cells = new object[] { new { cell_type = "code", source = "gallery", outputs = new object[] { new { output_type = "display_data", data = new Dictionary<string, object> { ["text/html"] = new[] { shown, "<b>what it said</b>" }, ["image/png"] = "aGVsbG8=" } } } } }, nbformat = 4 });
            var executed = (await client.Artifacts.UploadAsync(new MemoryStream(notebook), cancellationToken: TestContext.Current.CancellationToken)).Hash;
            var origin = (await client.Artifacts.UploadAsync(new MemoryStream("{}"u8.ToArray()), cancellationToken: TestContext.Current.CancellationToken)).Hash;
            await client.Runs.SetNotebookAsync(run, new RunNotebook(origin, executed), TestContext.Current.CancellationToken);
            (await RunAsync("data", "push", "--run", run, "--remote", Remote)).With(0);
            // The node's own remote has it too, though nobody will name it.
            (await RunAsync("data", "push", "--corpus", "drawn", "--run", run, "--remote", NodesRemote)).With(0);
            // The version before counts as well, whoever cleans the remote: it has no run, and the record of its push is taken away.
            foreach (var pushed in (await RunAsync("data", "pushed", "--remote", Remote, "--json")).With(0).Document.GetProperty("pushed").EnumerateArray())
                (await RunAsync("data", "pushed", "--remote", Remote, "--forget", pushed.GetProperty("id").GetString()!, "--yes")).With(0);
            Directory.CreateDirectory(scratch["cleaner/.dvc"]);
            Git("cleaner", "init", "--quiet");
            Assert.Empty((await RunAsync("data", "gc", "--older-than", "0s", "--remote", Remote, "--repository", scratch["cleaner"], "--dry-run", "--json")).With(0).Document.GetProperty("contents").EnumerateArray());
            // The recordings, versioned where they were recorded.
            Directory.CreateDirectory(scratch["repository"]);
            Git("repository", "init", "--quiet");
            Copy(Path.Combine(data, "synthetic", "drawn"), scratch["repository/recordings"]);
            (await RunAsync("data", "add", scratch["repository/recordings"])).With(0);
            (await RunAsync("data", "push", "--repository", scratch["repository"], "--remote", Remote)).With(0);
            string[] theirs = [.. manifest.Clips.Where(c => c.Speaker == leaves).SelectMany(c => new[] { c.ContentHash, c.MouthClip! })];
            Assert.All(theirs, hash => Assert.True(File.Exists(PathOf(Remote, hash))));

            // An import of more of them was stopped.
            File.WriteAllText(Path.Combine(data, "imports", "drawn.json"), JsonSerializer.Serialize(new[] { new { contentHash = new string('d', 32), speaker = leaves, path = "stopped.mp4" } }));
            string[] withdraw = ["corpus", "withdraw", leaves, "--remote", Remote, "--repository", scratch["repository"]];
            Assert.Contains("no version of a corpus", (await RunAsync("corpus", "withdraw", "nobody", "--yes")).With(2).Errors, StringComparison.OrdinalIgnoreCase);
            var planned = (await RunAsync([.. withdraw, "--dry-run", "--json"])).With(0).Document;
            Assert.Equal(new[] { first, second }.Order(), planned.GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("dataHash").GetString()!).Order());
            Assert.Equal(run, planned.GetProperty("runs")[0].GetString());
            Assert.Equal("drawn-words@1", planned.GetProperty("models")[0].GetString());
            Assert.Equal("drawn", Assert.Single(planned.GetProperty("imports").EnumerateArray()).GetProperty("corpus").GetString());
            Assert.Contains("Nobody can be asked here: give --yes", (await RunAsync(withdraw)).With(2).Errors);
            Assert.All(theirs, hash => Assert.True(File.Exists(PathOf(Remote, hash))));

            (await RunAsync([.. withdraw, "--yes", "--json"])).With(0);

            Assert.All(theirs, hash => Assert.False(File.Exists(PathOf(Remote, hash))));
            Assert.All(theirs.Append(executed), hash => Assert.False(File.Exists(PathOf(NodesRemote, hash))));
            Assert.All((string[])[Remote, Path.Combine(data, "artifacts")], place => Assert.False(File.Exists(PathOf(place, executed))));
            Assert.False(File.Exists(Path.Combine(data, "imports", "drawn.json")));
            var left = System.Text.Encoding.UTF8.GetString(await client.Artifacts.GetAsync((await client.Runs.GetAsync(run, TestContext.Current.CancellationToken)).Artifacts["notebook.ipynb"], cancellationToken: TestContext.Current.CancellationToken));
            Assert.Equal(origin, (await client.Runs.GetAsync(run, TestContext.Current.CancellationToken)).Artifacts["notebook.json"]);
            Assert.DoesNotContain("aGVsbG8", left);
            Assert.Contains("what it said", left);
            Assert.All(theirs, hash => Assert.False(File.Exists(PathOf(scratch["repository/.dvc/cache"], hash))));
            Assert.All(theirs, hash => Assert.False(File.Exists(PathOf(Path.Combine(data, "artifacts"), hash))));
            var others = manifest.Clips.Where(c => c.Speaker == stays && c.Id != excluded).ToArray();
            Assert.Equal(others.Select(c => c.Id), catalog.Get("drawn").Manifest.Clips.Select(c => c.Id));
            Assert.All(others, c => Assert.True(File.Exists(PathOf(Path.Combine(data, "artifacts"), c.MouthClip!)) && File.Exists(PathOf(Remote, c.ContentHash))));
            Assert.Contains("has withdrawn", (await RunAsync("models", "show", "drawn-words")).With(0).Output);
            Assert.Contains("has withdrawn", (await RunAsync("transcribe", Path.Combine(data, "synthetic", "drawn", others[0].Path))).With(0).Errors);
            Assert.Contains("a speaker of drawn", (await RunAsync("runs", "show", run, "--json")).With(0).Document.GetProperty("tags").GetProperty("withdrawn").GetString());
            // Nobody brings them back: neither a push of the recordings, nor a pull of the old version, nor a run that goes on.
            (await RunAsync("data", "add", scratch["repository/recordings"])).With(0);
            Assert.Contains("a person who withdrew", (await RunAsync("data", "push", "--repository", scratch["repository"], "--remote", Remote)).With(1).Errors);
            Assert.Contains("were left out", (await RunAsync("data", "pull", "--corpus", second, "--force", "--remote", Remote)).With(0).Errors);
            Assert.DoesNotContain(leaves, catalog.Get("drawn").Manifest.Clips.Select(c => c.Speaker));
            Assert.Contains("withdr", (await RunAsync("data", "pull", "--run", run, "--out", scratch["inputs"], "--remote", Remote)).With(1).Errors);
            Assert.Contains("withdr", (await RunAsync("data", "push", "--run", run, "--remote", Remote)).With(1).Errors);
            Assert.All(theirs, hash => Assert.False(File.Exists(PathOf(Remote, hash)) || File.Exists(PathOf(Path.Combine(data, "artifacts"), hash))));
            // What isn't there any more is no reason to clean nothing.
            Assert.Empty((await RunAsync("data", "gc", "--older-than", "0s", "--remote", Remote, "--repository", scratch["cleaner"], "--dry-run", "--json")).With(0).Document.GetProperty("unknown").EnumerateArray());
            // For a further remote, and one that can't be reached: the rest is done, and that is said.
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(scratch["further"], theirs[0]))!);
            File.WriteAllText(PathOf(scratch["further"], theirs[0]), "theirs");
            var again = (await RunAsync("corpus", "withdraw", leaves, "--remote", scratch["unmounted"], "--remote", scratch["further"], "--repository", scratch["repository"], "--yes", "--json")).With(1);
            Assert.False(File.Exists(PathOf(scratch["further"], theirs[0])));
            Assert.False(Directory.Exists(scratch["unmounted"]));
            Assert.Contains("unmounted", Assert.Single(again.Document.GetProperty("failed").EnumerateArray()).GetString());
            Assert.Single((await client.Models.GetAsync("drawn-words", TestContext.Current.CancellationToken)).Marks[1]);
            Assert.Contains("has a speaker nobody", (await RunAsync("corpus", "withdraw", leaves, "--corpus", "drawn", "--also", "nobody@drawn", "--yes")).With(2).Errors);
            // Files of one place aren't mixed with the runs of another.
            await using var mixed = LipSolProgram.StartWith(new() { ["LIPSOL_URL"] = "http://127.0.0.1:1", ["LIPSOL_TOKEN"] = "x" }, data, "corpus", "withdraw", leaves, "--yes");
            Assert.Contains("LIPSOL_URL names a node elsewhere", (await mixed.Ended).With(2).Errors);
            // Whoever trains now trains without them.
            var anew = (await RunAsync(["train", "--corpus", "drawn", "--model", "word-tcn", .. Workshop.TinyNetwork, "--set", "epochs=1", "--json"])).With(0).Document;
            Assert.Equal(catalog.Get("drawn").DataHash, anew.GetProperty("dataHash").GetString());
        }
        finally
        {
            node.Signal("TERM");
        }
        await node.Ended;
    }

    private string Remote => scratch["remote"];

    private string NodesRemote => scratch["of-the-node"];

    private Task<Answer> RunAsync(params string[] arguments) => LipSolProgram.RunAsync(scratch["data"], arguments);

    private static string PathOf(string root, string hash) => Path.Combine(root, "files", "md5", hash[..2], hash[2..]);

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private void Git(string folder, params string[] arguments)
    {
        using var git = Process.Start("git", ["-C", scratch[folder], .. arguments]);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
    }
}
