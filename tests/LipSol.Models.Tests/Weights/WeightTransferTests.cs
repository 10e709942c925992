using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using LipSol.Clips;
using LipSol.Models.Networks;
using LipSol.Models.Weights;
using static TorchSharp.torch;

namespace LipSol.Models.Tests.Weights;

/// <summary>Files built by hand to their formats' specifications: what matched is what was copied.</summary>
public sealed class WeightTransferTests : IDisposable
{
    private static readonly Dictionary<string, string> Small = new() { ["front"] = "16", ["width"] = "16", ["stages"] = "1", ["scale_width"] = "16", ["temporal_blocks"] = "2" };
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string At(string name) => Path.Combine(folder.Path, name);

    private static Network Create(string network, int classes, bool marks = false) =>
        NetworkRegistry.Create(network, Small, new InputSpec { Frames = 10, Resize = 20, Size = 16, Mean = 0, StandardDeviation = 1, MarksWord = marks, LongestClip = 10 }, classes);

    private WeightsSource Source(string path, string? map = null)
    {
        if (map is not null) File.WriteAllText(At("map.yaml"), map);
        return new WeightsSource { Kind = "file", Id = Path.GetFileName(path), ContentHash = new string('0', 32), Path = path, MapPath = map is null ? null : At("map.yaml") };
    }

    private static (string Name, long[] Shape, float[] Values)[] Tensors(Network network, Func<string, string>? rename = null) =>
        [.. network.state_dict().Where(t => t.Value.is_floating_point()).Select(t => (rename?.Invoke(t.Key) ?? t.Key, t.Value.shape, t.Value.detach().contiguous().data<float>().ToArray()))];

    private static float[] Values(Network network, string name) => network.state_dict()[name].detach().contiguous().data<float>().ToArray();

    private static byte[] Safetensors(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        data.CopyTo(bytes, 8 + json.Length);
        return bytes;
    }

    private static byte[] Safetensors((string Name, long[] Shape, float[] Values)[] tensors)
    {
        var (parts, at) = (new List<string>(), 0L);
        foreach (var (name, shape, values) in tensors) parts.Add($"\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{at},{at += values.Length * 4}]}}");
        return Safetensors("{" + string.Join(',', parts) + "}", [.. tensors.SelectMany(t => MemoryMarshal.AsBytes(t.Values.AsSpan()).ToArray())]);
    }

    [Theory]
    [InlineData("safetensors", "word-tcn", "char-tcn")]
    [InlineData("state_dict", "char-tcn", "word-tcn")]
    public void What_matched_is_what_was_copied_and_the_head_is_new(string format, string from, string to)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var (given, network) = (Create(from, 5), Create(to, 9));
        var head = network.state_dict().Keys.Where(network.IsHead).ToDictionary(n => n, n => Values(network, n));
        var path = At("weights");
        if (format == "safetensors") File.WriteAllBytes(path, Safetensors(Tensors(given)));
        else TorchZip.Write(path, Tensors(given));

        var report = WeightTransfer.Copy(network, Source(path));

        Assert.Equal(format, report.Format);
        Assert.Equal(network.state_dict().Keys.Where(n => !network.IsHead(n) && !n.EndsWith("num_batches_tracked", StringComparison.Ordinal)).Order(StringComparer.Ordinal), report.Matched.Select(m => m.To).Order(StringComparer.Ordinal));
        Assert.All(report.Matched, m => Assert.Equal(Values(given, m.From), Values(network, m.To)));
        Assert.All(head, h => Assert.Equal(h.Value, Values(network, h.Key)));
        Assert.Empty(report.Missing.Select(m => m.Name).Concat(report.OtherShape.Select(o => o.To)).Concat(report.Unexpected.Select(u => u.Name)));
        Assert.Equal(head.Keys.Order(StringComparer.Ordinal), report.Head.Select(h => h.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Marks_of_a_word_make_the_first_temporal_layer_one_of_another_shape_and_that_is_told()
    {
        using var scope = NewDisposeScope();
        var (given, network) = (Create("word-tcn", 5, marks: true), Create("char-tcn", 9));
        File.WriteAllBytes(At("w"), Safetensors([.. Tensors(given), ("strange", [2], [1, 2])]));
        var before = network.state_dict().Where(t => t.Value.is_floating_point()).ToDictionary(t => t.Key, t => Values(network, t.Key));
        var report = WeightTransfer.Copy(network, Source(At("w")));
        Assert.NotEmpty(report.OtherShape);
        Assert.All(report.OtherShape, o => Assert.StartsWith("temporal.0.", o.To, StringComparison.Ordinal));
        Assert.All(report.OtherShape, o => Assert.Equal(before[o.To], Values(network, o.To)));
        Assert.Equal(["strange"], report.Unexpected.Select(u => u.Name));
        Assert.Contains(report.Matched, m => m.To.StartsWith("temporal.1.", StringComparison.Ordinal));
        Assert.Contains(report.Lines, l => l.Contains("Another shape", StringComparison.Ordinal));
    }

    [Fact]
    public void A_mapping_names_leaves_out_and_tells_what_fitted_nothing()
    {
        using var scope = NewDisposeScope();
        var (given, network) = (Create("char-tcn", 5), Create("char-tcn", 9));
        TorchZip.Write(At("w.pt"), Tensors(given, n => "module." + n.Replace("visual.", "eyes.", StringComparison.Ordinal)));
        Assert.Contains("--map", Assert.Throws<UnusableWeightsException>(() => WeightTransfer.Copy(network, Source(At("w.pt")))).Message, StringComparison.Ordinal);
        var report = WeightTransfer.Copy(network, Source(At("w.pt"), """
            names:
              - from: module.eyes.**
                to: visual.**
              - from: module.temporal.**
              - from: nothing.*
                to: anything.*
            """));
        Assert.All(report.Matched, m => Assert.Equal(Values(given, m.To), Values(network, m.To)));
        Assert.All(report.Matched, m => Assert.StartsWith("visual.", m.To, StringComparison.Ordinal));
        Assert.All(report.LeftOut, n => Assert.StartsWith("module.temporal.", n, StringComparison.Ordinal));
        Assert.NotEmpty(report.LeftOut);
        Assert.All(report.Missing, m => Assert.StartsWith("temporal.", m.Name, StringComparison.Ordinal));
        Assert.Equal(["nothing.*"], report.UnusedPatterns);
    }

    [Theory]
    [InlineData("names: [{from: 'a.*', to: 'b'}]", "same \\* and \\*\\*")]
    [InlineData("names: [{to: 'b'}]", "no `from`")]
    [InlineData("names: []", "no names")]
    [InlineData("name: [{from: a}]", "can't be read")]
    [InlineData("{", "can't be read")]
    [InlineData("names: [{from: 'visual.**', to: 'x'}, {from: 'temporal.**', to: 'x'}]", "same \\* and \\*\\*")]
    public void A_mapping_that_makes_no_sense_is_refused(string yaml, string because) =>
        Assert.Matches(because, Assert.Throws<UnusableWeightsException>(() => WeightMap.Parse(yaml)).Message);

    [Fact]
    public void A_hostile_pickle_is_refused_by_the_name_it_holds_and_runs_nothing()
    {
        TorchZip.Write(At("evil.pt"), TorchZip.Hostile());
        var refusal = Assert.Throws<UnusableWeightsException>(() => WeightsFile.Open(At("evil.pt")));
        Assert.Contains("posix.system", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists("/tmp/lipsol-was-here"));
    }

    [Fact]
    public void A_pickle_cut_anywhere_or_with_any_byte_changed_is_read_or_refused_and_nothing_else()
    {
        TorchZip.Write(At("w.pt"), ("a", [2, 2], [1, 2, 3, 4]));
        byte[] pickle;
        using (var zip = System.IO.Compression.ZipFile.OpenRead(At("w.pt")))
        using (var part = zip.GetEntry("model/data.pkl")!.Open())
        using (var copy = new MemoryStream())
        {
            part.CopyTo(copy);
            pickle = copy.ToArray();
        }
        for (var i = 0; i < pickle.Length; i++)
        {
            Assert.Throws<UnusableWeightsException>(() => StatePickle.Read(pickle[..i]));
            for (var value = 0; value < 256; value += 5)
            {
                var changed = (byte[])pickle.Clone();
                changed[i] = (byte)value;
                if (Record.Exception(() => StatePickle.Read(changed)) is { } e) Assert.IsType<UnusableWeightsException>(e);
            }
        }
    }

    [Fact]
    public void A_network_of_other_sizes_is_told_which_they_are()
    {
        using var scope = NewDisposeScope();
        var given = Tensors(Create("word-tcn", 5));
        File.WriteAllBytes(At("wide.safetensors"), Safetensors([.. given.Select(t => (t.Name, (long[])[t.Shape.Aggregate(1L, (a, b) => a * b), 1], t.Values))]));
        var refusal = Assert.Throws<UnusableWeightsException>(() => WeightTransfer.Copy(Create("word-tcn", 5), Source(At("wide.safetensors"))));
        Assert.StartsWith("Nothing in wide.safetensors fits word-tcn. Its weights have other sizes: ", refusal.Message);
        Assert.Contains("1 there and ", refusal.Message);
        Assert.DoesNotContain("--map", refusal.Message);
    }

    [Fact]
    public void A_checkpoint_that_is_damaged_is_refused_as_weights_not_as_a_run_to_go_on_with()
    {
        File.WriteAllBytes(At("cut.ckpt"), [.. "LIPSOL checkpoint"u8, .. new byte[500]]);
        var refusal = Assert.Throws<UnusableWeightsException>(() => WeightTransfer.Copy(Create("word-tcn", 5), Source(At("cut.ckpt"))));
        Assert.Contains("Copy it again", refusal.Message);
        Assert.DoesNotContain(folder.Path, refusal.Message);
    }

    [Fact]
    public void A_file_cut_short_is_refused()
    {
        using var scope = NewDisposeScope();
        var network = Create("char-tcn", 5);
        TorchZip.Write(At("w.pt"), Tensors(network));
        File.WriteAllBytes(At("w.safetensors"), Safetensors(Tensors(network)));
        foreach (var name in (string[])["w.pt", "w.safetensors"])
        {
            var whole = File.ReadAllBytes(At(name));
            foreach (var share in (double[])[0, 0.001, 0.3, 0.999])
            {
                File.WriteAllBytes(At("cut"), whole[..(int)(share * whole.Length)]);
                Assert.Throws<UnusableWeightsException>(() => WeightTransfer.Copy(network, Source(At("cut"))));
            }
        }
    }

    [Theory]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4)] // fewer bytes than its shape
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4)] // overlapping
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8)] // a hole
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 8)] // more than it says
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4)]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,4]}}", 4)]
    [InlineData("{\"a\":5}", 0)]
    public void A_safetensors_header_that_contradicts_the_file_is_refused(string header, int bytes)
    {
        File.WriteAllBytes(At("w"), Safetensors(header, new byte[bytes]));
        Assert.Throws<UnusableWeightsException>(() => WeightsFile.Open(At("w")));
    }

    [Fact]
    public void Weights_that_are_no_numbers_are_refused_and_the_network_stays_as_it_was()
    {
        using var scope = NewDisposeScope();
        var (given, network) = (Create("char-tcn", 5), Create("char-tcn", 5));
        var tensors = Tensors(given);
        tensors[^3].Values[0] = float.NaN;
        var name = tensors.First(t => !network.IsHead(t.Name)).Name;
        var before = Values(network, name);
        var broken = tensors.Last(t => !network.IsHead(t.Name));
        broken.Values[0] = float.NaN;
        File.WriteAllBytes(At("w"), Safetensors(tensors));
        Assert.Contains("finite", Assert.Throws<UnusableWeightsException>(() => WeightTransfer.Copy(network, Source(At("w")))).Message, StringComparison.Ordinal);
        Assert.Equal(before, Values(network, name));
    }
}
