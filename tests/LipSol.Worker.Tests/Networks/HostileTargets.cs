using System.Net;
using System.Net.Sockets;

namespace LipSol.Worker.Tests.Networks;

/// <summary>What a network means harm to, and whether it was harmed.</summary>
internal sealed class HostileTargets : IDisposable
{
    private readonly Sources.Targets at;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Socket stream = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Socket datagram = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    /// <param name="folder">An empty folder.</param>
    public HostileTargets(string folder)
    {
        string In(string name) => Path.Combine(folder, name);
        listener.Start();
        at = new(In("secret"), In("made"), In("moded"), ((IPEndPoint)listener.LocalEndpoint).Port, In("s"), In("d"), Environment.ProcessId);
        File.WriteAllText(at.Secret, "token");
        File.WriteAllText(at.Moded, "");
        stream.Bind(new UnixDomainSocketEndPoint(at.LocalStream));
        stream.Listen(8);
        datagram.Bind(new UnixDomainSocketEndPoint(at.LocalDatagram));
    }

    /// <summary>It tells what it did by throwing.</summary>
    public string Source => Sources.Hostile(at);

    /// <summary>It does the same, prints what it did behind <c>told: </c>, and is a network like any other.</summary>
    public string QuietSource => Source.Replace("throw new InvalidOperationException(string.Join(\"; \", told));", "Console.WriteLine(\"told: \" + string.Join(\"; \", told)); RegisterComponents();", StringComparison.Ordinal);

    /// <summary>What it tried, and how it went.</summary>
    public static IReadOnlyList<(string What, string How)> Outcomes(string told) => [.. told.Split("; ").Select(t => (t[..t.IndexOf(": ", StringComparison.Ordinal)], t[(t.IndexOf(": ", StringComparison.Ordinal) + 2)..]))];

    public void AssertUntouched()
    {
        Assert.Equal("token", File.ReadAllText(at.Secret));
        Assert.False(File.Exists(at.Made));
        Assert.NotEqual(511, (int)new FileInfo(at.Moded).UnixFileMode);
        Assert.False(listener.Pending() || stream.Poll(0, SelectMode.SelectRead) || datagram.Poll(0, SelectMode.SelectRead));
    }

    public void Dispose()
    {
        listener.Dispose();
        stream.Dispose();
        datagram.Dispose();
    }
}
