namespace LipSol.WorkerProtocol.Tests.Wire;

public sealed class MessageConnectionTests
{
    public static TheoryData<WorkerMessage> Messages => new()
    {
        new Hello(1, Channel.Control, 42),
        new Welcome(1, new TrainingJob { RunId = "r", Epoch = 3, ArtifactRoot = "/a", WorkFolder = "/w", DataHash = "d", Network = "word-tcn", Parameters = new Dictionary<string, string> { ["epochs"] = "3" }, Seed = long.MaxValue, Threads = 2, CodeVersion = "1" }),
        new Welcome(1, new TrainingJob
        {
            RunId = "r", Epoch = 3, ArtifactRoot = "/a", WorkFolder = "/w", DataHash = "d", Network = "char-tcn", Parameters = new Dictionary<string, string>(), Seed = 1, Threads = 2, CodeVersion = "1",
            InitFrom = new InitialWeights
            {
                Kind = "version", Id = "لب@3", Weights = "w", Map = "m", Unknown = ["?"], SpeakersSeen = ["ثنا"],
                Pretraining = [new Pretraining("p", "grid", "h", new Dictionary<string, string> { ["train_clips"] = "50" })],
            },
        }),
        new Welcome(1, new UploadJob()),
        new NotWelcome("no"),
        new Acknowledge(long.MaxValue),
        new Heartbeat(7, 0.5, "training", DateTimeOffset.UnixEpoch),
        new StopRequest("enough"),
        new UploadRequest("/tmp/ایک کلپ.mp4", "/tmp/o.npz"),
        new CheckpointWritten("hash", 5, 0.25, DateTimeOffset.UnixEpoch) { Number = 9 },
        new ArtifactKept("init-report.json", "hash") { Number = 10 },
        new ClipCropped(new CroppedClip { Path = "p", Refused = "no face", RefusedReason = "NoFace" }),
        new JobFailed("why", true),
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task What_is_sent_is_received(WorkerMessage sent)
    {
        var buffer = new MemoryStream();
        await new MessageConnection(buffer).SendAsync(sent, TestContext.Current.CancellationToken);
        buffer.Position = 0;
        var received = await new MessageConnection(buffer).ReceiveAsync(TestContext.Current.CancellationToken);
        Assert.Equivalent(sent, received, strict: true);
        Assert.Equal(sent.GetType(), received!.GetType());
    }

    [Fact]
    public void Values_that_JSON_has_no_number_for_arrive()
    {
        var buffer = new MemoryStream();
        new MessageConnection(buffer).Send(new MetricBatch(1, [new("loss", 1, double.NaN, default), new("loss", 2, double.PositiveInfinity, default)]));
        buffer.Position = 0;
        var points = Assert.IsType<MetricBatch>(new MessageConnection(buffer).Receive()).Points;
        Assert.Equal([double.NaN, double.PositiveInfinity], points.Select(p => p.Value));
    }

    [Fact]
    public void A_connection_that_ends_between_two_frames_has_no_more_messages() => Assert.Null(new MessageConnection(new MemoryStream()).Receive());

    [Theory]
    [InlineData(new byte[] { 1, 0 })]
    [InlineData(new byte[] { 9, 0, 0, 0, 1, 2 })]
    public void A_frame_that_is_cut_off_is_an_end_of_stream(byte[] bytes) =>
        Assert.Throws<EndOfStreamException>(() => new MessageConnection(new MemoryStream(bytes)).Receive());

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    [InlineData(new byte[] { 255, 255, 255, 255 })]
    [InlineData(new byte[] { 0, 0, 0, 1 })]
    [InlineData(new byte[] { 2, 0, 0, 0, (byte)'{', (byte)'}' })]
    [InlineData(new byte[] { 3, 0, 0, 0, 0xFF, 0xFE, 0xFD })]
    [InlineData(new byte[] { 4, 0, 0, 0, (byte)'n', (byte)'u', (byte)'l', (byte)'l' })]
    public void A_frame_that_is_no_message_breaks_the_protocol_and_nothing_else(byte[] bytes) =>
        Assert.Throws<ProtocolException>(() => new MessageConnection(new MemoryStream(bytes)).Receive());

    [Fact]
    public void Random_bytes_never_do_worse_than_break_the_protocol()
    {
        var random = new Random(5);
        for (var i = 0; i < 5000; i++)
        {
            var bytes = new byte[random.Next(1, 64)];
            random.NextBytes(bytes);
            if (bytes.Length > 4 && random.Next(2) == 0) (bytes[0], bytes[1], bytes[2], bytes[3]) = ((byte)(bytes.Length - 4), 0, 0, 0);
            Assert.True(Record.Exception(() => new MessageConnection(new MemoryStream(bytes)).Receive()) is ProtocolException or EndOfStreamException);
        }
    }

    [Fact]
    public void A_message_larger_than_a_frame_is_refused_before_it_is_sent()
    {
        var buffer = new MemoryStream();
        Assert.Throws<ProtocolException>(() => new MessageConnection(buffer).Send(new JobFailed(new string('x', Protocol.LargestFrame), false)));
        Assert.Equal(0, buffer.Length);
    }
}
