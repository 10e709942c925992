using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using LipSol.Client;
using LipSol.Testing.Cluster.Processes;
using LipSol.Silo.Tests.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Silo.Tests.Runs;

/// <summary>Live metrics as a browser or curl reads them: over a plain connection, by their event ids.</summary>
public sealed class EventStreamTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private TestNode node = null!;
    private ActiveRequests requests = null!;
    private string run = "";
    private ScriptedWorker worker = null!;
    private bool stopped;

    public async ValueTask InitializeAsync()
    {
        node = await TestNode.StartAsync();
        // From the first request on: one that began before would still be heard to end.
        requests = new ActiveRequests(node);
        node.AddCorpus();
        run = (await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus })).Id;
        worker = await node.Workers.NextAsync();
    }

    public ValueTask DisposeAsync()
    {
        requests.Dispose();
        return stopped ? ValueTask.CompletedTask : node.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(700)] // more than the run keeps in memory, read from the store in several events
    public async Task Who_connects_again_and_again_with_the_last_event_s_id_sees_every_point_once_and_then_the_end(int pointsInBatch)
    {
        const int Batches = 12;
        var random = new Random(5);
        var (seen, last, ended) = (new List<long>(), (string?)null, false);
        var writing = WriteAsync(Batches, pointsInBatch);
        for (var connections = 0; !ended; connections++)
        {
            Assert.InRange(connections, 0, 500);
            await using var stream = await OpenAsync(last, cursor: "0");
            var events = random.Next(1, 4);
            await foreach (var e in stream.ReadAsync())
            {
                if (e.EventType == "run") seen.AddRange(Points(e));
                if (e.EventId is { } id) last = id;
                ended = e.EventType == "end";
                // Hung up on in the middle of things, what is under way thrown away.
                if (--events == 0) break;
            }
        }
        await writing;
        Assert.Equal(Enumerable.Range(0, Batches * pointsInBatch).Select(i => (long)i), seen);
        Assert.Equal($"{Batches}", last);
    }

    [Fact]
    public async Task The_stream_closes_when_the_run_has_ended_and_ends_at_once_for_who_comes_later()
    {
        await using var stream = await OpenAsync();
        await worker.ReportAsync(("loss", 1, 0.5));
        await worker.EndAsync(Contracts.Runs.RunStatus.Failed, "that was all");
        var events = await stream.ReadAsync().ToListAsync().AsTask().WaitAsync(Patience);
        Assert.Equal("end", events[^1].EventType);
        Assert.Equal([1], events.Where(e => e.EventType == "run").SelectMany(Points));
        Assert.Equal("failed", JsonDocument.Parse(events[^2].Data).RootElement.GetProperty("status").GetString());

        await using var late = await OpenAsync(events[^2].EventId);
        var after = await late.ReadAsync().ToListAsync().AsTask().WaitAsync(Patience);
        Assert.Equal(["run", "end"], after.Select(e => e.EventType));
        Assert.Empty(Points(after[0]));
    }

    [Fact]
    public async Task The_last_event_s_id_counts_before_the_cursor_of_the_address()
    {
        await WriteAsync(3, 1);
        // A browser connects again to the address that it was given, cursor and all.
        await using var again = await OpenAsync(last: "2", cursor: "0");
        Assert.Equal([2], (await again.ReadAsync().ToListAsync()).Where(e => e.EventType == "run").SelectMany(Points));
        await using var first = await OpenAsync(cursor: "1");
        Assert.Equal([1, 2], (await first.ReadAsync().ToListAsync()).Where(e => e.EventType == "run").SelectMany(Points));
    }

    [Theory]
    [InlineData("abc", null)]
    [InlineData("-1", null)]
    [InlineData(null, "-1")]
    [InlineData(null, "x")]
    public async Task What_is_no_event_of_a_run_is_a_bad_request(string? last, string? cursor)
    {
        await using var stream = await OpenAsync(last, cursor);
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (stream.Status, stream.MediaType));
    }

    [Fact]
    public async Task A_client_that_goes_away_costs_the_node_nothing_any_more()
    {
        var streams = new List<Stream>();
        for (var i = 0; i < 20; i++)
        {
            streams.Add(await OpenAsync());
            await foreach (var _ in streams[^1].ReadAsync()) break;
        }
        // The request that began the run may end a moment after its answer arrives.
        await Eventually.TrueAsync("20 requests and no other", Patience, () => requests.Now == 20);
        // The run goes on in silence: the node hears of it from the connection alone.
        foreach (var stream in streams) await stream.DisposeAsync();
        await Eventually.TrueAsync("end of the requests", Patience, () => requests.Now == 0);
        await worker.ReportAsync(("loss", 1, 0.5));
        await worker.CompleteAsync();
        Assert.Equal(RunStatus.Completed, (await node.Client.Runs.WaitAsync(run).WaitAsync(Patience)).Status);
    }

    [Fact]
    public async Task A_node_that_stops_ends_its_streams_without_saying_that_the_run_ended()
    {
        await using var stream = await OpenAsync();
        var reading = stream.ReadAsync().Select(e => e.EventType).ToListAsync().AsTask();
        stopped = true;
        await node.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.DoesNotContain("end", await reading.WaitAsync(Patience));
    }

    private async Task WriteAsync(int batches, int pointsInBatch)
    {
        for (var b = 0; b < batches; b++) await worker.ReportAsync([.. Enumerable.Range(b * pointsInBatch, pointsInBatch).Select(i => ("loss", (long)i, 1.0))]);
        await worker.EndAsync(Contracts.Runs.RunStatus.Failed, "that was all");
    }

    private static IEnumerable<long> Points(SseItem<string> e) => JsonDocument.Parse(e.Data).RootElement.GetProperty("points").EnumerateArray().Select(p => p.GetProperty("step").GetInt64());

    private Task<Stream> OpenAsync(string? last = null, string? cursor = null) => Stream.OpenAsync(node, $"/api/v1/runs/{run}/events{(cursor is null ? "" : $"?cursor={cursor}")}", last);

    /// <summary>A connection of its own, closed with it.</summary>
    private sealed class Stream(HttpClient http, HttpResponseMessage answer) : IAsyncDisposable
    {
        public HttpStatusCode Status => answer.StatusCode;

        public string? MediaType => answer.Content.Headers.ContentType?.MediaType;

        public static async Task<Stream> OpenAsync(TestNode node, string path, string? last)
        {
            var http = new HttpClient { BaseAddress = new Uri(node.Url) };
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", node.Token);
            if (last is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
            return new Stream(http, await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience));
        }

        public async IAsyncEnumerable<SseItem<string>> ReadAsync()
        {
            // Closed with the answer, not with the reading: who reads no further may still be connected.
            var body = await answer.Content.ReadAsStreamAsync();
            await foreach (var e in SseParser.Create(body).EnumerateAsync()) yield return e;
        }

        public ValueTask DisposeAsync()
        {
            answer.Dispose();
            http.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>The requests that the node is answering, as it counts them itself (http.server.active_requests).</summary>
    private sealed class ActiveRequests : IDisposable
    {
        private readonly MeterListener listener = new();
        private long now;

        public ActiveRequests(TestNode node)
        {
            var meters = node.Services.GetRequiredService<IMeterFactory>();
            listener.InstrumentPublished = (instrument, hears) =>
            {
                // Other nodes of this process count on meters of their own.
                if (instrument.Name == "http.server.active_requests" && ReferenceEquals(instrument.Meter.Scope, meters)) hears.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((_, change, _, _) => Interlocked.Add(ref now, change));
            listener.Start();
        }

        public long Now => Interlocked.Read(ref now);

        public void Dispose() => listener.Dispose();
    }
}
