using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using LipSol.Client;

namespace LipSol.Silo.Tests.Streaming;

/// <summary>The caller's side of a stream that goes over no network.</summary>
internal sealed class ScriptedSocket : WebSocket
{
    private readonly Channel<(byte[] Content, WebSocketMessageType Type)> said = Channel.CreateUnbounded<(byte[], WebSocketMessageType)>();
    private readonly Channel<StreamMessage> told = Channel.CreateUnbounded<StreamMessage>();

    public override WebSocketCloseStatus? CloseStatus => null;
    public override string? CloseStatusDescription => null;
    public override WebSocketState State => WebSocketState.Open;
    public override string? SubProtocol => null;

    /// <summary>What the node says, up to its farewell.</summary>
    public ChannelReader<StreamMessage> Told => told.Reader;

    public void Say(StreamOptions options) => said.Writer.TryWrite((JsonSerializer.SerializeToUtf8Bytes(options, LipSolJson.Options), WebSocketMessageType.Text));

    public void Say(IEnumerable<byte[]> crops)
    {
        foreach (var crop in crops) said.Writer.TryWrite((crop, WebSocketMessageType.Binary));
    }

    public void End() => said.Writer.TryWrite(("{\"type\":\"end\"}"u8.ToArray(), WebSocketMessageType.Text));

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        told.Writer.TryWrite(JsonSerializer.Deserialize<StreamMessage>(buffer, LipSolJson.Options)!);
        return Task.CompletedTask;
    }

    public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
    {
        if (!await said.Reader.WaitToReadAsync(cancellationToken) || !said.Reader.TryRead(out var message)) return new WebSocketReceiveResult(0, WebSocketMessageType.Close, true);
        message.Content.CopyTo(buffer.AsSpan());
        return new WebSocketReceiveResult(message.Content.Length, message.Type, true);
    }

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken)
    {
        told.Writer.TryComplete();
        said.Writer.TryComplete();
        return Task.CompletedTask;
    }

    public override void Abort()
    {
        told.Writer.TryComplete();
        said.Writer.TryComplete();
    }

    public override void Dispose()
    {
    }
}
