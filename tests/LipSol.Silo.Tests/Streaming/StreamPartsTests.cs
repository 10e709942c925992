using System.Net.WebSockets;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Contracts.Serving;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Streaming;
using Microsoft.Extensions.Time.Testing;

namespace LipSol.Silo.Tests.Streaming;

public sealed class StreamPartsTests
{
    [Theory]
    [InlineData(10, 10)]
    [InlineData(25, 25)]
    [InlineData(30, 30)]
    [InlineData(60, 30)]
    [InlineData(120, 30)]
    [InlineData(240, 34)]
    public void Of_fast_cameras_some_frames_are_left_out_and_never_so_many_that_the_model_lacks_them(double framesPerSecond, int taken)
    {
        var clock = new StreamClock(framesPerSecond, 25);
        var times = Enumerable.Range(0, (int)framesPerSecond).Select(_ => clock.Next()).OfType<double>().ToArray();
        Assert.Equal(taken, times.Length, 2.0);
        Assert.Equal(0, times[0]);
        Assert.Equal((long)framesPerSecond, clock.Frames);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-1)]
    [InlineData(1e9)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(0.5)]
    public void Times_that_make_no_sense_end_the_stream(double stamp)
    {
        var clock = new StreamClock(25, 25);
        Assert.Equal(0.5, clock.Next(0.5));
        Assert.Equal("bad-time", Assert.Throws<StreamEnding>(() => clock.Next(stamp)).Reason);
    }

    [Fact]
    public void A_window_keeps_the_newest_crops_and_lets_go_of_all_before_a_hole()
    {
        var window = new CropWindow(new CropSettings { Size = 2 }, longest: 5);
        for (var t = 0; t < 8; t++) window.Add(t, [(byte)t, 0, 0, 0], new FrameQuality(FrameSource.Tracked, 1));
        var (clip, first) = window.From(0)!.Value;
        Assert.Equal((3, 5, 3, 8), (first, clip.Length, clip.Frame(0)[0], window.Next));
        Assert.Equal((6, 2), (window.From(6)!.Value.First, window.From(6)!.Value.Clip.Length));
        Assert.Null(window.From(8));
        window.Add(20, [20, 0, 0, 0], default);
        Assert.Equal((20, 1, 1), (window.From(0)!.Value.First, window.From(0)!.Value.Clip.Length, window.Holes));
        Assert.Equal((9L, 8L), (window.Count, window.Tracked));
    }

    [Fact]
    public void A_few_crops_that_lack_are_made_up_for_by_the_one_before()
    {
        var window = new CropWindow(new CropSettings { Size = 2 }, longest: 10);
        foreach (var t in new[] { 5, 6, 10, 12 }) window.Add(t, [(byte)t, 0, 0, 0], new FrameQuality(FrameSource.Tracked, 1));
        var (clip, first) = window.From(0)!.Value;
        Assert.Equal((5, 13, 0), (first, window.Next, window.Holes));
        Assert.Equal([5, 6, 6, 6, 6, 10, 10, 12], Enumerable.Range(0, clip.Length).Select(t => clip.Frame(t)[0]));
        Assert.Equal([2, 3, 4, 6], Enumerable.Range(0, clip.Length).Where(t => clip.Quality[t].Source == FrameSource.Interpolated));
        Assert.Equal((8L, 4L), (window.Count, window.Tracked));
        window.Add(17, [17, 0, 0, 0], new FrameQuality(FrameSource.Tracked, 1));
        Assert.Equal((17, 1), (window.From(0)!.Value.First, window.Holes));
    }

    [Fact]
    public void A_face_that_goes_and_comes_is_told_once_each()
    {
        var face = new FaceWatch();
        Assert.Null(face.See(1, 0));
        Assert.Null(face.See(0, 0.4));
        Assert.Equal((true, 0.6), face.See(0, 0.6));
        Assert.Null(face.See(0, 5));
        Assert.Equal((false, 5.1), face.See(2, 5.1));
        Assert.Null(face.See(2, 5.2));
    }

    [Fact]
    public async Task Words_are_read_once_the_lips_are_back_at_rest_each_once()
    {
        var captions = new WordCaptions(longest: 75, shortest: 3, longestWord: 50);
        var window = new CropWindow(BrightnessModel.Crop, 75);
        var asked = new List<(double Start, double End)>();
        var told = new List<(TranscribedWord Word, double Time)>();
        // Two words with rest around them.
        for (var t = 0; t < 80; t++)
        {
            var speaks = t is >= 12 and < 24 or >= 48 and < 58;
            window.Add(t, Mouth(speaks && t % 4 > 0), new FrameQuality(FrameSource.Tracked, 1));
            if (t % ICaptions.Hop == 0 && await captions.ReadAsync(window, ReadAsync, last: false) is var (change, time)) told.AddRange(change.Finals.Select(w => (w, time)));
        }

        Assert.Equal(2, told.Count);
        foreach (var (said, end) in told.Zip([24.0, 58.0]))
        {
            Assert.InRange(said.Word.End, (end - 2) / 25, (end + 2) / 25);
            Assert.InRange(said.Time - said.Word.End, 0.2, 0.5);
        }

        Task<Reading> ReadAsync(MouthClip clip, double? start, double? end)
        {
            asked.Add((start!.Value, end!.Value));
            return Task.FromResult(Said("ہم", start.Value, end.Value));
        }
    }

    [Fact]
    public async Task In_a_pause_the_window_of_sentences_begins_anew()
    {
        var captions = new SentenceCaptions(longest: 95, shortest: 8, new StabilityRule { Pause = 1.2, Kept = 0.8 });
        var window = new CropWindow(BrightnessModel.Crop, 95);
        var lengths = new List<int>();
        for (var t = 0; t < 120; t++)
        {
            window.Add(t, Mouth(false), new FrameQuality(FrameSource.Tracked, 1));
            await captions.ReadAsync(window, (clip, _, _) => { lengths.Add(clip.Length); return Task.FromResult(Said()); }, last: false);
        }

        Assert.InRange(lengths.Max(), 25, 35);
        Assert.InRange(lengths.Skip(40).Min(), 20, 22);
    }

    [Fact]
    public async Task A_caller_who_takes_nothing_is_given_up_and_nothing_piles_up()
    {
        var time = new FakeTimeProvider();
        var limits = new StreamLimits { Outgoing = 4 };
        using var stuck = new StuckSocket();
        using var socket = new StreamSocket(stuck, limits, time);
        var sending = socket.SendQueuedAsync();
        var taken = 0;
        while (socket.Send(new StreamNotice("test", "x", 0))) Assert.True(++taken < 10);
        await sending.WaitAsync(TimeSpan.FromSeconds(60));
        await socket.CloseAsync("idle", sending).WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_message_that_is_not_taken_in_time_ends_the_sending()
    {
        var time = new FakeTimeProvider();
        var limits = new StreamLimits();
        using var stuck = new StuckSocket();
        using var socket = new StreamSocket(stuck, limits, time);
        var sending = socket.SendQueuedAsync();
        socket.Send(new StreamNotice("test", "x", 0));
        await stuck.Asked.Task.WaitAsync(TimeSpan.FromSeconds(60));
        time.Advance(limits.Sending + TimeSpan.FromSeconds(1));
        await sending.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static byte[] Mouth(bool open)
    {
        var size = BrightnessModel.Crop.Size;
        var pixels = Enumerable.Repeat((byte)120, size * size).ToArray();
        if (open)
            for (var y = size / 3; y < size * 2 / 3; y++) Array.Fill(pixels, (byte)10, y * size + size / 4, size / 2);
        return pixels;
    }

    private static Reading Said(string? word = null, double start = 0, double end = 0) => new()
    {
        Text = word ?? "",
        Confidence = 1,
        Words = word is null ? [] : [new ReadWord(word, start, end, 1)],
        Alternatives = [],
        Model = "m",
        Version = 1,
        RunId = "r",
        DataHash = "d",
        Device = "cpu",
    };

    /// <summary>A connection whose other side has stopped reading.</summary>
    private sealed class StuckSocket : WebSocket
    {
        public TaskCompletionSource Asked { get; } = new();

        public override WebSocketCloseStatus? CloseStatus => null;
        public override string? CloseStatusDescription => null;
        public override WebSocketState State => WebSocketState.Open;
        public override string? SubProtocol => null;

        public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
        {
            Asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }

        public override void Abort()
        {
        }

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

        public override void Dispose()
        {
        }
    }
}
