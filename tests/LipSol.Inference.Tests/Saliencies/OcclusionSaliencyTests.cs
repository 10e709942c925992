using LipSol.Inference.Tests.Networks;

namespace LipSol.Inference.Tests.Saliencies;

public sealed class OcclusionSaliencyTests : IDisposable
{
    private const int Size = 22, Frames = 9;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_network_that_reads_the_lips_is_told_from_one_that_reads_the_light()
    {
        var lips = Look((t, y, x) => y is >= 7 and < 14 && x is >= 4 and < 18 ? 1 : 0);
        var light = Look((t, y, x) => y < 5 && x < 5 ? 1 : 0);
        Assert.True(lips.MouthShare > 0.75, $"{lips.MouthShare}");
        Assert.True(light.MouthShare < 0.1, $"{light.MouthShare}");
        Assert.InRange(lips.MouthArea, 0.3, 0.38);
        Assert.True(Density(lips, (y, x) => y is >= 7 and < 14 && x is >= 4 and < 18) > 5 * Density(lips, (y, x) => y < 3));
        Assert.True(Density(light, (y, x) => y < 5 && x < 5) > 5 * Density(light, (y, x) => y is >= 7 and < 14 && x is >= 6 and < 16));
    }

    [Fact]
    public void A_network_that_looks_everywhere_alike_looks_at_the_mouth_as_much_as_it_is_large()
    {
        var everywhere = Look((_, _, _) => 1);
        Assert.Equal(everywhere.MouthArea, everywhere.MouthShare, 0.03);
    }

    [Fact]
    public void When_it_looked_is_told_too()
    {
        var middle = Look((t, _, _) => t == 4 ? 1 : 0);
        Assert.Equal(middle.When_T.Max(), middle.When_T[4]);
        Assert.Equal(0, middle.When_T[0], 5);
        Assert.Equal(0, middle.When_T[8], 5);
        Assert.True(Frame(middle, 4) > 0.9 * Enumerable.Range(0, Frames).Max(t => Frame(middle, t)));
        Assert.Equal(0, Frame(middle, 8), 5);

        static double Frame(Saliency s, int t) => s.Both_THW.AsSpan(t * Size * Size, Size * Size).ToArray().Average();
    }

    [Fact]
    public void What_spoke_against_the_reading_is_negative()
    {
        // Bright in the upper half speaks for the word, bright in the lower half against it; the clip is bright all over.
        var both = Look((_, y, _) => y < 11 ? 2 : -1);
        Assert.True(Density(both, (y, _) => y < 9) > 0);
        Assert.True(Density(both, (y, _) => y > 13) < 0);
    }

    [Fact]
    public void The_fall_is_that_of_the_log_odds_worked_out_by_hand()
    {
        // Logits 0 and s, where s is the mean of the weighted pixels: covering all frames takes all of it.
        var saliency = Look((_, _, _) => 1, new OcclusionSettings { Windows = 1, Patch = 1 });
        Assert.Equal(saliency.Evidence, saliency.When_T[0], 4);
        Assert.Equal(saliency.Evidence, saliency.Where_HW[0], 4);
        Assert.Equal("lips", saliency.Reading.Text);
    }

    [Fact]
    public void It_shows_what_the_network_saw_and_stops_when_it_is_told_to()
    {
        using var model = Load((_, _, _) => 1);
        var clip = model.Prepare(BrightnessModel.Clip(200, frames: Frames), 0, 0.2);
        var done = new List<double>();
        var saliency = OcclusionSaliency.Of(model, clip, progress: done.Add);
        Assert.All(saliency.Picture_THW, p => Assert.Equal(200, p));
        Assert.Equal(1, done[^1]);
        Assert.Equal(done.Order(), done);
        Assert.Equal([false, false, true, true, true, true, true, false, false], Marked(model).InWord_T.Select(w => w));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => OcclusionSaliency.Of(model, clip, cancellationToken: cancelled.Token));

        Saliency Marked(LoadedModel m) => OcclusionSaliency.Of(m, m.Prepare(BrightnessModel.Clip(200, frames: 40), 0.6, 0.8));
    }

    private Saliency Look(Func<int, int, int, double> weight, OcclusionSettings? settings = null)
    {
        using var model = Load(weight);
        return OcclusionSaliency.Of(model, model.Prepare(BrightnessModel.Clip(220, frames: Frames), 0, 0.36), settings);
    }

    /// <summary>A network of two words whose second one's logit is the weighted mean of the pixels.</summary>
    private LoadedModel Load(Func<int, int, int, double> weight)
    {
        var path = Path.Combine(folder.Path, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(path);
        var weights = (from t in Enumerable.Range(0, Frames) from y in Enumerable.Range(0, Size) from x in Enumerable.Range(0, Size) select (float)weight(t, y, x)).ToArray();
        var scale = 12 / weights.Sum(w => Math.Abs(w));
        File.WriteAllBytes(Path.Combine(path, ModelManifestFile.OnnxName), OnnxWriter.Model(
            [
                OnnxWriter.Node("Mul", ["clip_BCTHW", "mask_CTHW"], "masked_BCTHW"),
                OnnxWriter.Node("ReduceSum", ["masked_BCTHW", "axes"], "sum_BC", ("keepdims", [0])),
                OnnxWriter.Node("MatMul", ["sum_BC", "weight_CV"], "logits_BV"),
            ],
            [
                OnnxWriter.Tensor("mask_CTHW", [2, Frames, Size, Size], [.. weights.Select(w => w * scale), .. new float[weights.Length]]),
                OnnxWriter.Whole("axes", [2, 3, 4]),
                OnnxWriter.Tensor("weight_CV", [2, 2], [0, 1, 0, 0]),
            ],
            OnnxWriter.Value("clip_BCTHW", -1, 2, Frames, Size, Size), OnnxWriter.Value("logits_BV", -1, 2)));
        ModelManifestFile.Write(BrightnessModel.Manifest() with { Vocabulary = ["light", "lips"], Homophenes = [] }, path);
        return LoadedModel.Load(path, new SessionSettings { Device = "cpu", Threads = 1 });
    }

    private static double Density(Saliency saliency, Func<int, int, bool> where) =>
        Enumerable.Range(0, Size * Size).Where(i => where(i / Size, i % Size)).Average(i => saliency.Where_HW[i]);
}
