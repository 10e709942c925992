using LipSol.Clips;

namespace LipSol.Corpus.Tests.Catalog;

public sealed class CorpusCatalogTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void A_name_points_at_its_newest_version_and_older_ones_stay()
    {
        var catalog = new CorpusCatalog(_data.Path);
        var first = catalog.Set(Manifest("urdu", "ایک"));
        var second = catalog.Set(Manifest("urdu", "دو"));
        Assert.NotEqual(first, second);
        var (hash, manifest) = new CorpusCatalog(_data.Path).Get("urdu");
        Assert.Equal(second, hash);
        Assert.Equal("دو", manifest.Clips[0].Text);
        Assert.Equal("ایک", catalog.GetVersion(first).Clips[0].Text);
        Assert.Equal(["urdu"], catalog.List().Select(c => c.Name));
    }

    [Fact]
    public void Equal_manifests_have_equal_hashes_whatever_the_order_of_their_parts()
    {
        var a = Manifest("c", "ایک") with { Origin = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }, Crops = new CropSettings() };
        var b = a with { Origin = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" }, Clips = [.. a.Clips.Reverse()] };
        Assert.Equal(ManifestFile.Hash(a), ManifestFile.Hash(b));
        Assert.NotEqual(ManifestFile.Hash(a), ManifestFile.Hash(a with { Language = "en" }));
        var read = ManifestFile.Read(ManifestFile.ToBytes(a));
        Assert.Equal(ManifestFile.Hash(a), ManifestFile.Hash(read));
        Assert.Equal(a.Crops, read.Crops);
    }

    [Fact]
    public void An_unknown_corpus_is_named_beside_the_known_ones()
    {
        var catalog = new CorpusCatalog(_data.Path);
        Assert.Contains("corpus synth", Assert.Throws<CorpusNotFoundException>(() => catalog.Get("x")).Message, StringComparison.Ordinal);
        catalog.Set(Manifest("grid", "ایک"));
        Assert.Contains("grid", Assert.Throws<CorpusNotFoundException>(() => catalog.Get("x")).Message, StringComparison.Ordinal);
        Assert.Null(catalog.Find("x"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("a b")]
    public void A_name_is_never_a_path(string name)
    {
        var catalog = new CorpusCatalog(_data.Path);
        Assert.Throws<ArgumentException>(() => catalog.Find(name));
        Assert.Throws<ArgumentException>(() => catalog.Set(Manifest(name, "ایک")));
    }

    [Fact]
    public void A_damaged_pointer_or_manifest_is_told()
    {
        var catalog = new CorpusCatalog(_data.Path);
        _data.Write("corpora/c.json", "{");
        Assert.Throws<InvalidDataException>(() => catalog.Get("c"));
        _data.Write("corpora/c.json", "{\"name\":\"c\",\"manifest\":\"../../x\"}");
        Assert.Throws<InvalidDataException>(() => catalog.Get("c"));
        Assert.Throws<InvalidDataException>(() => ManifestFile.Read("{}"u8));
        Assert.Throws<InvalidDataException>(() => ManifestFile.Read("null"u8));
    }

    [Fact]
    public void A_corpus_is_counted()
    {
        var manifest = Manifest("c", "ہم", "کب", "ایک") with { };
        manifest = manifest with { Clips = [.. manifest.Clips.Select((c, i) => i == 2 ? c with { Refused = "no face", MouthClip = null, Frames = 0, TrackedFrames = 0 } : c)] };
        var statistics = CorpusStatistics.Of(manifest);
        Assert.Equal(3, statistics.Clips);
        Assert.Equal((1, 0, 1), (statistics.ClipsBySplit[Split.Train], statistics.ClipsBySplit[Split.Val], statistics.ClipsBySplit[Split.Test]));
        Assert.Equal(0.9, statistics.TrackedShare, 12);
        Assert.Equal([("2.mp4", "no face")], statistics.Refused);
        Assert.Equal(["کب", "ہم"], statistics.Homophenes.Single());
        Assert.Equal([("s0", true), ("s1", false)], statistics.Speakers.Select(s => (s.Speaker, s.Seen)));
    }

    private static CorpusManifest Manifest(string name, params string[] texts) => new()
    {
        Name = name,
        Kind = CorpusKind.Recorded,
        Language = "ur",
        Origin = new Dictionary<string, string>(),
        Clips = [.. texts.Select((text, i) => new CorpusClip
        {
            Id = $"{i}", Path = $"{i}.mp4", ContentHash = new string((char)('0' + i), 32), Speaker = $"s{i}", Split = i == 0 ? Split.Train : Split.Test, Text = text,
            MouthClip = new string('a', 32), Frames = 50, TrackedFrames = 45,
        })],
    };
}
