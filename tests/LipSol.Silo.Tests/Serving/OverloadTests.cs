using System.Net;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Contracts.Serving;
using LipSol.Grains.Ports;
using LipSol.Inference;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Http;
using LipSol.Silo.Serving;
using LipSol.Silo.Tests.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LipSol.Silo.Tests.Serving;

public sealed class OverloadTests(NodeFixture fixture)
{
    private static readonly byte[] Clip = MouthClipFile.ToBytes(BrightnessModel.Clip(250));

    [Fact]
    public async Task A_clip_that_a_full_queue_refuses_is_answered_429_with_when_to_come_back()
    {
        await using var node = await TestNode.StartAsync(o => o with { Serving = new ServingOptions { Capacity = 0 } });
        node.AddCorpus();
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus, Experiment = "first" });
        await (await node.Workers.NextAsync()).CompleteAsync();
        Assert.True((await node.Client.Models.PromoteAsync("words", new Promote { RunId = run.Id })).Promoted);

        var refusal = await Assert.ThrowsAsync<LipSolOverloadedException>(() => node.Client.Transcriptions.TranscribeAsync(new MemoryStream(Clip), "clip.npz"));

        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(1)), (refusal.Status, refusal.RetryAfter));
    }

    [Theory]
    [InlineData(0, "1")]
    [InlineData(1.2, "2")]
    [InlineData(7, "7")]
    [InlineData(3600, "60")]
    public async Task Retry_After_is_the_estimate_in_whole_seconds(double seconds, string header)
    {
        var context = new DefaultHttpContext();
        await new Problems(NullLogger<Problems>.Instance).TryHandleAsync(context, new OverloadedException("busy", TimeSpan.FromSeconds(seconds)), CancellationToken.None);
        Assert.Equal((StatusCodes.Status429TooManyRequests, header), (context.Response.StatusCode, context.Response.Headers.RetryAfter.ToString()));
    }

    [Fact]
    public async Task What_a_node_that_goes_leaves_unanswered_is_answered_503()
    {
        // All that a reader asks another node for, and what it says once it gives up.
        foreach (var error in (Exception[])[new TimeoutException("No node could read.", new ObjectDisposedException("session")), new ObjectDisposedException("session"), new OperationCanceledException(), new SiloUnavailableException(), new SiloUnavailableException("gone", new TimeoutException())])
        {
            var context = new DefaultHttpContext();
            await new Problems(NullLogger<Problems>.Instance).TryHandleAsync(context, error, CancellationToken.None);
            Assert.Equal((error, StatusCodes.Status503ServiceUnavailable, "2"), (error, context.Response.StatusCode, context.Response.Headers.RetryAfter.ToString()));
        }
    }

    [Fact]
    public async Task A_clip_that_would_be_read_too_late_is_not_read_and_answered_504()
    {
        var reader = fixture.Node.Services.GetRequiredService<IGrainFactory>().GetGrain<IModelReaderGrain>(NodeFixture.Model);
        var late = await Assert.ThrowsAsync<TooLateException>(() => reader.ReadAsync(new ReadRequest(Clip, null, null) { Within = TimeSpan.Zero }, null));
        Assert.Equal("نہیں", (await reader.ReadAsync(new ReadRequest(Clip, null, null) { Within = TimeSpan.FromSeconds(30), Bulk = true }, null)).Text);

        var context = new DefaultHttpContext();
        await new Problems(NullLogger<Problems>.Instance).TryHandleAsync(context, late, CancellationToken.None);
        Assert.Equal(StatusCodes.Status504GatewayTimeout, context.Response.StatusCode);
    }

    [Fact]
    public async Task A_model_that_is_unloaded_again_and_again_fails_no_read()
    {
        var runtime = fixture.Node.Services.GetRequiredService<IModelRuntime>();
        var model = (await fixture.Client.Models.GetAsync(NodeFixture.Model)).Versions[0].Artifact!;
        for (var i = 0; i < 20; i++)
        {
            // Some are under way when the model goes, some come after it.
            var reads = Enumerable.Range(0, 6).Select(_ => Task.Run(() => runtime.ReadAsync(model, new ReadRequest(Clip, null, null), CancellationToken.None))).ToArray();
            await runtime.UnloadAsync(model);
            Assert.All(await Task.WhenAll(reads), r => Assert.Equal("نہیں", r.Text));
        }
    }

    [Fact]
    public void A_node_serves_by_the_machine_but_for_what_it_was_told()
    {
        var chosen = ServingChoice.For("cpu", Environment.ProcessorCount);
        Assert.Equal((chosen.Passes, chosen.LargestBatch, chosen.Threads), (new ServingOptions().Batching("cpu").Passes, new ServingOptions().Batching("cpu").LargestBatch, new ServingOptions().Session("cpu").Threads));
        var told = new ServingOptions { Passes = 3, Threads = 5, LargestBatch = 17, Delay = TimeSpan.FromMilliseconds(9), LongestWait = TimeSpan.FromSeconds(2) };
        Assert.Equal(new BatchingSettings { Passes = 3, LargestBatch = 17, Delay = told.Delay.Value, LongestWait = told.LongestWait }, told.Batching("cpu"));
        Assert.Equal(5, told.Session("cpu").Threads);
    }
}
