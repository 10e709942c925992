using LipSol.Client;
using LipSol.Contracts.Scheduling;
using LipSol.Silo.Http;

namespace LipSol.Silo.Node;

/// <summary>All nodes of the cluster over HTTP.</summary>
internal static class NodesEndpoints
{
    public static void MapNodes(this IEndpointRouteBuilder api)
    {
        var nodes = api.MapGroup("/nodes").WithTags("Node");
        nodes.MapGet("", (ClusterView cluster) => cluster.ListAsync())
            .WithSummary("The nodes of the cluster: what they give to runs, what runs on them, which are being drained.").NeedsRead();
        nodes.MapGet("/{name}", (string name, ClusterView cluster) => cluster.GetAsync(name))
            .WithSummary("One node.").NeedsRead().Refuses(StatusCodes.Status404NotFound);
        nodes.MapPost("/{name}/drain", async (string name, ClusterView cluster, IGrainFactory grains) =>
        {
            await cluster.GetAsync(name);
            await grains.GetGrain<ISchedulerGrain>(0).DrainAsync(name);
            return await cluster.GetAsync(name);
        }).WithSummary("Takes a node out of service: it gets no more runs, and those it has write a checkpoint and go on elsewhere.").NeedsAdmin()
            .WithDescription("Holds until it's undone, also when the node is started anew. Answers without waiting for the runs: look at the node's slots.")
            .Refuses(StatusCodes.Status404NotFound).Refuses(StatusCodes.Status409Conflict);
        nodes.MapPost("/{name}/undrain", async (string name, ClusterView cluster, IGrainFactory grains) =>
        {
            await cluster.GetAsync(name);
            await grains.GetGrain<ISchedulerGrain>(0).UndrainAsync(name);
            // One that is down isn't listed any more.
            return (await cluster.ListAsync()).FirstOrDefault(n => n.Name == name) ?? new ClusterNode { Name = name, Up = false, Draining = false };
        }).WithSummary("The node gets runs again.").NeedsAdmin().Refuses(StatusCodes.Status404NotFound);
    }
}
