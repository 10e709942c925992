using LipSol.Inference.Tests.Networks;

namespace LipSol.Inference.Tests.Serving;

public sealed class BatchingReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public BatchingReaderTests() => BrightnessModel.Write(folder.Path);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Many_callers_get_their_own_answers()
    {
        await using var reader = new BatchingReader(Load());
        byte[] greys = [0, 127, 255];
        var prepared = greys.Select(g => reader.Model.Prepare(BrightnessModel.Clip(g))).ToArray();

        var answers = await Task.WhenAll(Enumerable.Range(0, 120).Select(i => reader.ReadAsync(prepared[i % 3], CancellationToken.None)));

        for (var i = 0; i < answers.Length; i++) Assert.Equal(BrightnessModel.Words[i % 3], answers[i].Reading.Text);
        Assert.Contains(answers, a => a.BatchSize > 1);
    }

    [Fact]
    public async Task More_than_the_queue_holds_is_refused_at_once_and_the_rest_is_read()
    {
        await using var reader = new BatchingReader(Load(), capacity: 4, largestBatch: 1);
        var prepared = reader.Model.Prepare(BrightnessModel.Clip(255));

        var reads = Enumerable.Range(0, 200).Select(_ => reader.ReadAsync(prepared, CancellationToken.None)).ToArray();
        var outcomes = await Task.WhenAll(reads.Select(async r =>
        {
            try
            {
                return (await r).Reading.Text;
            }
            catch (ReaderBusyException)
            {
                return "busy";
            }
        }));

        Assert.Contains("busy", outcomes);
        Assert.Contains("نہیں", outcomes);
        Assert.Equal("نہیں", (await reader.ReadAsync(prepared, CancellationToken.None)).Reading.Text);
    }

    [Fact]
    public async Task What_waits_when_the_model_is_unloaded_is_still_read()
    {
        var reader = new BatchingReader(Load(), largestBatch: 1);
        var prepared = reader.Model.Prepare(BrightnessModel.Clip(255));
        var reads = Enumerable.Range(0, 50).Select(_ => reader.ReadAsync(prepared, CancellationToken.None)).ToArray();

        await reader.DisposeAsync();

        Assert.All(await Task.WhenAll(reads), r => Assert.Equal("نہیں", r.Reading.Text));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reader.ReadAsync(prepared, CancellationToken.None));
    }

    private LoadedModel Load() => LoadedModel.Load(folder.Path, new SessionSettings { Device = "cpu", Threads = 1 });
}
