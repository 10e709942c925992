using System.Net;
using System.Net.Sockets;

namespace LipSol.Testing.Cluster.Networks;

/// <summary>Passes connections on to a port of this machine, until it's cut: then connections stay open and nothing comes through, as where a cable is pulled.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly List<Socket> sockets = [];
    private readonly Task accepting;
    private readonly int target;
    private volatile TaskCompletionSource open = Opened();

    private TcpRelay(int target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Starts one to <paramref name="port"/> of 127.0.0.1.</summary>
    public static TcpRelay To(int port) => new(port);

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>From now on nothing comes through, on connections there are and on new ones.</summary>
    public void Cut() => open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was held back goes through, and all that comes.</summary>
    public void Mend() => open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Dispose();
        lock (sockets) sockets.ForEach(s => s.Dispose());
        await accepting;
        end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = Keep(await listener.AcceptSocketAsync(end.Token));
                _ = RelayAsync(near);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(Socket near)
    {
        var far = Keep(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            await open.Task.WaitAsync(end.Token);
            await far.ConnectAsync(IPAddress.Loopback, target, end.Token);
            await Task.WhenAny(PumpAsync(near, far), PumpAsync(far, near));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Nobody listens there, or the test is over.
        }
        near.Dispose();
        far.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[1 << 14];
        try
        {
            while (await from.ReceiveAsync(buffer, end.Token) is > 0 and var count)
            {
                await open.Task.WaitAsync(end.Token);
                for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), end.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // One end is gone: the other is closed too.
        }
    }

    private Socket Keep(Socket socket)
    {
        socket.NoDelay = true;
        lock (sockets) sockets.Add(socket);
        return socket;
    }

    private static TaskCompletionSource Opened()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        done.SetResult();
        return done;
    }
}
