using System.Net;
using LipSol.Storage;
using Orleans.Configuration;

namespace LipSol.Silo.Node;

/// <summary>How the nodes of a cluster find each other and notice that one is gone.</summary>
internal static class ClusterSettings
{
    /// <summary>Cluster and service of every LipSol node; two clusters are two databases.</summary>
    public const string Name = "lipsol";

    public static void AddTo(ISiloBuilder silo, NodeOptions options, StorageOptions storage, IPAddress address)
    {
        silo.AddLipSolStorage(storage);
        if (options.Join is null)
        {
            // One node: the membership lives in memory, so that a node that was killed isn't waited for.
            silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort, serviceId: Name, clusterId: Name);
            return;
        }
        silo.Configure<ClusterOptions>(o => o.ClusterId = o.ServiceId = Name);
        silo.ConfigureEndpoints(address, options.SiloPort, options.GatewayPort);
        silo.Configure<ClusterMembershipOptions>(NoticeSoon);
        silo.Services.AddSingleton<IFatalErrorHandler>(s => s.GetRequiredService<FatalErrors>());
    }

    /// <summary>
    /// A node whose process is killed is out of the cluster within about 7 s, one that is stopped or cut off within about 12 s, whether two nodes are up or twenty.
    /// With two, one vote is enough (Orleans asks for at most half of those up); from three on it takes two, and the third probe goes through another node, so that
    /// a broken connection between two nodes alone condemns nobody.
    /// </summary>
    private static void NoticeSoon(ClusterMembershipOptions membership)
    {
        // A probe every 2 s; Orleans adapts the time it waits for the answer to what the answers take, within these bounds. Its own 5 s (2.5 to 20) make up to a minute.
        membership.ProbeTimeout = TimeSpan.FromSeconds(2);
        membership.MinProbeTimeout = TimeSpan.FromSeconds(1);
        // Also the measure of the time for which a connection that lately carried a message speaks for its node: three times this. A starved node that
        // answers late (local health is accounted for: ExtendProbeTimeoutDuringDegradation) is waited for up to here too.
        membership.MaxProbeTimeout = TimeSpan.FromSeconds(3);
        membership.NumMissedProbesLimit = 3;
        // Gossip tells of changes at once; a node that missed it (stopped, cut off) reads the table, and finds out within this that it was declared dead.
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        // A row that wasn't renewed for three of these is stale: it neither counts among the voters nor holds up those who join after all nodes were killed at once.
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        membership.NumMissedTableIAmAliveLimit = 3;
        // A node that can't reach the others doesn't join; a minute is enough to tell the person who waits.
        membership.MaxJoinAttemptTime = TimeSpan.FromMinutes(1);
        // Rows of nodes long gone; kept for a day for whoever asks what happened.
        membership.DefunctSiloExpiration = TimeSpan.FromDays(1);
        membership.DefunctSiloCleanupPeriod = TimeSpan.FromHours(1);
    }
}
