using System.Threading.Channels;
using LipSol.Benchmarks.Running;
using LipSol.Clips;
using LipSol.Inference;
using Microsoft.ML.OnnxRuntime;

namespace LipSol.Benchmarks.Serving;

/// <summary>The reference: the ONNX file called directly, with input tensors that are ready.</summary>
internal sealed class BareSession(string folder, InputSpec spec, int passes, int threads) : IDisposable
{
    private readonly InferenceSession session = new OnnxExecutionProviders().Open(Path.Combine(folder, ModelManifestFile.OnnxName), "cpu", threads);

    public int Passes => passes;

    /// <summary>Clips a second in batches of one size, as many passes at once as it was made with.</summary>
    public double Throughput(float[] clip_CTHW, int batch, TimeSpan duration)
    {
        var until = TimeProvider.System.GetTimestamp() + (long)(duration.TotalSeconds * TimeProvider.System.TimestampFrequency);
        var counts = new long[passes];
        var input_BCTHW = Batch(Enumerable.Repeat(clip_CTHW, batch));
        return Statistics.Rate(() =>
        {
            OnThreads(pass =>
            {
                while (TimeProvider.System.GetTimestamp() < until)
                {
                    Run(input_BCTHW, batch);
                    counts[pass] += batch;
                }
            });
            return counts.Sum();
        });
    }

    /// <summary>The least that can stand between callers and a session: what waits when a pass is free is its batch.</summary>
    public Queue Serve(int largestBatch) => new(this, largestBatch);

    public void Dispose() => session.Dispose();

    private Task[] Start(Action<int> work) => [.. Enumerable.Range(0, passes).Select(pass => Task.Factory.StartNew(() => work(pass), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];

    private void OnThreads(Action<int> work) => Task.WaitAll(Start(work));

    private void Run(float[] input_BCTHW, int batch)
    {
        using var tensor = OrtValue.CreateTensorValueFromMemory(input_BCTHW, [batch, spec.Channels, spec.Frames, spec.Size, spec.Size]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, session.InputNames, [tensor], session.OutputNames);
        if (outputs[0].GetTensorDataAsSpan<float>().IsEmpty) throw new InvalidOperationException("The network gave no logits.");
    }

    private static float[] Batch(IEnumerable<float[]> clips_CTHW) => [.. clips_CTHW.SelectMany(c => c)];

    internal sealed class Queue : IAsyncDisposable
    {
        private readonly Channel<(float[] Clip_CTHW, TaskCompletionSource Answer)> waiting = Channel.CreateUnbounded<(float[], TaskCompletionSource)>();
        private readonly Task[] passes;

        public Queue(BareSession bare, int largestBatch) => passes = bare.Start(_ =>
        {
            var batch = new List<(float[] Clip_CTHW, TaskCompletionSource Answer)>();
            while (waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                batch.Clear();
                while (batch.Count < largestBatch && waiting.Reader.TryRead(out var next)) batch.Add(next);
                if (batch.Count == 0) continue;
                bare.Run(batch.Count == 1 ? batch[0].Clip_CTHW : Batch(batch.Select(b => b.Clip_CTHW)), batch.Count);
                foreach (var (_, answer) in batch) answer.SetResult();
            }
        });

        public Task ReadAsync(float[] clip_CTHW)
        {
            var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Writer.TryWrite((clip_CTHW, answer));
            return answer.Task;
        }

        public async ValueTask DisposeAsync()
        {
            waiting.Writer.Complete();
            await Task.WhenAll(passes);
        }
    }
}
