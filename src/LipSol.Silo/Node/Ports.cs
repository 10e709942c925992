using System.Net;
using System.Net.Sockets;

namespace LipSol.Silo.Node;

/// <summary>Ports of this machine.</summary>
internal static class Ports
{
    /// <summary>As many different ports of an address as asked for that nobody listens on.</summary>
    public static int[] Free(int count, IPAddress address)
    {
        // All are held until all are found, so that none comes twice.
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(address, 0)).ToArray();
        try
        {
            foreach (var listener in listeners) listener.Start();
            return [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners) listener.Dispose();
        }
    }

    /// <summary>Checks that a port can be listened on, before anything else is started.</summary>
    /// <exception cref="NodeStartException">It can't; the message says why.</exception>
    public static void RequireFree(IPAddress address, int port, string option, string addressOption = "--bind")
    {
        if (port == 0) return;
        try
        {
            using var listener = new TcpListener(address, port);
            listener.ExclusiveAddressUse = true;
            listener.Start();
        }
        catch (SocketException e)
        {
            throw e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => InUse(port, option, e),
                SocketError.AccessDenied => new NodeStartException($"Port {port} may not be used by this user. Name one above 1023 with {option}.", e),
                SocketError.AddressNotAvailable => new NodeStartException($"{address} is not an address of this machine. Name one of its own with {addressOption}.", e),
                _ => new NodeStartException($"Port {port} on {address} can't be used: {e.Message}.", e),
            };
        }
    }

    public static NodeStartException InUse(int port, string option, Exception inner) =>
        new($"Port {port} is in use. Stop what uses it, or name another with {option} ({option} 0 takes a free one).", inner);
}
