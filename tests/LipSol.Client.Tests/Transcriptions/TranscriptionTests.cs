using System.Net;
using LipSol.Client.Tests.Http;
using Microsoft.AspNetCore.Http;

namespace LipSol.Client.Tests.Transcriptions;

/// <summary>What the client asks for, and what it makes of the answers; the calls themselves are tried against a real node in LipSol.Silo.Tests.</summary>
public sealed class TranscriptionTests
{
    [Fact]
    public async Task Waiting_ends_with_the_transcription_however_it_ended_and_tells_of_each_look()
    {
        var looks = 0;
        await using var server = await CannedServer.StartAsync(context => context.Response.WriteAsJsonAsync(Job(++looks < 3 ? TranscriptionState.Cropping : TranscriptionState.Failed, looks / 4.0), LipSolJson.Options));
        using var client = new LipSolClient(server.Url, null);
        var told = new List<double>();
        var job = await client.Transcriptions.WaitAsync("abc", new Heard(told));
        Assert.Equal((TranscriptionState.Failed, "no-face"), (job.State, job.Problem!.Reason));
        Assert.Equal([0.25, 0.5, 0.75], told);
    }

    [Fact]
    public async Task A_missing_file_is_said_before_anything_is_sent()
    {
        var asked = 0;
        await using var server = await CannedServer.StartAsync(context => Task.FromResult(asked++));
        using var client = new LipSolClient(server.Url, null);
        Assert.Equal("missing", (await Assert.ThrowsAsync<LipSolException>(() => client.Transcriptions.StartBatchAsync(["/nowhere/a.mp4"]))).Reason);
        Assert.Equal("missing", (await Assert.ThrowsAsync<LipSolException>(() => client.Transcriptions.StartAsync("/nowhere/a.mp4"))).Reason);
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task An_id_is_no_path()
    {
        string? asked = null;
        await using var server = await CannedServer.StartAsync(context =>
        {
            asked = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            context.Response.StatusCode = (int)HttpStatusCode.NotFound;
            return Task.CompletedTask;
        });
        using var client = new LipSolClient(server.Url, null);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => client.Transcriptions.GetAsync("../node"));
        Assert.Equal("/api/v1/transcriptions/..%2Fnode", asked);
    }

    private static TranscriptionJob Job(TranscriptionState state, double progress) => new()
    {
        Id = "abc",
        State = state,
        Progress = progress,
        CreatedAt = DateTimeOffset.UnixEpoch,
        Node = "n",
        Problem = state == TranscriptionState.Failed ? new Problem(null, null, 422, "No face.", "no-face") : null,
    };

    private sealed class Heard(List<double> told) : IProgress<TranscriptionJob>
    {
        public void Report(TranscriptionJob value) => told.Add(value.Progress);
    }
}
