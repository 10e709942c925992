using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LipSol.Inference.Tests.Networks;
using LipSol.Language.Evaluation;

namespace LipSol.Inference.Tests.Bundles;

public sealed class BundleTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_packed_comes_out_and_reads_as_before()
    {
        var model = Open(SampleBundle.Bytes(folder));
        Assert.Equal(("urdu-words", 3, "run-1"), (model.Manifest.Model, model.Manifest.Version, model.Manifest.RunId));
        Assert.Equal(2, model.Evaluation.Samples.Count);
        using var loaded = LoadedModel.Load(model.Folder);
        Assert.Equal("نہیں", loaded.Read(BrightnessModel.Clip(250), 0, 0.5).Text);
        Assert.Equal("# a card\n", File.ReadAllText(Path.Combine(model.Folder, "README.md")));
    }

    [Fact]
    public void Equal_versions_are_equal_files_whenever_and_wherever_they_are_packed()
    {
        var first = SampleBundle.Bytes(folder);
        var again = SampleBundle.Bytes(folder, shuffled: true);
        Assert.Equal(first, again);
        using var zip = new ZipArchive(new MemoryStream(first));
        Assert.Equal(["bundle.json", "evaluation.json", "model/README.md", "model/model.json", "model/model.onnx"], zip.Entries.Select(e => e.FullName));
        Assert.All(zip.Entries, e => Assert.Equal((new DateTime(1980, 1, 1), e.CompressedLength), (e.LastWriteTime.DateTime, e.Length)));
    }

    [Fact]
    public void A_bundle_cut_short_anywhere_is_refused()
    {
        var whole = SampleBundle.Bytes(folder);
        for (var length = 0; length < whole.Length; length += 97)
            Assert.Contains(Refusal(whole[..length]), new[] { BundleProblem.NotABundle, BundleProblem.Damaged });
        Assert.Equal(BundleProblem.Damaged, Refusal(whole[..^1]));
        Assert.Equal(BundleProblem.Damaged, Refusal([.. whole, 0]));
    }

    [Fact]
    public void A_byte_changed_anywhere_in_a_part_is_noticed()
    {
        var whole = SampleBundle.Bytes(folder);
        var onnx = File.ReadAllBytes(Path.Combine(folder.Path, "model", "model.onnx"));
        var at = whole.AsSpan().IndexOf(onnx);
        Assert.True(at > 0);
        whole[at + onnx.Length / 2] ^= 1;
        Assert.Equal(BundleProblem.Damaged, Refusal(whole));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no zip at all, though it is long enough to be looked at")]
    public void Another_kind_of_file_is_told_from_a_damaged_one(string text) => Assert.Equal(BundleProblem.NotABundle, Refusal(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_zip_of_something_else_is_no_bundle()
    {
        Assert.Equal(BundleProblem.NotABundle, Refusal(Zip(("readme.txt", [1, 2, 3]))));
        Assert.Equal(BundleProblem.NotABundle, Refusal(Zip(("bundle.json", """{"format":1}"""u8.ToArray()))));
        Assert.Equal(BundleProblem.Damaged, Refusal(Zip(("bundle.json", """{"kind":"lipsol-model","format":1}"""u8.ToArray()))));
        Assert.Equal(BundleProblem.NotABundle, Refusal(Zip(("bundle.json", "[1]"u8.ToArray()))));
    }

    [Fact]
    public void A_newer_format_is_refused_before_anything_else_is_read()
    {
        var e = Assert.Throws<UnusableBundleException>(() => Open(Zip(("bundle.json", """{"kind":"lipsol-model","format":2,"parts":"elsewhere"}"""u8.ToArray()))));
        Assert.Equal(BundleProblem.NewerFormat, e.Reason);
        Assert.Contains("up to 1", e.Message);
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("model/../../evil")]
    [InlineData("/etc/evil")]
    [InlineData("model/..\\evil")]
    [InlineData("model/c:evil")]
    [InlineData("model//evil")]
    [InlineData("model/evil.")]
    [InlineData("model/\nevil")]
    [InlineData("elsewhere/evil")]
    [InlineData("model/a/b/c/d/e/f/evil")]
    public void A_part_that_would_lie_elsewhere_is_refused_and_nothing_is_written(string path)
    {
        var parts = SampleBundle.Parts(folder);
        parts[path] = [1, 2, 3];
        Assert.Equal(BundleProblem.Unsafe, Refusal(SampleBundle.Pack(parts)));
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "out", "model")));
    }

    [Fact]
    public void What_is_compressed_isnt_unpacked()
    {
        // 64 MB of zeros, which compress to 64 KB: the bomb.
        var parts = SampleBundle.Parts(folder);
        parts["model/zeros"] = new byte[64 << 20];
        var honest = SampleBundle.Pack(parts);
        using var source = new ZipArchive(new MemoryStream(honest));
        var bomb = Zip(CompressionLevel.Optimal, [.. source.Entries.Select(e => (e.FullName, Bytes(e)))]);
        Assert.True(bomb.Length < 1 << 20);
        Assert.Equal(BundleProblem.Damaged, Refusal(bomb));
        Assert.Equal(BundleProblem.TooLarge, Refusal(honest, new BundleLimits { Bytes = 32 << 20 }));
    }

    [Fact]
    public void Sizes_that_are_claimed_and_not_there_take_no_memory()
    {
        var absurd = Changed(json => json["parts"]![0]!["bytes"] = long.MaxValue);
        Assert.Equal(BundleProblem.Damaged, Refusal(absurd));
        Assert.Equal(BundleProblem.Damaged, Refusal(Changed(json => json["parts"]![0]!["bytes"] = -1)));
        // A directory that claims more entries than are ever taken.
        var whole = SampleBundle.Bytes(folder);
        whole[^12] = whole[^11] = 0xff;
        Assert.Equal(BundleProblem.TooLarge, Refusal(whole));
    }

    [Fact]
    public void More_parts_than_named_fewer_or_one_twice_are_refused()
    {
        Assert.Equal(BundleProblem.Damaged, Refusal(Changed(json => json["parts"]!.AsArray().RemoveAt(1))));
        Assert.Equal(BundleProblem.Damaged, Refusal(Changed(json => json["parts"]!.AsArray().Add(JsonNode.Parse("""{"path":"model/ghost","bytes":0,"sha256":"e3b0"}""")))));
        var entries = Entries(SampleBundle.Bytes(folder));
        Assert.Equal(BundleProblem.Damaged, Refusal(Zip([.. entries, ("model/MODEL.JSON", [1])])));
        Assert.Equal(BundleProblem.Damaged, Refusal(Zip([.. entries, entries[^1]])));
        var many = SampleBundle.Parts(folder);
        for (var i = 0; i < 100; i++) many[$"model/{i}"] = [0];
        Assert.Equal(BundleProblem.TooLarge, Refusal(SampleBundle.Pack(many)));
    }

    [Theory]
    [InlineData("runId", "another-run")]
    [InlineData("dataHash", "ffffffffffffffffffffffffffffffff")]
    [InlineData("codeVersion", "9.9.9")]
    [InlineData("landmarkModels", "")]
    public void Parts_that_contradict_each_other_about_where_they_come_from_are_refused(string field, string value) =>
        Assert.Equal(BundleProblem.Contradictory, Refusal(Changed(json => json[field] = value)));

    [Fact]
    public void A_model_that_cannot_be_loaded_is_refused_without_a_word_about_where_it_lay()
    {
        var parts = SampleBundle.Parts(folder, BrightnessModel.Manifest() with { Vocabulary = ["کب", "ایک"] });
        var e = Assert.Throws<UnusableBundleException>(() => Open(SampleBundle.Pack(parts)));
        Assert.Equal(BundleProblem.UnusableModel, e.Reason);
        Assert.DoesNotContain(folder.Path, e.Message);
    }

    [Fact]
    public void Absurd_sizes_of_the_networks_input_are_refused_before_memory_is_taken()
    {
        var manifest = BrightnessModel.Manifest();
        var parts = SampleBundle.Parts(folder, manifest with { Input = manifest.Input with { Frames = int.MaxValue } });
        Assert.Equal(BundleProblem.TooLarge, Refusal(SampleBundle.Pack(parts)));
    }

    [Fact]
    public void A_network_that_reads_other_files_branches_or_calls_foreign_operators_never_reaches_the_runtime()
    {
        var external = OnnxWriter.Join(OnnxWriter.Tensor("w", [1], [1]), OnnxWriter.Field(13, OnnxWriter.Join(OnnxWriter.Field(1, "location"), OnnxWriter.Field(2, "../../../etc/passwd"))), OnnxWriter.Field(14, 1));
        var plain = OnnxWriter.Node("Relu", ["clip_BCTHW"], "y");
        foreach (var (node, tensor, said) in new[]
        {
            (plain, external, "other files"),
            (OnnxWriter.Join(plain, OnnxWriter.Field(5, OnnxWriter.Join(OnnxWriter.Field(1, "value"), OnnxWriter.Field(5, external)))), OnnxWriter.Tensor("w", [1], [1]), "other files"),
            (OnnxWriter.Node("Loop", ["clip_BCTHW"], "y"), OnnxWriter.Tensor("w", [1], [1]), "Loop"),
            (OnnxWriter.Join(OnnxWriter.Node("Shell", ["clip_BCTHW"], "y"), OnnxWriter.Field(7, "evil.example")), OnnxWriter.Tensor("w", [1], [1]), "evil.example"),
            (OnnxWriter.Join(plain, OnnxWriter.Field(5, OnnxWriter.Join(OnnxWriter.Field(1, "body"), OnnxWriter.Field(6, plain)))), OnnxWriter.Tensor("w", [1], [1]), "graph within"),
        })
        {
            var onnx = OnnxWriter.Model([node], [tensor], OnnxWriter.Value("clip_BCTHW", -1, 2, -1, 22, 22), OnnxWriter.Value("y", -1, 3));
            var e = Assert.Throws<UnusableBundleException>(() => OnnxScan.Require(onnx));
            Assert.Equal(BundleProblem.Unsafe, e.Reason);
            Assert.Contains(said, e.Message);
        }
        Assert.Equal(BundleProblem.UnusableModel, Assert.Throws<UnusableBundleException>(() => OnnxScan.Require("nonsense"u8)).Reason);
        Assert.Equal(BundleProblem.UnusableModel, Assert.Throws<UnusableBundleException>(() => OnnxScan.Require([])).Reason);
        OnnxScan.Require(File.ReadAllBytes(Path.Combine(BrightnessModel.Write(Path.Combine(folder.Path, "sound")), "model.onnx")));
    }

    private BundledModel Open(byte[] bundle, BundleLimits? limits = null)
    {
        var target = Path.Combine(folder.Path, "out");
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        Directory.CreateDirectory(target);
        return BundledModel.Open(new MemoryStream(bundle), target, limits ?? new BundleLimits(), new SessionSettings { Device = "cpu", Threads = 1 });
    }

    private BundleProblem Refusal(byte[] bundle, BundleLimits? limits = null) => Assert.Throws<UnusableBundleException>(() => Open(bundle, limits)).Reason;

    /// <summary>A sound bundle whose bundle.json was changed; the parts are as they were.</summary>
    private byte[] Changed(Action<JsonNode> change)
    {
        var entries = Entries(SampleBundle.Bytes(folder));
        var json = JsonNode.Parse(entries[0].Content)!;
        change(json);
        return Zip([("bundle.json", JsonSerializer.SerializeToUtf8Bytes(json)), .. entries.Skip(1)]);
    }

    private static (string Name, byte[] Content)[] Entries(byte[] bundle)
    {
        using var zip = new ZipArchive(new MemoryStream(bundle));
        return [.. zip.Entries.Select(e => (e.FullName, Bytes(e)))];
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var source = entry.Open();
        using var bytes = new MemoryStream();
        source.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] entries) => Zip(CompressionLevel.NoCompression, entries);

    private static byte[] Zip(CompressionLevel level, (string Name, byte[] Content)[] entries)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        return file.ToArray();
    }
}

/// <summary>A bundle of the brightness model, made by hand.</summary>
internal static class SampleBundle
{
    public static byte[] Bytes(TemporaryFolder folder, bool shuffled = false) => Pack(Parts(folder), shuffled);

    public static Dictionary<string, byte[]> Parts(TemporaryFolder folder, ModelManifest? manifest = null)
    {
        var model = BrightnessModel.Write(Path.Combine(folder.Path, "model"), manifest);
        var evaluation = EvaluationFile.Create(BrightnessModel.Manifest().DataHash, [new("a#0", "s", true, "کب", "کب", 0.9), new("b#0", "s", true, "ایک", "کب", 0.6)]);
        return new Dictionary<string, byte[]>
        {
            ["model/README.md"] = "# a card\n"u8.ToArray(),
            ["model/model.json"] = File.ReadAllBytes(Path.Combine(model, "model.json")),
            ["model/model.onnx"] = File.ReadAllBytes(Path.Combine(model, "model.onnx")),
            ["evaluation.json"] = EvaluationFile.ToBytes(evaluation),
        };
    }

    public static byte[] Pack(Dictionary<string, byte[]> parts, bool shuffled = false)
    {
        var model = ModelManifestFile.Read(new MemoryStream(parts["model/model.json"]));
        using var file = new MemoryStream();
        BundleFile.Write(BundleManifest.Of(model, "urdu-words", 3, DateTimeOffset.UnixEpoch, seed: null, 1e-6, "0123456789abcdef0123456789abcdef.dir"), parts.OrderBy(p => shuffled ? -p.Key.Length : p.Key.Length).ToDictionary(p => p.Key, p => (Func<Stream>)(() => new MemoryStream(p.Value))), file);
        return file.ToArray();
    }
}
