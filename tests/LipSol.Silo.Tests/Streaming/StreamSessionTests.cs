using LipSol.Client;
using LipSol.Contracts.Serving;
using LipSol.Silo.Streaming;
using Microsoft.Extensions.DependencyInjection;

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
        var promoted = Parts.Grains.With<IModelReaderGrain, Reading>(async own => await own() with { Version = 2, RunId = "later", DataHash = "other", Synthetic = true, Node = "there" });
        var messages = await RunAsync(Parts with { Grains = promoted }, Letters, [.. StreamFixture.Crops("ہم")]);
        Assert.False(Assert.IsType<StreamReady>(messages[0]).Synthetic);
        Assert.Contains(messages.OfType<StreamNotice>(), n => n.Reason == "model-changed");
        var behind = Assert.IsType<StreamDone>(messages[^1]).Provenance;
        Assert.Equal((2, "later", "other", true, "there", "greedy"), (behind.Version, behind.RunId, behind.DataHash, behind.Synthetic, behind.Node, behind.Decoder));
        Assert.Equal(1, behind.DecodingSettings["temperature"]);
    }

    [Fact]
    public async Task Behind_a_stream_of_which_nothing_was_read_stands_the_model_that_would_have()
    {
        var done = Assert.IsType<StreamDone>((await RunAsync(Parts, Letters, []))[^1]);
        Assert.Equal(("", 0L), (done.Text, done.Windows));
        Assert.Equal(("letters", 1, fixture.LettersRun, fixture.DataHash, false, "", "test", 0, 0.0), (done.Provenance.Model, done.Provenance.Version, done.Provenance.RunId, done.Provenance.DataHash, done.Provenance.Synthetic, done.Provenance.Device, done.Provenance.Node, done.Provenance.Frames, done.Provenance.FramesTracked));
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
}
