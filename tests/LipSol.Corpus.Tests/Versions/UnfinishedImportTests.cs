using LipSol.Clips;
using LipSol.Corpus.Import;
using LipSol.Corpus.Preparation;

namespace LipSol.Corpus.Tests.Versions;

/// <summary>People whose recordings an import began with and never made a version of.</summary>
public sealed class UnfinishedImportTests : IDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly TemporaryFolder _source = new();

    public void Dispose()
    {
        _data.Dispose();
        _source.Dispose();
    }

    private CorpusCatalog Catalog() => new(_data.Path);

    [Fact]
    public async Task Who_is_only_in_an_import_that_was_killed_leaves_nothing_behind_and_is_left_out_when_it_goes_on()
    {
        // What is on the disk at some moment is what a kill leaves.
        using var killed = new TemporaryFolder();
        var killing = new FaceCropper { Before = n => { if (n == 4) Copy(_data.Path, killed.Path); } };
        await ImportAsync(Catalog(), "c", killing, "a", "b", "a", "b", "a", "b");
        var catalog = new CorpusCatalog(killed.Path);
        Assert.Empty(catalog.List());
        Assert.Equal(2 + 2, catalog.Artifacts.Files().Count());

        var found = SpeakerWithdrawal.Find(catalog, "b", [], []);
        Assert.True(found.Has("b", []) && found.Has("b", ["c"]));
        Assert.False(found.Has("b", ["d"]) || found.Has("nobody", []));
        Assert.Equal(3, Assert.Single(found.Imports).Recordings.Count);
        Assert.Equal(["clip01.mp4", "clip03.mp4", "clip05.mp4"], found.Paths);
        Assert.Equal(3, found.Contents.Count);
        Assert.Equal(2, found.MouthClips.Count);
        found.Apply(DateTimeOffset.UnixEpoch);

        Assert.All(found.MouthClips, clip => Assert.False(catalog.Artifacts.Exists(clip)));
        Assert.Equal(2, catalog.Artifacts.Files().Count());
        Assert.All(found.Contents.Concat(found.MouthClips), hash => Assert.True(catalog.Withdrawals.Holds(hash)));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(killed.Path, "cache", "crops"), "*.json", SearchOption.AllDirectories).Length);
        Assert.Equal(["a", "a", "a"], Assert.Single(catalog.Imports.Read()).Recordings.Select(r => r.Speaker));
        // For a further remote.
        Assert.Equal(found.MouthClips, SpeakerWithdrawal.Find(catalog, "b", ["c"], []).MouthClips);

        var on = new FaceCropper();
        var prepared = await ImportAsync(catalog, "c", on, "a", "b", "a", "b", "a", "b");
        Assert.Equal(["clip00", "clip02", "clip04"], prepared.Manifest.Clips.Select(c => c.Id));
        Assert.Equal((1, 2), (on.Cropped, prepared.Reused));
        Assert.Empty(catalog.Imports.Read());
        Assert.Empty(Directory.GetFiles(Path.Combine(killed.Path, "imports"), "*.json"));
    }

    [Fact]
    public async Task Who_came_with_an_import_that_was_stopped_leaves_and_the_version_before_stays()
    {
        var catalog = Catalog();
        var first = await ImportAsync(catalog, "c", new FaceCropper(), "a", "a", "a");
        await StopAsync(catalog, "c", 2, "a", "a", "a", "b", "b", "b");
        // The recordings of the first version are in both.
        Assert.Equal(6, Assert.Single(catalog.Imports.Read()).Recordings.Count);

        var found = SpeakerWithdrawal.Find(catalog, "b", [], []);
        Assert.Empty(found.Versions);
        Assert.NotEmpty(found.MouthClips);
        found.Apply(DateTimeOffset.UnixEpoch);
        Assert.All(found.MouthClips, clip => Assert.False(catalog.Artifacts.Exists(clip)));
        Assert.Equal(first.DataHash, catalog.Find("c")!.Manifest);
        Assert.All(first.Manifest.Clips, c => Assert.True(catalog.Artifacts.Exists(c.MouthClip!)));
    }

    [Fact]
    public async Task An_import_that_ends_says_nothing_of_what_another_one_began()
    {
        var catalog = Catalog();
        await StopAsync(catalog, "c", 1, "a", "b", "a", "b");
        PreparedCorpus? other = null;
        // Two of one corpus at once, and the other is whole first.
        await ImportAsync(catalog, "c", new FaceCropper { Before = n => { if (n == 1) other = ImportAsync(Catalog(), "c", new FaceCropper(), "a").GetAwaiter().GetResult(); } }, "a", "b", "a");
        Assert.NotNull(other);
        var left = Assert.Single(Assert.Single(catalog.Imports.Read()).Recordings);
        Assert.Equal(("clip03.mp4", "b"), (left.Path, left.Speaker));
    }

    [Fact]
    public async Task Who_was_looked_for_before_an_import_began_is_found_in_it_all_the_same()
    {
        var catalog = Catalog();
        await ImportAsync(catalog, "c", new FaceCropper(), "a", "b");
        var found = SpeakerWithdrawal.Find(catalog, "b", [], []);
        // While someone is asked whether they are sure.
        await StopAsync(catalog, "c", 2, "a", "b", "b", "b", "b");
        found.Apply(DateTimeOffset.UnixEpoch);
        Assert.Equal(["a"], catalog.Imports.Read().SelectMany(i => i.Recordings).Select(r => r.Speaker));
        var mine = catalog.Get("c").Manifest.Clips.Single();
        // The mouth clip that is left, and manifests.
        Assert.Equal([mine.MouthClip], catalog.Artifacts.Files().Where(h => catalog.Artifacts.ReadBytes(h)[0] == (byte)'P'));
        Assert.Single(Directory.GetFiles(Path.Combine(_data.Path, "cache", "crops"), "*.json", SearchOption.AllDirectories));
        Assert.Empty(SpeakerWithdrawal.Find(catalog, "b", [], []).Imports);
    }

    [Fact]
    public async Task Who_leaves_while_their_recordings_are_cropped_leaves_nothing_even_where_that_is_stopped()
    {
        var catalog = Catalog();
        using var stop = new CancellationTokenSource();
        var cropper = new FaceCropper
        {
            Before = n =>
            {
                // One is whole, this one is about to be.
                if (n == 2) SpeakerWithdrawal.Find(Catalog(), "b", [], []).Apply(DateTimeOffset.UnixEpoch);
                if (n == 3) stop.Cancel();
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ImportAsync(catalog, "c", cropper, stop.Token, "b", "b", "b", "b", "a", "a", "a"));
        // Their last one wasn't cropped any more.
        Assert.Equal(4, cropper.Cropped);
        Assert.Single(catalog.Artifacts.Files());
        Assert.Equal(["a", "a", "a"], Assert.Single(catalog.Imports.Read()).Recordings.Select(r => r.Speaker));
    }

    [Fact]
    public async Task Recordings_of_another_corpus_import_are_told()
    {
        var catalog = Catalog();
        await ImportAsync(catalog, "c", new FaceCropper(), "a", "b");
        await StopAsync(catalog, "d", 0, "x", "y", "z");
        var found = SpeakerWithdrawal.Find(catalog, "b", [], []);
        Assert.Equal([new PersonName("d", "y")], found.Elsewhere());
        found = SpeakerWithdrawal.Find(catalog, "b", ["c"], [], [new PersonName("d", "y")]);
        Assert.Empty(found.Elsewhere());
        found.Apply(DateTimeOffset.UnixEpoch);
        Assert.Equal(["x", "z"], catalog.Imports.Read().SelectMany(i => i.Recordings).Select(r => r.Speaker));
    }

    [Fact]
    public void A_damaged_record_is_told_with_what_to_do()
    {
        _data.Write("imports/c.json", "[{");
        Assert.Contains("import the corpus to its end", Assert.Throws<InvalidDataException>(() => SpeakerWithdrawal.Find(Catalog(), "b", [], [])).Message);
    }

    // After so many mouth clips.
    private async Task StopAsync(CorpusCatalog catalog, string name, int at, params string[] speakers)
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ImportAsync(catalog, name, new FaceCropper { Before = n => { if (n == at) stop.Cancel(); }, Stopped = stop.Token }, stop.Token, speakers));
    }

    private Task<PreparedCorpus> ImportAsync(CorpusCatalog catalog, string name, ICropper cropper, params string[] speakers) => ImportAsync(catalog, name, cropper, TestContext.Current.CancellationToken, speakers);

    private Task<PreparedCorpus> ImportAsync(CorpusCatalog catalog, string name, ICropper cropper, CancellationToken cancellationToken, params string[] speakers)
    {
        for (var i = 0; i < speakers.Length; i++) _source.Write($"clip{i:00}.mp4", $"recording {i}");
        _source.Write("labels.csv", "path,speaker,split,text\n" + string.Concat(speakers.Select((s, i) => $"clip{i:00}.mp4,{s},train,ایک\n")));
        return new CorpusPreparation(catalog, cropper, 1).PrepareAsync(LabelsCsvImporter.Import(_source.Path, new ImportOptions { Name = name }), null, cancellationToken);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>A mouth clip as each recording's bytes are.</summary>
    private sealed class FaceCropper : ICropper
    {
        public Action<int>? Before { get; init; }

        public CancellationToken Stopped { get; init; }

        public int Cropped { get; private set; }

        public CropSettings Settings { get; } = new();

        public MouthClip Crop(string path, CancellationToken cancellationToken)
        {
            Before?.Invoke(Cropped);
            Stopped.ThrowIfCancellationRequested();
            Cropped++;
            var bytes = File.ReadAllBytes(path);
            return new MouthClip(bytes, 1, 1, 25, [.. Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 1), bytes.Length)], Settings);
        }
    }
}
