using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Http;
using LipSol.Silo.Tests.Nodes;
using LipSol.Testing.Cluster.Processes;

namespace LipSol.Silo.Tests.Transcriptions;

/// <summary>Clients that say nothing, say it a byte at a time, or don't listen: they are let go, and others are served meanwhile.</summary>
public sealed class SlowClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly byte[] Mouth = MouthClipFile.ToBytes(BrightnessModel.Clip(250));

    private static ClientPatience Impatient => new() { Grace = TimeSpan.FromSeconds(5), Headers = TimeSpan.FromSeconds(8), AnswerBytesPerSecond = 8 << 20 };

    [Fact]
    public async Task A_client_that_sends_a_byte_a_second_is_told_so_and_let_go()
    {
        await using var node = await ServingTestNode.StartAsync(o => o with { Clients = Impatient });
        using var body = await ConnectAsync(node);
        using var headers = await ConnectAsync(node);
        await SendAsync(body, $"POST /api/v1/transcriptions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.Token}\r\nContent-Type: video/mp4\r\nContent-Length: 100000\r\n\r\n");
        using var ended = new CancellationTokenSource();
        var dripping = DripAsync(body, "x", ended.Token);
        var drippingHeaders = DripAsync(headers, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: yes\r\nX-Longer: yes, and on and on\r\n", ended.Token);
        // Others are served while it drips.
        Assert.Equal("نہیں", (await ReadAsync(node)).Text);
        var answer = await AnswerAsync(body);
        Assert.StartsWith("HTTP/1.1 408", answer);
        Assert.Contains("too-slow", answer);
        Assert.StartsWith("HTTP/1.1 408", await AnswerAsync(headers));
        await ended.CancelAsync();
        await Task.WhenAll(dripping, drippingHeaders);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(node.DataFolder, "uploads")));
    }

    [Fact]
    public async Task An_upload_that_takes_too_long_is_ended_however_steadily_it_comes()
    {
        await using var node = await ServingTestNode.StartAsync(o => o with { Uploads = o.Uploads with { ReceiveWithin = TimeSpan.FromSeconds(1) } });
        using var client = await ConnectAsync(node);
        await SendAsync(client, $"POST /api/v1/transcriptions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.Token}\r\nContent-Type: video/mp4\r\nContent-Length: 100000\r\n\r\nsome of it");
        var answer = await AnswerAsync(client);
        Assert.StartsWith("HTTP/1.1 408", answer);
        Assert.Contains("didn't arrive within 1 s", answer);
    }

    [Fact]
    public async Task A_client_that_asks_for_much_and_reads_nothing_is_let_go()
    {
        await using var node = await TestNode.StartAsync(o => o with { Clients = Impatient });
        var hash = node.Artifacts.PutBytes(new byte[64 << 20]);
        var file = Path.GetFileName(node.Artifacts.PathOf(hash));
        using var client = await ConnectAsync(node, receiveBuffer: 4096);
        await SendAsync(client, $"GET /api/v1/artifacts/{hash} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.Token}\r\n\r\n");
        var here = LinuxProcess.Find(Environment.ProcessId);
        await Eventually.TrueAsync("begin of the answer", Patience, () => here.HasOpen(file));
        await Eventually.TrueAsync("end of the answer", Patience, () => !here.HasOpen(file));
    }

    [Fact]
    public async Task A_follower_of_a_run_who_does_not_listen_is_let_go()
    {
        await using var node = await TestNode.StartAsync(o => o with { Clients = Impatient });
        node.AddCorpus();
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        var worker = await node.Workers.NextAsync();
        // More than the buffers between the two hold.
        for (var batch = 0; batch < 200; batch++) await worker.ReportAsync([.. Enumerable.Range(batch * 1000, 1000).Select(step => ("loss", (long)step, step / 3.0))]);
        using var deaf = await ConnectAsync(node, receiveBuffer: 4096);
        await SendAsync(deaf, $"GET /api/v1/runs/{run.Id}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.Token}\r\n\r\n");
        await Eventually.TrueAsync("begin of the answer", Patience, () => deaf.Available > 0);
        await LetGoAsync(deaf);
        await worker.CompleteAsync();
        await foreach (var _ in node.Client.Runs.FollowAsync(run.Id, cancellationToken: TestContext.Current.CancellationToken))
        {
        }
    }

    [Fact]
    public async Task A_stream_whose_caller_makes_the_node_answer_and_listens_to_nothing_is_ended()
    {
        await using var node = await ServingTestNode.StartAsync(o => o with { Streams = o.Streams with { Idle = TimeSpan.FromSeconds(3), Sending = TimeSpan.FromSeconds(2), Sessions = 1 } });
        using var deaf = await ConnectAsync(node, receiveBuffer: 4096);
        await SendAsync(deaf, $"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.Token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Convert.ToBase64String(new byte[16])}\r\n\r\n");
        await deaf.SendAsync(Frame(0x1, """{"input":"crops","framesPerSecond":25}"""u8));
        var (said, buffer) = ("", new byte[4096]);
        while (!said.Contains("\"ready\"", StringComparison.Ordinal)) said += Encoding.UTF8.GetString(buffer, 0, await deaf.ReceiveAsync(buffer, TestContext.Current.CancellationToken));
        // Each ping wants a pong (RFC 6455, 5.5.2): soon the answers fill every buffer.
        var pings = Enumerable.Repeat(Frame(0x9, new byte[125]), 1000).SelectMany(f => f).ToArray();
        using var ended = new CancellationTokenSource();
        var pinging = PingAsync();
        await LetGoAsync(deaf);
        await ended.CancelAsync();
        await pinging;
        // Its place is free for the next one, a moment after its connection has ended.
        using var next = await Eventually.FindAsync("place for another stream", Patience, ConnectedAsync);

        async Task<ClientWebSocket?> ConnectedAsync()
        {
            var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", $"Bearer {node.Token}");
            try
            {
                await socket.ConnectAsync(new Uri(node.Url.Replace("http", "ws") + "/api/v1/stream"), TestContext.Current.CancellationToken);
                return socket;
            }
            catch (WebSocketException)
            {
                socket.Dispose();
                return null;
            }
        }

        async Task PingAsync()
        {
            try
            {
                while (true) await deaf.SendAsync(pings, ended.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // It was let go.
            }
        }
    }

    [Fact]
    public async Task A_client_that_goes_away_while_its_clip_is_cropped_ends_the_work()
    {
        await using var node = await ServingTestNode.StartAsync();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Cropper.Crop = async (_, cancelled) =>
        {
            begun.TrySetResult();
            await using var told = cancelled.Register(() => ended.TrySetResult());
            await Task.Delay(Timeout.Infinite, cancelled);
            throw new InvalidOperationException();
        };
        var client = await ConnectAsync(node);
        await SendAsync(client, $"POST /api/v1/transcriptions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.Token}\r\nContent-Type: video/mp4\r\nContent-Length: 1\r\n\r\nx");
        await begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        client.Dispose();
        await ended.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync("end of its upload", Patience, () => !Directory.EnumerateFileSystemEntries(Path.Combine(node.DataFolder, "uploads")).Any());
    }

    [Fact]
    public async Task A_thousand_connections_that_say_nothing_keep_nobody_from_being_served()
    {
        await using var node = await ServingTestNode.StartAsync(o => o with { Clients = Impatient });
        var silent = new List<Socket>();
        try
        {
            for (var i = 0; i < 1000; i++) silent.Add(await ConnectAsync(node));
            // Half of them begin a request and leave it at that.
            foreach (var socket in silent.Take(500)) await SendAsync(socket, "POST /api/v1/transcr");
            for (var i = 0; i < 5; i++) Assert.Equal("نہیں", (await ReadAsync(node).WaitAsync(Patience)).Text);
            // Those that began are let go when their headers don't come.
            Assert.StartsWith("HTTP/1.1 408", await AnswerAsync(silent[0]));
        }
        finally
        {
            foreach (var socket in silent) socket.Dispose();
        }
        Assert.True(new ClientPatience().Connections > 1000);
    }

    // With a new connection each time.
    private static async Task<Transcription> ReadAsync(TestNode node)
    {
        using var client = new LipSolClient(new Uri(node.Url), node.Token);
        return await client.Transcriptions.TranscribeAsync(new MemoryStream(Mouth), "x.npz");
    }

    private static async Task<Socket> ConnectAsync(TestNode node, int receiveBuffer = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer > 0) socket.ReceiveBufferSize = receiveBuffer;
        await socket.ConnectAsync("127.0.0.1", new Uri(node.Url).Port);
        return socket;
    }

    // The node has no connection to it any more.
    private static Task LetGoAsync(Socket client)
    {
        var own = (IPEndPoint)client.LocalEndPoint!;
        return Eventually.TrueAsync("end of the connection", Patience, () =>
            !IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections().Any(c => c.RemoteEndPoint.Port == own.Port && c.State == TcpState.Established));
    }

    // Of a client: masked (with zeros), with less than 126 bytes; RFC 6455, 5.2.
    private static byte[] Frame(byte kind, ReadOnlySpan<byte> content) => [(byte)(0x80 | kind), (byte)(0x80 | content.Length), 0, 0, 0, 0, .. content];

    private static async Task SendAsync(Socket socket, string text) => await socket.SendAsync(Encoding.ASCII.GetBytes(text));

    private static async Task DripAsync(Socket socket, string text, CancellationToken ended)
    {
        try
        {
            for (var i = 0; !ended.IsCancellationRequested; i++)
            {
                await SendAsync(socket, text[i % text.Length].ToString());
                await Task.Delay(TimeSpan.FromSeconds(1), ended);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It was let go.
        }
    }

    /// <summary>All that comes until the server closes.</summary>
    private static async Task<string> AnswerAsync(Socket socket)
    {
        var (answer, buffer) = (new StringBuilder(), new byte[4096]);
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            while (await socket.ReceiveAsync(buffer, deadline.Token) is > 0 and var read) answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (SocketException)
        {
            // Reset behind the answer, since the client still sends.
        }
        return answer.ToString();
    }
}
