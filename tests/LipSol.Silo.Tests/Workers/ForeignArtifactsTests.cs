using System.Text;
using LipSol.Artifacts;
using LipSol.Contracts.Runs;
using LipSol.Inference;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Silo.Tests.Workers;

/// <summary>What is believed of a worker that runs a person's network, and what isn't.</summary>
public sealed class ForeignArtifactsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FolderArtifactStore made, store;
    private readonly ForeignArtifacts foreign;

    public ForeignArtifactsTests()
    {
        (made, store) = (new(Path.Combine(folder.Path, "made")), new(Path.Combine(folder.Path, "store")));
        foreign = new(made.Root, store, new BundleLimits { Bytes = 1 << 20 });
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Only_what_it_made_and_is_what_its_hash_says_is_taken_over()
    {
        var sound = made.PutBytes("sound"u8);
        var other = made.PutBytes("said to be this"u8);
        File.Delete(made.PathOf(other));
        File.WriteAllText(made.PathOf(other), "and is that");
        Assert.False(foreign.TakeOver(sound));
        Assert.True(store.Exists(sound));
        var others = store.PutBytes("somebody's mouth clip"u8);
        var listing = made.PutListing(FolderListing.Of([new FolderEntry(sound, "a")]));
        // In place of a file, a folder; a listing that isn't as listings are written; a folder that names what somebody else made.
        Directory.CreateDirectory(made.PathOf(new string('1', 32)));
        var loose = Put(Encoding.ASCII.GetString(File.ReadAllBytes(made.PathOf(listing))).Replace(" ", "", StringComparison.Ordinal));
        var naming = Put($$"""[{"md5": "{{others}}", "relpath": "a"}]""");
        foreach (var wrong in new[] { other, others, "../../etc/passwd", new string('0', 32), new string('0', 32) + ".dir", new string('1', 32), loose, naming })
            Assert.Throws<ProtocolException>(() => foreign.TakeOver(wrong));
        Assert.Equal(2, Directory.EnumerateFiles(store.Root, "*", SearchOption.AllDirectories).Count());
        Assert.False(foreign.TakeOver(listing));
        Assert.Equal(sound, store.ReadFolder(listing).Entries.Single().Md5);

        string Put(string text)
        {
            var hash = ArtifactHash.Of(Encoding.ASCII.GetBytes(text)) + ".dir";
            Directory.CreateDirectory(Path.GetDirectoryName(made.PathOf(hash))!);
            File.WriteAllText(made.PathOf(hash), text);
            return hash;
        }
    }

    [Fact]
    public void Names_and_metrics_without_end_are_refused_and_texts_are_cut()
    {
        var hash = made.PutBytes("sound"u8);
        for (var i = 0; i < 1000; i++) foreign.TakeOverNamed($"file {i}", hash);
        foreign.TakeOverNamed("file 0", hash);
        Assert.Throws<ProtocolException>(() => foreign.TakeOverNamed("one more", hash));
        foreign.Look(Enumerable.Range(0, 5000).Select(i => $"metric {i}"));
        foreign.Look(["metric 0"]);
        Assert.Throws<ProtocolException>(() => foreign.Look(["one more"]));
        Assert.Equal("ab…", ForeignArtifacts.Short("abc", 2));
    }

    [Fact]
    public void What_the_store_had_before_is_known_as_somebody_elses_also_where_the_worker_has_copied_it()
    {
        var others = store.PutBytes("somebody's mouth clip"u8);
        made.PutBytes("somebody's mouth clip"u8);
        Assert.True(foreign.TakeOverCheckpoint(others));
        // Told again, since the answer was lost.
        Assert.True(foreign.TakeOverCheckpoint(others));
        var own = made.PutBytes("a checkpoint"u8);
        Assert.False(foreign.TakeOverCheckpoint(own));
        Assert.False(foreign.TakeOverCheckpoint(own));
    }

    [Fact]
    public void A_checkpoint_that_is_taken_over_leaves_the_workers_folder()
    {
        var checkpoint = made.PutBytes("a checkpoint"u8);
        foreign.TakeOverCheckpoint(checkpoint);
        Assert.True(store.Exists(checkpoint));
        Assert.False(made.Exists(checkpoint));
        // Let go meanwhile, it can't be told of again.
        store.Remove(checkpoint);
        Assert.Throws<ProtocolException>(() => foreign.TakeOverCheckpoint(checkpoint));
        Assert.Throws<ProtocolException>(() => foreign.TakeOverCheckpoint(made.PutListing(FolderListing.Of([]))));
    }

    [Fact]
    public void What_is_too_large_is_refused_before_it_is_read()
    {
        // Sparse: it costs its maker nothing.
        foreach (var (hash, length) in new[] { (new string('2', 32), 1L << 42), (new string('3', 32) + ".dir", 1L << 41) })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(made.PathOf(hash))!);
            using (var file = File.Create(made.PathOf(hash))) file.SetLength(length);
            Assert.Contains("larger than", Assert.Throws<ProtocolException>(() => foreign.TakeOver(hash)).Message);
        }

        // A folder's files together may be what one model may be.
        var half = Enumerable.Range(0, 3).Select(i => new FolderEntry(made.PutBytes(Enumerable.Repeat((byte)i, 400_000).ToArray()), $"{i}")).ToArray();
        Assert.Contains("larger than", Assert.Throws<ProtocolException>(() => foreign.TakeOver(made.PutListing(FolderListing.Of(half)))).Message);
        var many = made.PutListing(FolderListing.Of(Enumerable.Range(0, 300).Select(i => new FolderEntry(made.PutBytes(Encoding.ASCII.GetBytes($"{i}")), $"{i}"))));
        Assert.Contains("300 files", Assert.Throws<ProtocolException>(() => foreign.TakeOver(many)).Message);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(store.Root, "tmp")));
    }

    [Fact]
    public void A_model_is_taken_only_where_it_is_of_its_run_and_one_that_a_node_may_load()
    {
        var model = Path.Combine(folder.Path, "model");
        BrightnessModel.Write(model);
        var manifest = ModelManifestFile.Read(model);
        var spec = new RunSpec { Experiment = "e", Name = "n", Network = manifest.Network, Corpus = manifest.Corpus, DataHash = manifest.DataHash, Parameters = [], NetworkSource = store.PutBytes("source"u8) };
        foreign.TakeOverResult(Result(), spec, manifest.RunId);
        Assert.Throws<ProtocolException>(() => foreign.TakeOverResult(Result(), spec, "another"));
        Assert.Throws<ProtocolException>(() => foreign.TakeOverResult(Result(), spec with { DataHash = "another" }, manifest.RunId));

        // Which notebook it came from isn't its to say.
        Assert.Contains("notebook.json", Assert.Throws<ProtocolException>(() => foreign.TakeOverResult(Result() with { Artifacts = new Dictionary<string, string> { ["notebook.json"] = made.PutBytes("{}"u8) } }, spec, manifest.RunId)).Message);

        // An operator of a domain that isn't ONNX's own: a node of type Loop would do as well.
        var onnx = Path.Combine(model, ModelManifestFile.OnnxName);
        var bytes = File.ReadAllBytes(onnx);
        // field 7 (graph): field 1 (node): field 4 (operator) "Loop"
        File.WriteAllBytes(onnx, [0x3A, 8, 0x0A, 6, 0x22, 4, .. "Loop"u8]);
        ModelManifestFile.Write(manifest, model);
        Assert.Contains("Loop", Assert.Throws<UnusableBundleException>(() => foreign.TakeOverResult(Result(), spec, manifest.RunId)).Message);
        File.WriteAllBytes(onnx, bytes);
        ModelManifestFile.Write(manifest with { Input = manifest.Input with { Frames = int.MaxValue } }, model);
        Assert.Contains("more than is ever taken in", Assert.Throws<UnusableBundleException>(() => foreign.TakeOverResult(Result(), spec, manifest.RunId)).Message);

        TrainingResult Result() => new()
        {
            ModelArtifact = made.PutFolder(model, TestContext.Current.CancellationToken),
            EvaluationArtifact = made.PutBytes("{}"u8),
            Figures = new Dictionary<string, FigureValue>(),
            OnnxMaxAbsDifference = 0,
            WeightCount = 1,
            Artifacts = new Dictionary<string, string> { ["network.cs"] = spec.NetworkSource! },
        };
    }
}
