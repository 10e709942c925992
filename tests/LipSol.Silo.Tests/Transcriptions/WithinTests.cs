using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using LipSol.Silo.Transcriptions;
using LipSol.Silo.Workers;

namespace LipSol.Silo.Tests.Transcriptions;

/// <summary>Callers who say within how many seconds an answer is worth something.</summary>
public sealed class WithinTests(NodeFixture fixture) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Soon = TimeSpan.FromSeconds(0.3), OnceCropping = TimeSpan.FromSeconds(3);
    private static readonly byte[] Mouth = MouthClipFile.ToBytes(BrightnessModel.Clip(250));
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_clip_that_is_not_cropped_in_time_is_given_up_and_answered_504()
    {
        await using var node = await WarmAsync();
        var ended = new TaskCompletionSource();
        node.Cropper.Crop = async (_, cancelled) =>
        {
            await using var end = cancelled.Register(ended.SetResult);
            await Task.Delay(Timeout.Infinite, cancelled);
            throw new InvalidOperationException();
        };
        var late = await Assert.ThrowsAsync<LipSolException>(() => node.Client.Transcriptions.TranscribeAsync(Clip("a.mp4"), new TranscriptionOptions { Within = OnceCropping }).WaitAsync(Patience));
        Assert.Equal((HttpStatusCode.GatewayTimeout, "too-late"), (late.Status, late.Reason));
        Assert.Contains("within the 3 s asked for", late.Message);
        await ended.Task.WaitAsync(Patience);
        node.Cropper.Crop = (_, _) => Task.FromResult(new CroppedClip(Mouth, 20, 20, 25));
        Assert.Equal("نہیں", (await node.Client.Transcriptions.TranscribeAsync(Clip("a.mp4"), new TranscriptionOptions { Within = Patience })).Text);
    }

    [Fact]
    public async Task So_is_one_whose_turn_to_be_cropped_does_not_come_in_time()
    {
        await using var node = await WarmAsync();
        // As the pool does, which doesn't know whose patience was at its end.
        node.Cropper.Crop = async (_, cancelled) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, cancelled);
            }
            catch (OperationCanceledException e)
            {
                throw new CropperBusyException("The clip waited for its turn for too long.", e);
            }
            throw new InvalidOperationException();
        };
        var late = await Assert.ThrowsAsync<LipSolException>(() => node.Client.Transcriptions.TranscribeAsync(Clip("a.mp4"), new TranscriptionOptions { Within = OnceCropping }).WaitAsync(Patience));
        Assert.Equal((HttpStatusCode.GatewayTimeout, "too-late"), (late.Status, late.Reason));
    }

    [Fact]
    public async Task What_is_too_late_when_it_has_arrived_is_not_looked_at()
    {
        using var answer = await SendAsync("?within=0.000001");
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal("too-late", (await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync())).RootElement.GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("NaN")]
    [InlineData("1e9")]
    public async Task What_is_no_number_of_seconds_is_refused(string within)
    {
        using var answer = await SendAsync($"?within={within}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("within is", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task One_sent_for_later_that_is_not_read_in_time_fails_and_is_not_tried_again()
    {
        await using var node = await ServingTestNode.StartAsync();
        var release = new TaskCompletionSource();
        node.Cropper.Crop = async (_, cancelled) =>
        {
            await release.Task.WaitAsync(cancelled);
            return new CroppedClip(Mouth, 20, 20, 25);
        };
        var batch = await node.Client.Transcriptions.StartBatchAsync([Clip("a.mp4"), Clip("b.mp4")], new TranscriptionOptions { Within = Soon });
        var patient = await node.Client.Transcriptions.StartAsync(Clip("c.mp4"));
        foreach (var job in batch.Transcriptions)
        {
            var failed = await node.Client.Transcriptions.WaitAsync(job.Id).WaitAsync(Patience);
            Assert.Equal((TranscriptionState.Failed, 504, "too-late"), (failed.State, failed.Problem!.Status, failed.Problem.Reason));
        }
        release.SetResult();
        Assert.Equal(TranscriptionState.Done, (await node.Client.Transcriptions.WaitAsync(patient.Id).WaitAsync(Patience)).State);
        Assert.True(node.Cropper.Paths.Count <= 3);
    }

    /// <summary>A node for which the next clip isn't the first: it gets as far as the cropper well before <see cref="OnceCropping"/>.</summary>
    private async Task<TestNode> WarmAsync()
    {
        var node = await ServingTestNode.StartAsync();
        node.Cropper.Crop = (_, _) => Task.FromResult(new CroppedClip(Mouth, 20, 20, 25));
        await node.Client.Transcriptions.TranscribeAsync(Clip("a.mp4"));
        return node;
    }

    private async Task<HttpResponseMessage> SendAsync(string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/transcriptions" + query) { Content = new ByteArrayContent(Mouth) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-npz");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fixture.Node.Token);
        return await fixture.Node.Http.SendAsync(request);
    }

    private string Clip(string name)
    {
        var path = Path.Combine(folder.Path, name);
        File.WriteAllBytes(path, [1, 2, 3]);
        return path;
    }
}
