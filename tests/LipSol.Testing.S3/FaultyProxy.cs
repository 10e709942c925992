using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LipSol.Testing.S3;

/// <summary>What a <see cref="FaultyProxy"/> does to a connection.</summary>
public enum Fault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It answers the first request with 503 SlowDown itself.</summary>
    SlowDown,

    /// <summary>It answers the first request with 500 InternalError itself.</summary>
    InternalError,

    /// <summary>It closes the connection at once.</summary>
    Refuse,

    /// <summary>It cuts the connection in the middle of what the store sends.</summary>
    CutAnswer,

    /// <summary>It flips a bit in the middle of what the store sends.</summary>
    CorruptAnswer,

    /// <summary>It cuts the connection in the middle of what the client sends.</summary>
    CutRequest,

    /// <summary>It flips a bit in the middle of what the client sends.</summary>
    CorruptRequest,
}

/// <summary>Stands between a client and a store and disturbs connections, each as the test says.</summary>
public sealed class FaultyProxy : IAsyncDisposable
{
    private const int Head = 2048;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly Func<int, Fault> _choose;
    private readonly int _after;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _accepting;
    private int _connections;

    /// <param name="target">The store's port.</param>
    /// <param name="choose">The fault of the n-th connection.</param>
    /// <param name="after">After how many bytes it happens, where it's in the middle of something.</param>
    public FaultyProxy(int target, Func<int, Fault> choose, int after = 100_000)
    {
        (_target, _choose, _after) = (target, choose, after);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Its address.</summary>
    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Connections so far.</summary>
    public int Connections => _connections;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_ended.Token);
                Fault fault = _choose(Interlocked.Increment(ref _connections));
                _ = Task.Run(() => ServeAsync(client, fault));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(TcpClient client, Fault fault)
    {
        try
        {
            using (client)
            {
                if (fault == Fault.Refuse) return;
                if (fault is Fault.SlowDown or Fault.InternalError)
                {
                    await AnswerAsync(client.GetStream(), fault);
                    return;
                }
                using var store = new TcpClient();
                await store.ConnectAsync(IPAddress.Loopback, _target, _ended.Token);
                await Task.WhenAny(
                    RelayAsync(client.GetStream(), store.GetStream(), fault is Fault.CutRequest, fault is Fault.CorruptRequest),
                    RelayAsync(store.GetStream(), client.GetStream(), fault is Fault.CutAnswer, fault is Fault.CorruptAnswer));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either side went away.
        }
    }

    // Reads the request's head at least, so that the answer is one to it; then goes on reading, or the client would see its own sending fail first.
    private async Task AnswerAsync(NetworkStream stream, Fault fault)
    {
        var buffer = new byte[1 << 16];
        _ = await stream.ReadAsync(buffer, _ended.Token);
        string code = fault == Fault.SlowDown ? "SlowDown" : "InternalError";
        string body = $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>Please wait.</Message></Error>";
        string head = $"HTTP/1.1 {(fault == Fault.SlowDown ? "503 Slow Down" : "500 Internal Server Error")}\r\nContent-Type: application/xml\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head + body), _ended.Token);
        stream.Socket.Shutdown(SocketShutdown.Send);
        while (await stream.ReadAsync(buffer, _ended.Token) > 0) { }
    }

    private async Task RelayAsync(NetworkStream from, NetworkStream to, bool cuts, bool corrupts)
    {
        var buffer = new byte[1 << 14];
        long passed = 0;
        for (int read; (read = await from.ReadAsync(buffer, _ended.Token)) > 0; passed += read)
        {
            bool now = passed <= _after && passed + read > _after && _after > Head;
            if (cuts && now) return;
            if (corrupts && now) buffer[_after - passed] ^= 1;
            await to.WriteAsync(buffer.AsMemory(0, read), _ended.Token);
        }
    }
}
