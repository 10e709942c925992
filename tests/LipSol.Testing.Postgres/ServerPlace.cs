using System.Net;
using System.Net.Sockets;

namespace LipSol.Testing.Postgres;

/// <summary>Where a server of a test program listens, and what those of killed ones left.</summary>
internal static class ServerPlace
{
    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Removes the folders of test programs that were killed: <paramref name="prefix"/>, the program's process, and anything behind a hyphen.</summary>
    public static void RemoveAbandoned(string prefix)
    {
        foreach (string folder in Directory.EnumerateDirectories(Path.GetTempPath(), prefix + "*"))
        {
            string owner = Path.GetFileName(folder)[prefix.Length..].Split('-')[0];
            if (!int.TryParse(owner, out int process) || Directory.Exists($"/proc/{process}")) continue;
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another test program does the same, or it's another user's.
            }
        }
    }
}
