using System.Text.Json;
using LipSol.Client.Tests.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace LipSol.Client.Tests.Runs;

public sealed class FollowTests
{
    [Fact]
    public async Task A_lost_connection_is_made_again_behind_the_last_event()
    {
        var asked = new List<string>();
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await CannedServer.StartAsync(async context =>
        {
            asked.Add(context.Request.Headers["Last-Event-ID"].ToString());
            context.Response.ContentType = "text/event-stream";
            switch (asked.Count)
            {
                case 1:
                    await SendAsync(context, Event(1), Event(2));
                    // An abort may overtake what was sent: it waits until the events are there.
                    await arrived.Task;
                    context.Abort();
                    break;
                case 2:
                    context.Response.StatusCode = 503;
                    break;
                case 3:
                    // Closed in good order, but without the run's end: a node that shut down.
                    await SendAsync(context, Event(3));
                    break;
                default:
                    await SendAsync(context, "event: alive\ndata: null\n\n", Event(4), "event: end\ndata: null\n\n");
                    break;
            }
        });
        using var client = new LipSolClient(server.Url, "t");
        var cursors = new List<long>();
        await foreach (var e in client.Runs.FollowAsync("r"))
        {
            cursors.Add(e.Cursor);
            if (e.Cursor == 2) arrived.SetResult();
        }
        Assert.Equal([1, 2, 3, 4], cursors);
        Assert.Equal(["0", "2", "2", "3"], asked);
    }

    [Fact]
    public async Task A_node_that_does_not_come_back_is_given_up()
    {
        var time = new FakeTimeProvider();
        using var connection = new NodeConnection(new Uri("http://127.0.0.1:9"), null, null);
        var follow = Task.Run(async () =>
        {
            await foreach (var _ in new RunsClient(connection, time).FollowAsync("r")) { }
        });
        for (var i = 0; i < 10_000 && !follow.IsCompleted; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(follow, Task.Delay(1));
        }
        await Assert.ThrowsAsync<LipSolUnreachableException>(() => follow);
    }

    [Fact]
    public async Task A_run_that_does_not_exist_is_not_waited_for()
    {
        await using var server = await CannedServer.StartAsync(context =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        using var client = new LipSolClient(server.Url, "t");
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => client.Runs.WaitAsync("r"));
    }

    [Fact]
    public async Task Stopping_to_follow_ends_at_once()
    {
        await using var server = await CannedServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await SendAsync(context, Event(1));
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var client = new LipSolClient(server.Url, "t");
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.Runs.FollowAsync("r", 0, stop.Token)) stop.Cancel();
        });
    }

    [Fact]
    public async Task Numbers_that_are_none_survive_the_wire()
    {
        await using var server = await CannedServer.StartAsync(context => SendAsync(context,
            $"event: run\ndata: {JsonSerializer.Serialize(new RunEvent(1, RunStatus.Running, null, [new MetricPoint("loss", 1, double.NaN, DateTimeOffset.UnixEpoch)], null, 0), LipSolJson.Options)}\n\n", "event: end\ndata: null\n\n"));
        using var client = new LipSolClient(server.Url, "t");
        await foreach (var e in client.Runs.FollowAsync("r")) Assert.True(double.IsNaN(e.Points[0].Value));
    }

    private static string Event(long cursor) =>
        $"event: run\nid: {cursor}\ndata: {JsonSerializer.Serialize(new RunEvent(cursor, RunStatus.Running, null, [], "training", 0.5), LipSolJson.Options)}\n\n";

    private static async Task SendAsync(HttpContext context, params string[] events)
    {
        foreach (var e in events)
        {
            await context.Response.WriteAsync(e);
            await context.Response.Body.FlushAsync();
        }
    }
}
