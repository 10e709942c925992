using System.Buffers.Binary;
using System.Net;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text.Json;

namespace LipSol.Client;

/// <summary>Live captions: frames in as they come, words out.</summary>
/// <example>
/// <code>
/// await foreach (var message in client.Streams.ReadAsync(camera.FramesAsync()))
///     if (message is StreamFinal final) Console.Write(final.Text + " ");
/// </code>
/// </example>
public sealed class StreamsClient
{
    private const string Address = "api/v1/stream";
    private const int LargestMessage = 1 << 20;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private readonly NodeConnection connection;

    internal StreamsClient(NodeConnection connection) => this.connection = connection;

    /// <summary>Sends frames as they come and returns what the node says of them, the last message a <see cref="StreamDone"/>.</summary>
    /// <param name="frames">JPEG or PNG pictures of a face, or mouth crops. When they end the stream does. Their pace is theirs: what comes faster than the node can crop is dropped there, and it says so.</param>
    /// <param name="options">How to read them; null for the usual.</param>
    /// <param name="cancellationToken">Ends the stream at once.</param>
    /// <exception cref="LipSolException">The stream can't begin, or ended before its end; the message says why.</exception>
    public IAsyncEnumerable<StreamMessage> ReadAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> frames, StreamOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frames);
        return options is { Timestamps: true } ? throw new ArgumentException("Frames without times can't be sent with timestamps: give TimedFrames.", nameof(options)) : ReadAsync(frames, options ?? new(), static f => f, cancellationToken);
    }

    /// <summary>As <see cref="ReadAsync(IAsyncEnumerable{ReadOnlyMemory{byte}}, StreamOptions?, CancellationToken)"/>, each frame with its own time.</summary>
    /// <inheritdoc cref="ReadAsync(IAsyncEnumerable{ReadOnlyMemory{byte}}, StreamOptions?, CancellationToken)" path="/param"/>
    /// <inheritdoc cref="ReadAsync(IAsyncEnumerable{ReadOnlyMemory{byte}}, StreamOptions?, CancellationToken)" path="/exception"/>
    public IAsyncEnumerable<StreamMessage> ReadAsync(IAsyncEnumerable<TimedFrame> frames, StreamOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frames);
        return ReadAsync(frames, (options ?? new()) with { Timestamps = true }, Stamped, cancellationToken);
    }

    private async IAsyncEnumerable<StreamMessage> ReadAsync<T>(IAsyncEnumerable<T> frames, StreamOptions options, Func<T, ReadOnlyMemory<byte>> bytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var socket = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await GuardAsync(socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(options, LipSolJson.Options), WebSocketMessageType.Text, true, cancellationToken)).ConfigureAwait(false);
        var sending = Task.CompletedTask;
        var failed = new StrongBox<ExceptionDispatchInfo?>();
        try
        {
            while (await ReceiveAsync(socket, failed, cancellationToken).ConfigureAwait(false) is { } message)
            {
                if (message is StreamError error) throw new LipSolException(error.Detail, reason: error.Reason);
                if (message is StreamReady) sending = SendAsync(socket, frames, bytes, failed, over.Token);
                yield return message;
                if (message is StreamDone) yield break;
            }

            throw new LipSolUnreachableException($"{connection.Url} closed the stream before its end. Begin another one.");
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(false);
            await CloseAsync(socket).ConfigureAwait(false);
        }
    }

    private static ReadOnlyMemory<byte> Stamped(TimedFrame frame)
    {
        var message = new byte[sizeof(double) + frame.Picture.Length];
        BinaryPrimitives.WriteDoubleLittleEndian(message, frame.Seconds);
        frame.Picture.CopyTo(message.AsMemory(sizeof(double)));
        return message;
    }

    private static async Task SendAsync<T>(ClientWebSocket socket, IAsyncEnumerable<T> frames, Func<T, ReadOnlyMemory<byte>> bytes, StrongBox<ExceptionDispatchInfo?> failed, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var frame in frames.WithCancellation(cancellationToken).ConfigureAwait(false))
                await socket.SendAsync(bytes(frame), WebSocketMessageType.Binary, true, cancellationToken).ConfigureAwait(false);
            await socket.SendAsync("{\"type\":\"end\"}"u8.ToArray(), WebSocketMessageType.Text, true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException || cancellationToken.IsCancellationRequested)
        {
            // The node has gone, or said why it's over: that is read on the other side.
        }
        catch (Exception e)
        {
            // What the frames' source threw is told to whoever waits for words: without frames none would come.
            failed.Value = ExceptionDispatchInfo.Capture(e);
            socket.Abort();
        }
    }

    private async Task<ClientWebSocket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            if (connection.Token is { } token) socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
            socket.Options.CollectHttpResponseDetails = true;
            var address = new UriBuilder(new Uri(connection.Url, Address)) { Scheme = connection.Url.Scheme == "https" ? "wss" : "ws" }.Uri;
            await socket.ConnectAsync(address, connection.Invoker, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch (WebSocketException e)
        {
            using (socket)
                throw socket.HttpStatusCode switch
                {
                    HttpStatusCode.Unauthorized => new LipSolUnauthorizedException($"{connection.Url} takes no stream without its token, or the token is wrong. Programs take it from LIPSOL_TOKEN."),
                    HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => new LipSolOverloadedException($"{connection.Url} has as many streams as it can read, or as one token may have there, or starts or stops. Try again in a little while.", socket.HttpStatusCode, null),
                    HttpStatusCode.NotFound => new LipSolNotFoundException($"{connection.Url} reads no streams: it's an older LipSol."),
                    0 => connection.Unanswered(e),
                    var status => new LipSolException($"{connection.Url} refused the stream ({(int)status}).", status, inner: e),
                };
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<StreamMessage?> ReceiveAsync(ClientWebSocket socket, StrongBox<ExceptionDispatchInfo?> failed, CancellationToken cancellationToken)
    {
        var message = new MemoryStream();
        var buffer = new byte[1 << 14];
        while (true)
        {
            var part = await GuardAsync(NextAsync(), failed).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close) return null;
            message.Write(buffer, 0, part.Count);
            if (message.Length > LargestMessage) throw new LipSolException($"{connection.Url} sent a message of more than {LargestMessage} bytes. Is it a LipSol node?");
            if (part.EndOfMessage) break;
        }

        try
        {
            return JsonSerializer.Deserialize<StreamMessage>(message.GetBuffer().AsSpan(0, (int)message.Length), LipSolJson.Options);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new LipSolException($"{connection.Url} sent something that isn't a LipSol message ({e.Message}). Is it a LipSol node, and of the same version as this client?", inner: e);
        }

        // A socket that was aborted throws at the call: it's the task that has to fail.
        async Task<ValueWebSocketReceiveResult> NextAsync() => await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> GuardAsync<T>(Task<T> call, StrongBox<ExceptionDispatchInfo?> failed)
    {
        await ((Task)call).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!call.IsCompletedSuccessfully) failed.Value?.Throw();
        await GuardAsync(call).ConfigureAwait(false);
        return await call.ConfigureAwait(false);
    }

    private async Task GuardAsync(Task call)
    {
        try
        {
            await call.ConfigureAwait(false);
        }
        catch (WebSocketException e)
        {
            throw new LipSolUnreachableException($"The stream to {connection.Url} broke off ({e.Message}). Begin another one.", e);
        }
    }

    private static async Task CloseAsync(ClientWebSocket socket)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived)) return;
        using var deadline = new CancellationTokenSource(Grace);
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // It's gone anyway.
        }
    }
}

/// <summary>A frame with its own time.</summary>
/// <param name="Seconds">Its time; increasing, at most a million.</param>
/// <param name="Picture">JPEG or PNG, or a mouth crop.</param>
public readonly record struct TimedFrame(double Seconds, ReadOnlyMemory<byte> Picture);
