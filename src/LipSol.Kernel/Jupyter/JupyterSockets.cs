using NetMQ;
using NetMQ.Sockets;

namespace LipSol.Kernel.Jupyter;

/// <summary>
/// The five sockets. One thread owns them all: what is to be sent goes through one queue, so messages leave in the order in which they were handed over, from
/// whichever threads. Nothing is dropped however slowly the other side reads.
/// </summary>
internal sealed class JupyterSockets : IDisposable
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private readonly WireFormat _wire;
    private readonly RouterSocket _shell = new();
    private readonly RouterSocket _control = new();
    private readonly RouterSocket _stdin = new();
    private readonly PublisherSocket _ioPub = new();
    private readonly ResponseSocket _heartbeat = new();
    private readonly NetMQQueue<Parcel> _outgoing = new();
    private readonly NetMQPoller _poller;

    /// <exception cref="ConnectionFileException">A port is taken.</exception>
    public JupyterSockets(ConnectionFile connection, Action<JupyterChannel, JupyterMessage> received)
    {
        _wire = new WireFormat(connection.Key);
        Bind(_shell, connection.Address(connection.Shell));
        Bind(_control, connection.Address(connection.Control));
        Bind(_stdin, connection.Address(connection.Stdin));
        Bind(_ioPub, connection.Address(connection.IoPub));
        Bind(_heartbeat, connection.Address(connection.Heartbeat));
        Listen(_shell, JupyterChannel.Shell, received);
        Listen(_control, JupyterChannel.Control, received);
        Listen(_stdin, JupyterChannel.Stdin, received);
        _heartbeat.ReceiveReady += (_, e) => e.Socket.SendMultipartMessage(e.Socket.ReceiveMultipartMessage());
        _outgoing.ReceiveReady += (_, e) =>
        {
            while (e.Queue.TryDequeue(out var parcel, TimeSpan.Zero))
                Deliver(parcel);
        };
        _poller = new NetMQPoller { _shell, _control, _stdin, _ioPub, _heartbeat, _outgoing };
        _poller.RunAsync("jupyter", isBackgroundThread: true);
    }

    /// <summary>Sends an answer to who sent <paramref name="parent"/>, or publishes what follows from it; callable from any thread.</summary>
    public void Send(JupyterChannel channel, string type, System.Text.Json.Nodes.JsonObject content, JupyterMessage? parent)
    {
        var identities = channel == JupyterChannel.IoPub ? [System.Text.Encoding.UTF8.GetBytes(type)] : parent?.Identities ?? [];
        // Written by who sends, not by the thread that all wait for; the queue keeps the order.
        _outgoing.Enqueue(new Parcel(channel, _wire.Write(type, content, parent, identities), Sent: null));
    }

    /// <summary>Done once all that was handed over so far has been given to the sockets.</summary>
    public Task FlushAsync()
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _outgoing.Enqueue(new Parcel(JupyterChannel.IoPub, [], sent));
        return sent.Task;
    }

    /// <summary>Closes the sockets; what is on its way has a second to arrive.</summary>
    public void Dispose()
    {
        _poller.Stop();
        _poller.Dispose();
        foreach (var socket in new NetMQSocket[] { _shell, _control, _stdin, _ioPub, _heartbeat })
        {
            socket.Options.Linger = LastWords;
            socket.Dispose();
        }

        _outgoing.Dispose();
        NetMQConfig.Cleanup(block: true);
    }

    private static void Bind(NetMQSocket socket, string address)
    {
        // 0: no limit. A publisher that has one drops what is over it, and updates of a display must all arrive.
        socket.Options.SendHighWatermark = 0;
        socket.Options.ReceiveHighWatermark = 0;
        if (socket is RouterSocket router)
            router.Options.RouterHandover = true;
        try
        {
            socket.Bind(address);
        }
        catch (NetMQException e)
        {
            throw new ConnectionFileException($"{address} can't be listened on: {e.Message}. Another kernel may have the port; let the front end start this one again.", e);
        }
    }

    private void Listen(RouterSocket socket, JupyterChannel channel, Action<JupyterChannel, JupyterMessage> received) => socket.ReceiveReady += (_, e) =>
    {
        var frames = e.Socket.ReceiveMultipartBytes();
        if (_wire.Parse(frames) is { } message)
            received(channel, message);
    };

    private void Deliver(Parcel parcel)
    {
        if (parcel.Sent is not null)
        {
            parcel.Sent.SetResult();
            return;
        }

        NetMQSocket socket = parcel.Channel switch
        {
            JupyterChannel.Shell => _shell,
            JupyterChannel.Control => _control,
            JupyterChannel.Stdin => _stdin,
            _ => _ioPub,
        };
        socket.SendMultipartBytes(parcel.Frames);
    }

    private sealed record Parcel(JupyterChannel Channel, IReadOnlyList<byte[]> Frames, TaskCompletionSource? Sent);
}
