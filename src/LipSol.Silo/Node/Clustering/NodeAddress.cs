using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using LipSol.Storage;

namespace LipSol.Silo.Node;

/// <summary>The address by which other nodes reach this one.</summary>
internal static class NodeAddress
{
    /// <summary>What was asked for; else loopback for nodes of one machine, and this machine's own address for a cluster of several.</summary>
    /// <exception cref="NodeStartException">This machine has no address that others could reach.</exception>
    public static IPAddress Of(NodeOptions options, StorageOptions storage)
    {
        if (options.Advertise is { } named) return named;
        if (options.Join is null || storage.Provider == StorageProvider.Sqlite) return IPAddress.Loopback;
        return Own() ?? throw new NodeStartException("This machine has no network address by which other nodes could reach it. Name one with --advertise (127.0.0.1 where all nodes run on this machine).");
    }

    /// <summary>Interfaces with a way out come first: those of container bridges have none.</summary>
    private static IPAddress? Own() => (
        from network in NetworkInterface.GetAllNetworkInterfaces()
        where network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback
        let properties = network.GetIPProperties()
        from unicast in properties.UnicastAddresses
        where unicast.Address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(unicast.Address)
        orderby properties.GatewayAddresses.Count == 0
        select unicast.Address).FirstOrDefault();
}
