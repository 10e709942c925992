using LipSol.Artifacts;
using LipSol.Clips;
using LipSol.Corpus.Import;
using LipSol.Corpus.Preparation;

namespace LipSol.Corpus.Tests.Versions;

/// <summary>Corpora that change, and people who leave them.</summary>
public sealed class VersionTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    private CorpusCatalog Catalog() => new(_data.Path);

    [Theory]
    [InlineData(new byte[0], "is empty")]
    [InlineData(new byte[] { (byte)'c', 0xff, 0xfe, (byte)'\n' }, "is not UTF-8")]
    [InlineData(new byte[] { (byte)'x', (byte)'\n' }, "the first line must be")]
    public void Labels_that_are_no_table_are_told(byte[] content, string told)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("labels.csv", content);
        Assert.Contains(told, Assert.Throws<CorpusProblemsException>(() => new CorpusEdit().ReadLabels(file)).Message);
    }

    [Fact]
    public void A_name_tells_its_versions_and_what_changed_with_each()
    {
        var catalog = Catalog();
        var first = catalog.Set(Corpus(catalog, "c", ("a", 3), ("b", 2)));
        var edit = new CorpusEdit();
        edit.Exclude("a/0");
        edit.Exclude("b/1.mp4"); // by its path
        edit.Label("a/1", " کب ", null);
        edit.Label("a/2", null, Split.Test);
        var second = catalog.Set(edit.Apply(catalog.GetVersion(first)), "corrections of May");
        Assert.Equal(second, catalog.Set(catalog.GetVersion(second))); // nothing new

        var history = Catalog().Find("c")!.History;
        Assert.Equal([first, second], history.Select(v => v.Manifest));
        Assert.Equal((5, 0), (history[0].Added, history[0].Removed));
        Assert.Equal((0, 2, 1, 1, 0, "corrections of May"), (history[1].Added, history[1].Removed, history[1].Relabelled, history[1].Moved, history[1].Remade, history[1].Why));
        var diff = CorpusDiff.Of(catalog.GetVersion(first), catalog.GetVersion(second));
        Assert.Equal(["a/0", "b/1"], diff.Removed);
        Assert.Equal(["a/1"], diff.Relabelled);
        Assert.Equal(["a/2"], diff.Moved);
        var relabelled = catalog.GetVersion(second).Clips.Single(c => c.Id == "a/1");
        Assert.Equal("کب", relabelled.Text);
        Assert.Empty(relabelled.Words); // they were those of another sentence
    }

    [Fact]
    public void A_pointer_of_an_older_LipSol_begins_a_history()
    {
        var catalog = Catalog();
        var first = catalog.Set(Corpus(catalog, "c", ("a", 2)));
        _data.Write("corpora/c.json", $$"""{"name":"c","manifest":"{{first}}","updated":"2026-05-01T00:00:00+00:00"}""");
        var second = catalog.Set(Corpus(catalog, "c", ("a", 3)));
        var history = catalog.Find("c")!.History;
        Assert.Equal([first, second], history.Select(v => v.Manifest));
        Assert.Equal((1, 0), (history[1].Added, history[1].Removed));
    }

    [Fact]
    public void What_cannot_be_changed_so_is_told_at_once()
    {
        var catalog = Catalog();
        var manifest = Corpus(catalog, "c", ("a", 1));
        var edit = new CorpusEdit();
        edit.Exclude("nobody");
        edit.Label("a/0", "…", null);
        Assert.Equal(2, Assert.Throws<CorpusProblemsException>(() => edit.Apply(manifest)).Problems.Count);
        var all = new CorpusEdit();
        all.Exclude("a/0");
        Assert.Contains("no clip left", Assert.Throws<CorpusProblemsException>(() => all.Apply(manifest)).Message);
        var file = _data.Write("labels.csv", "clip,split\na/0,training\n,test\n");
        Assert.Equal(2, Assert.Throws<CorpusProblemsException>(() => new CorpusEdit().ReadLabels(file)).Problems.Count);
    }

    [Fact]
    public void The_mouth_clips_of_a_version_are_a_folder_that_gives_them_back()
    {
        var catalog = Catalog();
        var manifest = Corpus(catalog, "c", ("a", 2), ("گل", 1));
        catalog.Set(manifest);
        var folder = CorpusObjects.MouthClips(manifest).Hash;
        Assert.True(catalog.Artifacts.Exists(folder));
        var target = Path.Combine(_data.Path, "out");
        catalog.Artifacts.Materialise(folder, target, TestContext.Current.CancellationToken);
        Assert.Equal(folder, ArtifactHash.OfPath(target));
        Assert.Equal(manifest.Clips.Single(c => c.Speaker == "گل").MouthClip, ArtifactHash.OfPath(Path.Combine(target, "گل", "0.npz")));
    }

    [Fact]
    public void Who_leaves_is_in_no_version_any_more_and_their_mouth_clips_are_gone()
    {
        var catalog = Catalog();
        var older = Corpus(catalog, "c", ("a", 2), ("b", 1));
        var first = catalog.Set(older);
        var second = catalog.Set(Corpus(catalog, "c", ("a", 2), ("b", 2)));
        var other = catalog.Set(Corpus(catalog, "other", ("b", 1)) with { Language = "en" });
        _data.Write($"cache/crops/f/{older.Clips[2].ContentHash[..2]}/{older.Clips[2].ContentHash[2..]}.json", "{}");

        var found = SpeakerWithdrawal.Find(catalog, "b", ["c"], [new string('a', 32)]);
        Assert.Equal(new[] { first, second, other }.Order(), found.Versions.Keys.Order());
        Assert.Equal((2, 2), (found.Contents.Count, found.MouthClips.Count));
        Assert.Equal([new PersonName("other", "b")], found.Elsewhere()); // the same recording
        var all = SpeakerWithdrawal.Find(catalog, "b", [], []);
        Assert.Equal(3, all.Versions.Count);
        Assert.Empty(all.Elsewhere());

        var replaced = all.Apply(DateTimeOffset.UnixEpoch);

        Assert.Equal(replaced[second], catalog.Find("c")!.Manifest);
        Assert.Equal(["a", "a"], catalog.Get("c").Manifest.Clips.Select(c => c.Speaker));
        Assert.Equal(["a", "a"], catalog.GetVersion(replaced[first]).Clips.Select(c => c.Speaker));
        Assert.Equal("", replaced[other]);
        Assert.Null(catalog.Find("other"));
        Assert.All(all.MouthClips, m => Assert.False(catalog.Artifacts.Exists(m)));
        Assert.All(catalog.Get("c").Manifest.Clips, c => Assert.True(catalog.Artifacts.Exists(c.MouthClip!)));
        Assert.All(all.Listings, l => Assert.False(catalog.Artifacts.Exists(l)));
        Assert.Empty(Directory.GetFiles(Path.Combine(_data.Path, "cache"), "*", SearchOption.AllDirectories));

        // Interrupted or done twice: the same again.
        var again = SpeakerWithdrawal.Find(Catalog(), "b", ["c"], []);
        Assert.Equal(replaced[second], again.Apply(DateTimeOffset.UnixEpoch)[second]);
        Assert.Equal(2, new Withdrawals(_data.Path).Read().Count);
        // Also of the corpus that is gone: what has to be purged elsewhere is known by what was written down.
        var gone = SpeakerWithdrawal.Find(Catalog(), "b", ["other"], []);
        Assert.Equal([other], gone.Versions.Keys.Intersect([other]));
        Assert.Equal(all.Contents, gone.Contents);
        Assert.Superset(CorpusObjects.MouthClips(catalog.GetVersion(other)).Entries.Select(e => e.Md5).ToHashSet(), gone.MouthClips.ToHashSet());
        foreach (var manifest in Directory.GetFiles(catalog.Artifacts.Root, "*", SearchOption.AllDirectories)) File.Delete(manifest);
        foreach (var pointer in Directory.GetFiles(Path.Combine(_data.Path, "corpora"))) File.Delete(pointer);
        var bare = SpeakerWithdrawal.Find(Catalog(), "b", ["other"], []);
        Assert.Equal(all.Contents, bare.Contents);
        Assert.Equal(all.MouthClips, bare.MouthClips);
        Assert.Equal(all.Listings, bare.Listings);
        Assert.Contains(other, bare.Unread);
        Assert.Contains(other, bare.DataHashes);
    }

    [Fact]
    public void One_person_under_two_names_leaves_both_corpora_at_once()
    {
        var catalog = Catalog();
        catalog.Set(Corpus(catalog, "one", ("a", 1), ("b", 1)));
        var other = Corpus(catalog, "two", ("b", 1), ("c", 1));
        catalog.Set(other with { Clips = [.. other.Clips.Select(c => c.Speaker == "b" ? c with { Id = "x/0", Speaker = "x" } : c with { Id = "y/0", Speaker = "y" })] });
        Assert.Equal([new PersonName("two", "x")], SpeakerWithdrawal.Find(catalog, "b", ["one"], []).Elsewhere());
        Assert.Equal([new PersonName("one", "b")], SpeakerWithdrawal.Find(catalog, "x", ["two"], []).Elsewhere());
        // Where nobody says in which corpus, too.
        Assert.Equal([new PersonName("one", "b")], SpeakerWithdrawal.Find(catalog, "x", [], []).Elsewhere());
        var both = SpeakerWithdrawal.Find(catalog, "b", ["one"], [], [new PersonName("two", "x")]);
        Assert.True(both.Has("b", ["one"]) && both.Has("x", ["two"]) && both.Has("x", []));
        Assert.False(both.Has("b", ["two"]) || both.Has("nobody", []));
        Assert.Empty(both.Elsewhere());
        both.Apply(DateTimeOffset.UnixEpoch);
        Assert.Equal(["a"], catalog.Get("one").Manifest.Clips.Select(c => c.Speaker));
        Assert.Equal(["y"], catalog.Get("two").Manifest.Clips.Select(c => c.Speaker));
        Assert.Equal(["b", "x"], catalog.Withdrawals.Read().Select(w => w.Speaker).Order());
    }

    [Fact]
    public void Someone_else_of_the_same_name_in_another_corpus_stays()
    {
        var catalog = Catalog();
        catalog.Set(Corpus(catalog, "one", ("b", 1)));
        var two = Corpus(catalog, "two", ("b", 1), ("c", 1));
        // Their recording stood there as x once, and is out of it by now; b there is another person.
        catalog.Set(two with { Clips = [two.Clips[0] with { Id = "x/0", Speaker = "x" }, two.Clips[1] with { Speaker = "b" }] });
        catalog.Set(two with { Clips = [two.Clips[1] with { Speaker = "b" }] });
        var found = SpeakerWithdrawal.Find(catalog, "b", ["one"], []);
        Assert.Empty(found.Elsewhere());
        found.Apply(DateTimeOffset.UnixEpoch);
        Assert.Equal(["c/0"], catalog.Get("two").Manifest.Clips.Select(c => c.Id));
        Assert.Equal(["c/0"], catalog.Withdrawals.Remaining("two", [two.Clips[0], two.Clips[1] with { Speaker = "b" }]).Select(c => c.Id));
    }

    [Fact]
    public void A_corpus_whose_version_is_nowhere_to_be_had_holds_nothing_up()
    {
        var catalog = Catalog();
        catalog.Set(Corpus(catalog, "c", ("a", 1), ("b", 1)));
        var lost = catalog.Set(Corpus(catalog, "lost", ("b", 1)));
        catalog.Artifacts.Remove(lost);
        var found = SpeakerWithdrawal.Find(catalog, "b", ["c"], []);
        Assert.Equal([lost], found.Unread);
        Assert.Empty(found.Elsewhere());
        found.Apply(DateTimeOffset.UnixEpoch);
        Assert.Equal(["a"], catalog.Get("c").Manifest.Clips.Select(c => c.Speaker));
    }

    [Fact]
    public void Recordings_that_are_folders_of_pictures_are_withdrawn_as_files_are()
    {
        var catalog = Catalog();
        var manifest = Corpus(catalog, "c", ("a", 1), ("b", 1));
        var pictures = new string('e', 32) + ".dir";
        catalog.Set(manifest with { Clips = [manifest.Clips[0], manifest.Clips[1] with { ContentHash = pictures }] });
        var found = SpeakerWithdrawal.Find(catalog, "b", [], []);
        found.Apply(DateTimeOffset.UnixEpoch);
        Assert.Equal([pictures], found.Contents);
        Assert.False(catalog.Artifacts.Exists(manifest.Clips[1].MouthClip!));
        Assert.True(catalog.Withdrawals.Holds(pictures));
    }

    [Fact]
    public void Mouth_clips_and_versions_that_nothing_names_are_found_too()
    {
        var catalog = Catalog();
        var manifest = Corpus(catalog, "c", ("a", 1), ("b", 1));
        catalog.Set(manifest);
        // Of an import that never ended, by other settings; and a version that was pulled by its hash alone.
        var orphan = catalog.Artifacts.PutBytes("cropped by other settings"u8);
        var content = manifest.Clips[1].ContentHash;
        _data.Write($"cache/crops/f/{content[..2]}/{content[2..]}.json", $$"""{"MouthClip":"{{orphan}}","Frames":3,"TrackedFrames":3}""");
        var pulled = Corpus(catalog, "elsewhere", ("b", 3));
        var hash = catalog.Artifacts.PutBytes(ManifestFile.ToBytes(pulled));

        var found = SpeakerWithdrawal.Find(catalog, "b", [], []);
        Assert.Contains(orphan, found.MouthClips);
        Assert.Contains(hash, found.Versions.Keys);
        found.Apply(DateTimeOffset.UnixEpoch);
        Assert.False(catalog.Artifacts.Exists(orphan));
        Assert.All(pulled.Clips, c => Assert.False(catalog.Artifacts.Exists(c.MouthClip!)));
    }

    [Fact]
    public void Whatever_sets_a_name_sets_it_without_those_who_left()
    {
        var catalog = Catalog();
        var manifest = Corpus(catalog, "c", ("a", 1), ("b", 2));
        var first = catalog.Set(manifest);
        SpeakerWithdrawal.Find(catalog, "b", [], []).Apply(DateTimeOffset.UnixEpoch);
        // An alignment, a change or a pull that had read the version before.
        Assert.NotEqual(first, catalog.Set(manifest));
        Assert.Equal(["a/0"], catalog.Get("c").Manifest.Clips.Select(c => c.Id));
        Assert.Throws<CorpusProblemsException>(() => catalog.Set(Corpus(catalog, "only", ("b", 1))));
        Assert.Null(catalog.Find("only"));
        Assert.True(catalog.Withdrawals.Holds(manifest.Clips[1].MouthClip!));
        Assert.True(new Withdrawals(_data.Path).Holds(manifest.Clips[1].ContentHash));
        Assert.False(catalog.Withdrawals.Holds(manifest.Clips[0].ContentHash));
    }

    [Fact]
    public void Two_changes_at_once_are_both_there()
    {
        var catalog = Catalog();
        catalog.Set(Corpus(catalog, "c", ("a", 40)));
        Parallel.For(0, 20, n => Catalog().Change("c", manifest =>
        {
            var edit = new CorpusEdit();
            edit.Exclude($"a/{n}");
            return edit.Apply(manifest);
        }));
        Assert.Equal(20, Catalog().Get("c").Manifest.Clips.Count);
        Assert.Equal(21, Catalog().Find("c")!.History.Count);
    }

    [Fact]
    public void What_an_import_undoes_of_earlier_changes_is_told()
    {
        var catalog = Catalog();
        var imported = Corpus(catalog, "c", ("a", 4));
        catalog.Set(imported);
        catalog.Change("c", manifest =>
        {
            var edit = new CorpusEdit();
            edit.Exclude("a/0");
            edit.Label("a/1", "کب", null);
            return edit.Apply(manifest);
        });
        Assert.Equal((0, 0), (UndoneChanges.Of(catalog, "c").Excluded.Count, UndoneChanges.Of(catalog, "c").Relabelled.Count));
        catalog.Set(Corpus(catalog, "c", ("a", 5)));
        var undone = UndoneChanges.Of(catalog, "c");
        Assert.Equal(["a/0"], undone.Excluded);
        Assert.Equal(["a/1"], undone.Relabelled);
    }

    [Fact]
    public void A_corpus_whose_clips_can_be_no_paths_in_a_folder_is_kept_all_the_same()
    {
        var catalog = Catalog();
        var manifest = Corpus(catalog, "c", ("a", 2));
        catalog.Set(manifest with { Clips = [manifest.Clips[0] with { Id = "x/../y" }, manifest.Clips[1]] });
        Assert.Equal(2, catalog.Get("c").Manifest.Clips.Count);
    }

    [Fact]
    public async Task Who_leaves_while_an_import_goes_on_is_not_in_what_comes_of_it()
    {
        var catalog = Catalog();
        catalog.Set(Corpus(catalog, "c", ("a", 1), ("b", 1)));
        var again = Corpus(catalog, "again", ("a", 1), ("b", 1));
        var leaves = false;
        var prepared = await new CorpusPreparation(catalog, new NoCropper(), 1).PrepareAsync(new CorpusDraft(again with { Clips = [.. again.Clips.Select(c => c with { MouthClip = null })] }, _data.Path, []), new Told(() =>
        {
            if (leaves) return;
            leaves = true;
            SpeakerWithdrawal.Find(catalog, "b", ["c"], []).Apply(DateTimeOffset.UnixEpoch);
        }), TestContext.Current.CancellationToken);
        Assert.Equal(["a/0"], prepared.Manifest.Clips.Select(c => c.Id));
        Assert.Equal(prepared.DataHash, catalog.Find("again")!.Manifest);
        Assert.Single(Directory.GetFiles(Path.Combine(_data.Path, "cache", "crops"), "*.json", SearchOption.AllDirectories));
    }

    private sealed class Told(Action tell) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value) => tell();
    }

    [Fact]
    public async Task Who_left_stays_out_whatever_is_imported_again()
    {
        var catalog = Catalog();
        catalog.Set(Corpus(catalog, "c", ("a", 1), ("b", 2)));
        SpeakerWithdrawal.Find(catalog, "b", [], []).Apply(DateTimeOffset.UnixEpoch);
        var again = Corpus(catalog, "again", ("a", 1), ("b", 2)); // the same recordings under another name
        again = again with { Clips = [.. again.Clips.Select(c => c with { Speaker = "x" })] };
        var prepared = await new CorpusPreparation(catalog, new NoCropper(), 1).PrepareAsync(new CorpusDraft(again, _data.Path, []), null, TestContext.Current.CancellationToken);
        Assert.Equal(["a/0"], prepared.Manifest.Clips.Select(c => c.Id));
    }

    private static CorpusManifest Corpus(CorpusCatalog catalog, string name, params (string Speaker, int Clips)[] speakers) => new()
    {
        Name = name,
        Kind = CorpusKind.Recorded,
        Language = "ur",
        Origin = new Dictionary<string, string>(),
        Crops = new CropSettings(),
        Clips = [.. speakers.SelectMany(s => Enumerable.Range(0, s.Clips).Select(n => new CorpusClip
        {
            Id = $"{s.Speaker}/{n}",
            Path = $"{s.Speaker}/{n}.mp4",
            ContentHash = ArtifactHash.Of(System.Text.Encoding.UTF8.GetBytes($"{s.Speaker} {n}")),
            Speaker = s.Speaker,
            Split = Split.Train,
            Text = "ایک",
            Words = [new WordTime("ایک", 0, 1)],
            MouthClip = catalog.Artifacts.PutBytes(System.Text.Encoding.UTF8.GetBytes($"mouth of {s.Speaker} {n}")),
            Frames = 25,
            TrackedFrames = 25,
        }))],
    };

    private sealed class NoCropper : ICropper
    {
        public CropSettings Settings { get; } = new();

        public MouthClip Crop(string path, CancellationToken cancellationToken) => new([1, 2, 3], 1, 1, 25, [.. Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 1), 3)], Settings);
    }
}
