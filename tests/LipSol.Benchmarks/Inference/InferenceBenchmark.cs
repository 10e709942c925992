using LipSol.Benchmarks.Running;
using LipSol.Clips;
using LipSol.Inference;
using LipSol.Models.Networks;
using Microsoft.ML.OnnxRuntime;

namespace LipSol.Benchmarks.Inference;

/// <summary>A word network of the usual size read through LipSol, against the same ONNX file called directly with tensors that are ready.</summary>
internal sealed class InferenceBenchmark : IBenchmark
{
    private const int Callers = 64, Reads = 32, Batch = 16;

    public string Name => "inference";

    public string About => "a loaded model and its batching queue, against the same ONNX file called directly";

    public async Task<BenchmarkReport> RunAsync(BenchmarkRun run)
    {
        var folder = Directory.CreateTempSubdirectory("lipsol-bench-");
        try
        {
            var manifest = RandomWordModel.Write(folder.FullName, seed: 1);
            var settings = new SessionSettings { Device = "cpu", Threads = Environment.ProcessorCount };
            using var model = LoadedModel.Load(folder.FullName, settings);
            using var direct = new OnnxExecutionProviders().Open(Path.Combine(folder.FullName, ModelManifestFile.OnnxName), "cpu", settings.Threads);
            await using var queue = new BatchingReader(LoadedModel.Load(folder.FullName, settings), new BatchingSettings { LargestBatch = Batch, LongestWait = TimeSpan.MaxValue });
            var clip = RandomClip(manifest.Crop);
            var prepared = model.Prepare(clip);
            var ready_CTHW = prepared.Input.ToArray();
            List<double> one = [], directOne = [], batch = [], directBatch = [], queued = [], prepare = [];
            for (var i = -1; i < run.Repetitions; i++)
            {
                run.CancellationToken.ThrowIfCancellationRequested();
                run.Say($"inference: {(i < 0 ? "warming up" : $"repetition {i + 1} of {run.Repetitions}")}");
                var rates = new[]
                {
                    Statistics.Rate(() => Repeat(Reads, () => Direct(direct, manifest, ready_CTHW, 1))),
                    Statistics.Rate(() => Repeat(Reads, () => model.Read([prepared]))),
                    Statistics.Rate(() => Batch * Repeat(Reads / 8, () => Direct(direct, manifest, ready_CTHW, Batch))),
                    Statistics.Rate(() => Batch * Repeat(Reads / 8, () => model.Read([.. Enumerable.Repeat(prepared, Batch)]))),
                    await Statistics.RateAsync(() => CallAsync(queue, prepared, run.CancellationToken)),
                    Statistics.Rate(() => Repeat(8 * Reads, () => model.Prepare(clip))),
                };
                if (i < 0) continue; // the first round lets ONNX Runtime lay out its memory
                foreach (var (list, rate) in new[] { directOne, one, directBatch, batch, queued, prepare }.Zip(rates)) list.Add(rate);
            }
            return new BenchmarkReport(Name,
            [
                Measured.Of("one clip at a time", one, "clips/s"),
                Measured.Of("reference: the ONNX file directly, one at a time", directOne, "clips/s"),
                Measured.Of($"batches of {Batch}", batch, "clips/s"),
                Measured.Of($"reference: the ONNX file directly, batches of {Batch}", directBatch, "clips/s"),
                Measured.Of($"{Callers} callers through the queue", queued, "clips/s"),
                Measured.Of("mouth clip to input tensor, one core", prepare, "clips/s"),
            ],
            [
                new Ratio("one at a time / directly", Statistics.Median(one.Zip(directOne, (a, b) => a / b))),
                new Ratio($"batches of {Batch} / directly", Statistics.Median(batch.Zip(directBatch, (a, b) => a / b))),
                new Ratio($"{Callers} callers / directly in batches of {Batch}", Statistics.Median(queued.Zip(directBatch, (a, b) => a / b))),
            ]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static long Repeat(int times, Action work)
    {
        for (var i = 0; i < times; i++) work();
        return times;
    }

    private static async Task<long> CallAsync(BatchingReader queue, PreparedClip clip, CancellationToken stop)
    {
        const int each = 4;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++) await queue.ReadAsync(clip, default, stop);
        }, stop)));
        return Callers * each;
    }

    private static void Direct(InferenceSession session, ModelManifest manifest, float[] ready_CTHW, int batch)
    {
        var spec = manifest.Input;
        var input_BCTHW = ready_CTHW;
        if (batch > 1)
        {
            input_BCTHW = new float[batch * spec.Length];
            for (var b = 0; b < batch; b++) ready_CTHW.CopyTo(input_BCTHW, b * spec.Length);
        }
        using var tensor = OrtValue.CreateTensorValueFromMemory(input_BCTHW, [batch, spec.Channels, spec.Frames, spec.Size, spec.Size]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, [WordNetwork.InputName], [tensor], [WordNetwork.OutputName]);
        if (outputs[0].GetTensorDataAsSpan<float>().Length != batch * RandomWordModel.Classes) throw new InvalidOperationException("The network gave another number of logits.");
    }

    private static MouthClip RandomClip(CropSettings settings)
    {
        var pixels = new byte[RandomWordModel.Frames * settings.Size * settings.Size];
        new Random(1).NextBytes(pixels);
        return new MouthClip(pixels, settings.Size, settings.Size, settings.FramesPerSecond, [.. Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 1), RandomWordModel.Frames)], settings);
    }
}
