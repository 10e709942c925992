using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using LipSol.Client;

namespace LipSol.Silo.Streaming;

/// <summary>A caller's connection, within limits: a message that's too large, a caller who sends none, one who takes none.</summary>
internal sealed class StreamSocket(WebSocket socket, StreamLimits limits, TimeProvider time) : IDisposable
{
    // The reason that goes with a close frame has at most 123 bytes; RFC 6455, 5.5.
    private const WebSocketCloseStatus TryAgainLater = (WebSocketCloseStatus)1013;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);
    private readonly Channel<StreamMessage> outgoing = Channel.CreateBounded<StreamMessage>(new BoundedChannelOptions(limits.Outgoing) { SingleReader = true });
    private readonly CancellationTokenSource gone = new();
    private readonly byte[] buffer = new byte[1 << 16];
    private Task<Incoming?>? receiving;
    private volatile bool closing;

    /// <summary>The next whole message; null where the caller has closed the connection, or it broke.</summary>
    /// <exception cref="StreamEnding">Too large.</exception>
    /// <exception cref="TimeoutException">None came within that time. It may come to the next call.</exception>
    public async Task<Incoming?> ReceiveAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        receiving ??= ReceiveAsync();
        try
        {
            return await receiving.WaitAsync(patience, time, cancellationToken);
        }
        finally
        {
            if (receiving.IsCompleted) receiving = null;
        }
    }

    /// <summary>Puts a message in the queue.</summary>
    /// <returns>False where the caller takes none: the connection is given up.</returns>
    public bool Send(StreamMessage message)
    {
        if (outgoing.Writer.TryWrite(message)) return true;
        if (!closing) gone.Cancel();
        return false;
    }

    /// <summary>Sends what is put in the queue until <see cref="CloseAsync"/>; returns at once where the caller is gone or takes nothing.</summary>
    public async Task SendQueuedAsync()
    {
        try
        {
            await foreach (var message in outgoing.Reader.ReadAllAsync(gone.Token))
                await WithinAsync(limits.Sending, token => socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message, LipSolJson.Options), WebSocketMessageType.Text, true, token));
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            await gone.CancelAsync();
        }
    }

    /// <summary>Says farewell once everything is sent, and waits a moment for the caller to say so too.</summary>
    /// <param name="reason">The kind of error; null where all went well.</param>
    /// <param name="sending">What sends the queue.</param>
    public async Task CloseAsync(string? reason, Task sending)
    {
        closing = true;
        outgoing.Writer.TryComplete();
        await sending;
        if (gone.IsCancellationRequested) return;
        try
        {
            await WithinAsync(Farewell, token => socket.CloseOutputAsync(Status(reason), reason, token));
            await WithinAsync(Farewell, DrainAsync);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or StreamEnding)
        {
            // It needn't be polite.
        }
    }

    public void Dispose()
    {
        gone.Cancel();
        socket.Abort();
        socket.Dispose();
        gone.Dispose();
    }

    private static WebSocketCloseStatus Status(string? reason) => reason switch
    {
        null => WebSocketCloseStatus.NormalClosure,
        "too-large" => WebSocketCloseStatus.MessageTooBig,
        "stopping" => WebSocketCloseStatus.EndpointUnavailable,
        "overloaded" or "unavailable" or "no-cropper" => TryAgainLater,
        "internal" => WebSocketCloseStatus.InternalServerError,
        _ => WebSocketCloseStatus.PolicyViolation,
    };

    // Up to the other side's own farewell: closed with something unread, the connection would be reset, and the last words lost.
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (receiving is not null && await receiving.WaitAsync(cancellationToken) is null) return;
        while ((await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken)).MessageType != WebSocketMessageType.Close)
        {
        }
    }

    private async Task<Incoming?> ReceiveAsync()
    {
        var message = new MemoryStream();
        while (true)
        {
            ValueWebSocketReceiveResult part;
            try
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(), gone.Token);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
            {
                return null;
            }

            if (part.MessageType == WebSocketMessageType.Close) return null;
            if (message.Length + part.Count > limits.MessageBytes)
                throw new StreamEnding("too-large", $"A message is larger than the {limits.MessageBytes >> 10} kB that are taken. Send smaller pictures: 640×480 is plenty.");
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage) return new Incoming(part.MessageType == WebSocketMessageType.Text, message.ToArray());
        }
    }

    private async Task WithinAsync(TimeSpan patience, Func<CancellationToken, Task> send)
    {
        using var deadline = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, gone.Token);
        await send(either.Token);
    }
}

/// <summary>A message of the caller.</summary>
internal sealed record Incoming(bool IsText, byte[] Content);
