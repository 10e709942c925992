using LipSol.Contracts.Models;
using LipSol.Grains.Nodes;
using LipSol.Grains.Serving;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Models.Warming;

/// <summary>
/// Has every node load a version before anyone is sent to it. A node that can't load it (a damaged file, a full disk) stops what it was for. One that dies meanwhile, or hasn't loaded it within
/// <see cref="GrainsOptions.WarmPatience"/>, doesn't: it would have every promotion wait for the slowest or sickest node; it gets requests for the version once it has it.
/// </summary>
internal sealed class VersionWarming(ClusterNodes nodes, IGrainFactory grains, GrainsOptions options, [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider clock, TimeProvider time, ILogger<VersionWarming> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private enum Outcome { Warm, Gone, Late, Failed }

    /// <summary>Loads a version on all nodes that are up.</summary>
    public async Task<Warmed> WarmAsync(ModelVersion version)
    {
        (string Node, Outcome Outcome, string Why)[] all = await Task.WhenAll(nodes.Active.Select(n => WarmOnAsync(n, version)));
        List<string> warm = [.. all.Where(n => n.Outcome == Outcome.Warm).Select(n => n.Node)];
        string[] late = [.. all.Where(n => n.Outcome == Outcome.Late).Select(n => n.Node)];
        string? failure = all.FirstOrDefault(n => n.Outcome == Outcome.Failed).Why;
        if (failure is null && warm.Count == 0)
            failure = late.Length == 0 ? "No node is up to serve it." : $"No node had loaded version {version.Version} after {options.WarmPatience.TotalSeconds:0} s.";
        if (failure is not null)
        {
            Release(version);
            return new Warmed(warm, failure, null);
        }
        return new Warmed(warm, null, late.Length == 0 ? null : $"Node {string.Join(", ", late)} hadn't loaded it after {options.WarmPatience.TotalSeconds:0} s and gets requests for it once it has.");
    }

    /// <summary>Tells the nodes that what they loaded it for didn't come about. One that doesn't hear of it finds out by itself.</summary>
    public void Release(ModelVersion version)
    {
        foreach (string node in nodes.Active) ServingNodeGrain.Of(grains, node).ReleaseAsync(version.Outcome.ModelArtifact).Ignore();
    }

    private async Task<(string Node, Outcome Outcome, string Why)> WarmOnAsync(string node, ModelVersion version)
    {
        DateTimeOffset deadline = clock.GetUtcNow() + options.WarmPatience;
        while (true)
        {
            try
            {
                TimeSpan left = deadline - clock.GetUtcNow();
                if (left <= TimeSpan.Zero) return (node, Outcome.Late, "");
                await ServingNodeGrain.Of(grains, node).WarmAsync(version.Outcome.ModelArtifact).WaitAsync(left, clock);
                return (node, Outcome.Warm, "");
            }
            catch (TimeoutException)
            {
                logger.LogWarning("Node {Node} hasn't loaded version {Version} of {Model} within {Seconds:0} s.", node, version.Version, version.Model, options.WarmPatience.TotalSeconds);
                return (node, Outcome.Late, "");
            }
            catch (Exception e) when (ClusterErrors.IsPassing(e))
            {
                if (!nodes.Active.Contains(node)) return (node, Outcome.Gone, "");
                // It may be dying unnoticed, or its entry in the directory was with one that died.
                await Task.Delay(Pause, time);
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "Version {Version} of {Model} couldn't be loaded on node {Node}.", version.Version, version.Model, node);
                return (node, Outcome.Failed, $"Node {node} couldn't load version {version.Version}: {e.Message}");
            }
        }
    }
}

/// <summary>How the nodes took a version.</summary>
/// <param name="Nodes">Those that have it in memory.</param>
/// <param name="Failure">Why it can't be served; null where it can.</param>
/// <param name="Note">What is worth knowing though it can.</param>
internal sealed record Warmed(List<string> Nodes, string? Failure, string? Note);
