using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LipSol.WorkerProtocol;

/// <summary>Messages over a stream: each a little-endian 32-bit length and that many bytes of JSON. One reader and any number of senders at a time.</summary>
public sealed class MessageConnection : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly Stream stream;
    private readonly SemaphoreSlim sending = new(1, 1);

    /// <summary>Takes over <paramref name="stream"/>.</summary>
    public MessageConnection(Stream stream) => this.stream = stream;

    /// <summary>Sends one message.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    /// <exception cref="ProtocolException">The message is larger than a frame may be.</exception>
    public async Task SendAsync(WorkerMessage message, CancellationToken cancellationToken = default)
    {
        var frame = Encode(message);
        await sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Not cancelled half-way: a frame that is cut off would spoil the connection.
            await stream.WriteAsync(frame, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>Sends one message, blocking; for threads that must not depend on the thread pool.</summary>
    /// <inheritdoc cref="SendAsync" path="/exception"/>
    public void Send(WorkerMessage message)
    {
        var frame = Encode(message);
        sending.Wait();
        try
        {
            stream.Write(frame);
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>The next message; null where the other side closed the connection between two frames.</summary>
    /// <exception cref="ProtocolException">The frame is damaged or too large, or not a message.</exception>
    /// <exception cref="IOException">The connection broke, or ended inside a frame (<see cref="EndOfStreamException"/>).</exception>
    public async Task<WorkerMessage?> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        var header = new byte[4];
        var got = await stream.ReadAtLeastAsync(header, 4, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (got == 0) return null;
        var body = new byte[LengthOf(header, got)];
        got = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return Decode(body, got);
    }

    /// <summary>As <see cref="ReceiveAsync"/>, blocking; for threads that must not depend on the thread pool.</summary>
    /// <inheritdoc cref="ReceiveAsync" path="/exception"/>
    public WorkerMessage? Receive()
    {
        var header = new byte[4];
        var got = stream.ReadAtLeast(header, 4, throwOnEndOfStream: false);
        if (got == 0) return null;
        var body = new byte[LengthOf(header, got)];
        return Decode(body, stream.ReadAtLeast(body, body.Length, throwOnEndOfStream: false));
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => stream.Dispose();

    private static byte[] Encode(WorkerMessage message)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message, Json);
        if (body.Length > Protocol.LargestFrame)
            throw new ProtocolException($"A {message.GetType().Name} of {body.Length} bytes is larger than a frame may be ({Protocol.LargestFrame}).");
        var frame = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, body.Length);
        body.CopyTo(frame.AsSpan(4));
        return frame;
    }

    private static int LengthOf(byte[] header, int got)
    {
        if (got < 4) throw new EndOfStreamException("The connection ended inside a frame.");
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is <= 0 or > Protocol.LargestFrame)
            throw new ProtocolException($"A frame of {length} bytes was announced; between 1 and {Protocol.LargestFrame} are allowed.");
        return length;
    }

    private static WorkerMessage Decode(byte[] body, int got)
    {
        if (got < body.Length) throw new EndOfStreamException("The connection ended inside a frame.");
        try
        {
            return JsonSerializer.Deserialize<WorkerMessage>(body, Json) ?? throw new ProtocolException("A frame holds null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException)
        {
            var start = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(80, body.Length)));
            throw new ProtocolException($"A frame isn't a message of this protocol: {e.Message} It begins: {start}", e);
        }
    }
}
