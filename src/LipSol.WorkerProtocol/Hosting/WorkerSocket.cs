using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace LipSol.WorkerProtocol;

/// <summary>The listening end of one worker's socket, in a folder that only this user may enter. The folder goes once both connections stand.</summary>
internal sealed class WorkerSocket : IDisposable
{
    // sun_path holds 108 bytes with its final zero; see unix(7).
    private const int LongestPath = 100;
    private const int SocketLevel = 1, PeerCredentials = 17;
    private readonly string folder;
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public WorkerSocket()
    {
        var parent = Path.GetTempPath();
        if (parent.Length > LongestPath - 24) parent = "/tmp";
        folder = Path.Combine(parent, "lipsol-" + Guid.NewGuid().ToString("N")[..12]);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        PathName = Path.Combine(folder, "s");
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(PathName));
            listener.Listen(2);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string PathName { get; }

    /// <summary>The next connection of this process. Others of the same user may connect too, since a folder keeps out other users alone: they are turned away, told of, and hold up nothing.</summary>
    public async Task<MessageConnection> AcceptAsync(int processId, Action<int> turnedAway, CancellationToken cancellationToken)
    {
        while (true)
        {
            var accepted = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
            if (ProcessOf(accepted) is { } other && other != processId)
            {
                accepted.Dispose();
                turnedAway(other);
                continue;
            }

            return new(new NetworkStream(accepted, ownsSocket: true));
        }
    }

    // Who connected, as the kernel saw it then (SO_PEERCRED, see unix(7)): what a process says of itself may be made up.
    private static int? ProcessOf(Socket socket)
    {
        if (!OperatingSystem.IsLinux()) return null;
        Span<byte> credentials = stackalloc byte[3 * sizeof(int)];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return MemoryMarshal.Read<int>(credentials);
    }

    public void Dispose()
    {
        listener.Dispose();
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Left for the system's own cleaning of temporary folders.
        }
    }
}
