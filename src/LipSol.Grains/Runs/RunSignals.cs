using System.Diagnostics.Metrics;
using LipSol.Contracts.Runs;

namespace LipSol.Grains.Runs;

/// <summary>What is told of runs: how many became what, on this node. The sum over the nodes is the cluster's.</summary>
internal static class RunSignals
{
    private static readonly Meter Meter = new("LipSol");
    private static readonly Counter<long> Changes = Meter.CreateCounter<long>("lipsol.run.changes", "{run}", "Runs that came to be queued, running, completed, and so on.");

    public static void Became(RunStatus status) => Changes.Add(1, new KeyValuePair<string, object?>("status", status.ToString().ToLowerInvariant()));
}
