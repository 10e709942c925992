using System.Net.Sockets;

namespace LipSol.WorkerProtocol;

/// <summary>The listening end of one worker's socket, in a folder that only this user may enter. The folder goes once both connections stand.</summary>
internal sealed class WorkerSocket : IDisposable
{
    // sun_path holds 108 bytes with its final zero; see unix(7).
    private const int LongestPath = 100;
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

    public async Task<MessageConnection> AcceptAsync(CancellationToken cancellationToken) =>
        new(new NetworkStream(await listener.AcceptAsync(cancellationToken).ConfigureAwait(false), ownsSocket: true));

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
