using System.Collections.Concurrent;
using LipSol.Client;
using LipSol.Contracts.Models;
using LipSol.Contracts.Serving;
using LipSol.Grains.Serving;
using LipSol.Silo.Models;
using LipSol.Silo.Streaming;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LipSol.Silo.Tests.Streaming;

/// <summary>Streams of a node whose cluster is in the state that the test says.</summary>
public sealed class StreamSessionTests(StreamFixture fixture) : IClassFixture<StreamFixture>
{
    private static readonly StreamOptions Letters = new() { Model = "letters", Input = StreamInput.Crops, Decoder = "greedy" };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private StreamParts Parts => fixture.Node.Services.GetRequiredService<StreamParts>();

    [Fact]
    public async Task What_stands_behind_a_stream_is_what_read_it_last_whatever_it_began_with()
    {
        var promoted = Parts.Grains.With<IModelReaderGrain, Reading>(async own => await own() with { Version = 2, RunId = "later", DataHash = "other", Synthetic = false, Node = "there" });
        var messages = await RunAsync(Parts with { Grains = promoted }, Letters, [.. StreamFixture.Crops("ہم")]);
        Assert.True(Assert.IsType<StreamReady>(messages[0]).Synthetic);
        Assert.Contains(messages.OfType<StreamNotice>(), n => n.Reason == "model-changed");
        var behind = Assert.IsType<StreamDone>(messages[^1]).Provenance;
        Assert.Equal((2, "later", "other", false, "there", "greedy"), (behind.Version, behind.RunId, behind.DataHash, behind.Synthetic, behind.Node, behind.Decoder));
        Assert.Equal(1, behind.DecodingSettings["temperature"]);
    }

    [Fact]
    public async Task What_has_to_be_known_of_the_versions_that_read_is_told()
    {
        var marked = new ServedModels(new MarkedRoutes(fixture.Node.Services.GetRequiredService<IModelRoutes>()), Parts.Grains, Parts.Time);
        var promoted = Parts.Grains.With<IModelReaderGrain, Reading>(async own => await own() with { Version = 2 });
        var messages = await RunAsync(Parts with { Grains = promoted, Models = marked }, Letters, [.. StreamFixture.Crops("ہم")]);
        Assert.IsType<StreamReady>(messages[0]);
        Assert.Equal(["letters version 1: someone left", "letters version 2: someone else left"], messages.OfType<StreamNotice>().Where(n => n.Reason == "model-marked").Select(n => n.Detail));
    }

    private sealed class MarkedRoutes(IModelRoutes own) : IModelRoutes
    {
        public IReadOnlyList<string> InProduction => own.InProduction;

        public ModelRoute? Find(string model) => own.Find(model)! with { Marks = new() { [1] = ["someone left"], [2] = ["someone else left"] } };
    }

    [Fact]
    public async Task Behind_a_stream_of_which_nothing_was_read_stands_the_model_that_would_have()
    {
        var done = Assert.IsType<StreamDone>((await RunAsync(Parts, Letters, []))[^1]);
        Assert.Equal(("", 0L), (done.Text, done.Windows));
        Assert.Equal(("letters", 1, fixture.LettersRun, fixture.DataHash, true, "", "test", 0, 0.0), (done.Provenance.Model, done.Provenance.Version, done.Provenance.RunId, done.Provenance.DataHash, done.Provenance.Synthetic, done.Provenance.Device, done.Provenance.Node, done.Provenance.Frames, done.Provenance.FramesTracked));
    }

    [Theory]
    [InlineData(0.1, 0.5, 1.0, 2.0)]
    [InlineData(1.5, 1.5, 1.5, 2.0)]
    [InlineData(3600.0, 5.0, 5.0, 5.0)]
    public async Task The_last_words_outlast_a_moment_of_overload_which_is_waited_for(double retryAfter, params double[] pauses)
    {
        var time = new PausedTime();
        var overloaded = Parts.Grains.With<IModelReaderGrain, Reading>(own => time.Pauses.Count < pauses.Length ? throw new OverloadedException("busy", TimeSpan.FromSeconds(retryAfter)) : own());
        using var socket = new ScriptedSocket();
        socket.Say(Letters);
        socket.Say(StreamFixture.Crops("ہم کب"));
        socket.End();
        var parts = Parts with { Grains = overloaded, Time = time, Limits = PausedTime.Limits };
        await using var session = new StreamSession(new StreamSocket(socket, parts.Limits, time), parts);
        var running = session.RunAsync(TestContext.Current.CancellationToken);
        await time.PassAsync(running);
        Assert.Equal("ہم کب", Assert.IsType<StreamDone>((await socket.Told.ReadAllAsync().ToListAsync())[^1]).Text);
        Assert.Equal(pauses, time.Pauses.Take(pauses.Length).Select(p => p.TotalSeconds));
    }

    [Fact]
    public async Task A_cluster_that_cannot_read_the_end_leaves_the_last_words_as_they_stood()
    {
        var (time, lost) = (new PausedTime(), false);
        var losing = Parts.Grains.With<IModelReaderGrain, Reading>(own => Volatile.Read(ref lost) ? throw new SiloUnavailableException("gone") : own());
        using var socket = new ScriptedSocket();
        var parts = Parts with { Grains = losing, Time = time, Limits = PausedTime.Limits };
        await using var session = new StreamSession(new StreamSocket(socket, parts.Limits, time), parts);
        var running = session.RunAsync(TestContext.Current.CancellationToken);
        socket.Say(Letters);
        socket.Say(StreamFixture.Crops("ہم"));
        // Too near to the end to be final by itself.
        while (await socket.Told.ReadAsync(TestContext.Current.CancellationToken) is not StreamPartial { Text: "ہم" })
        {
        }

        Volatile.Write(ref lost, true);
        socket.End();
        await time.PassAsync(running);
        var messages = await socket.Told.ReadAllAsync().ToListAsync();
        Assert.Equal("ہم", Assert.Single(messages.OfType<StreamFinal>()).Text);
        var error = Assert.IsType<StreamError>(messages[^1]);
        Assert.Equal("unavailable", error.Reason);
        Assert.Contains("Begin another stream", error.Detail);
    }

    [Fact]
    public async Task A_stream_that_begins_while_a_node_is_lost_is_told_to_begin_again()
    {
        var losing = Parts.Grains.With<IModelGrain, ModelRecord?>(_ => throw new SiloUnavailableException("gone"));
        var error = Assert.IsType<StreamError>(Assert.Single(await RunAsync(Parts with { Grains = losing }, Letters, [])));
        Assert.Equal("unavailable", error.Reason);
        Assert.Contains("Begin the stream again", error.Detail);
    }

    [Fact]
    public async Task A_stream_that_is_refused_once_its_model_is_known_ends_with_that_word_alone()
    {
        var error = Assert.IsType<StreamError>(Assert.Single(await RunAsync(Parts, Letters with { FramesPerSecond = 30 }, [])));
        Assert.Equal("bad-request", error.Reason);
        Assert.Contains("the model's own rate, 25", error.Detail);
    }

    private static async Task<List<StreamMessage>> RunAsync(StreamParts parts, StreamOptions options, IEnumerable<byte[]> crops)
    {
        using var socket = new ScriptedSocket();
        socket.Say(options);
        socket.Say(crops);
        socket.End();
        await using var session = new StreamSession(new StreamSocket(socket, parts.Limits, parts.Time), parts);
        await session.RunAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        return await socket.Told.ReadAllAsync().ToListAsync();
    }

    /// <summary>Time that passes in pauses only.</summary>
    private sealed class PausedTime : FakeTimeProvider
    {
        /// <summary>Pauses so far, and waits for a farewell.</summary>
        public ConcurrentQueue<TimeSpan> Pauses { get; } = new();

        /// <summary>Longer than any pause: what waits so long for the caller isn't one.</summary>
        public static StreamLimits Limits { get; } = new() { Greeting = TimeSpan.FromHours(1), Idle = TimeSpan.FromHours(1), Sending = TimeSpan.FromHours(1) };

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.Zero && dueTime < TimeSpan.FromMinutes(1)) Pauses.Enqueue(dueTime);
            return base.CreateTimer(callback, state, dueTime, period);
        }

        public async Task PassAsync(Task running)
        {
            while (await Task.WhenAny(running, Task.Delay(5)) != running)
                if (!Pauses.IsEmpty) Advance(TimeSpan.FromSeconds(0.1));
        }
    }
}
