using LipSol.Contracts.Runs;

namespace LipSol.Grains.Runs;

/// <summary>What a run may be.</summary>
internal static class RunRules
{
    private const int LongestName = 250;

    public static bool IsOver(RunStatus status) => status is not (RunStatus.Queued or RunStatus.Running);

    /// <exception cref="RefusedException">Something in the spec can't be run.</exception>
    public static void Check(RunSpec spec)
    {
        Named(spec.Experiment, "experiment");
        Named(spec.Name, "name");
        Named(spec.Network, "network");
        Named(spec.Corpus, "corpus");
        Named(spec.DataHash, "data hash");
        if (spec.InitFrom is { } from)
        {
            Named(from.Id, "name of the weights to start from");
            Named(from.Weights, "hash of the weights to start from");
        }
        if (spec.Threads < 0) throw new RefusedException($"A run can't have {spec.Threads} threads: give 1 or more, or 0 for the slot's share.");
        if (spec.Needs is { } needs) Check(needs);
        if (spec.MaximumRestarts < 0) throw new RefusedException($"A run can't be restarted {spec.MaximumRestarts} times: give 0 or more.");
    }

    /// <summary>What a run needs of a node: what was asked for, and what follows from its network.</summary>
    public static RunNeeds? NeedsOf(RunSpec spec) => spec.NetworkSource is null ? spec.Needs : (spec.Needs ?? new RunNeeds()) with { Confinement = true };

    private static void Check(RunNeeds needs)
    {
        if (needs.Gpus is not (0 or 1)) throw new RefusedException($"A run can't have {needs.Gpus} GPUs: a slot is one GPU. Give 0 or 1.");
        if (needs.Memory < 0 || needs.GpuMemory < 0) throw new RefusedException("A run can't ask for less than no memory: give bytes, 0 for any.");
        if (needs.GpuMemory > 0 && needs.Gpus == 0) throw new RefusedException("A run that asks for GPU memory asks for a GPU too: give gpus: 1.");
        foreach (string label in needs.Labels) Named(label, "label");
    }

    /// <exception cref="RefusedException">A point has no usable name, or a step below 0.</exception>
    public static void Check(IReadOnlyList<MetricPoint> points)
    {
        foreach (MetricPoint point in points)
        {
            Named(point.Name, "metric");
            if (point.Step < 0) throw new RefusedException($"Metric {point.Name} has the step {point.Step}: steps start at 0.");
        }
    }

    /// <exception cref="RefusedException">The artifact has no usable name, or no hash.</exception>
    public static void CheckArtifact(string name, string artifact)
    {
        Named(name, "artifact's name");
        Named(artifact, "artifact's hash");
    }

    /// <exception cref="RefusedException">A worker may not say what this artifact is: it's said of the run by who started it.</exception>
    public static void CheckOwn(string name)
    {
        if (name is NotebookArtifacts.Origin or NotebookArtifacts.Executed or NotebookArtifacts.NetworkSource) throw new RefusedException($"{name} is said by whoever starts a run, not by its worker.");
    }

    private static void Named(string? text, string what)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new RefusedException($"The {what} is empty: give it a name.");
        if (text.Length > LongestName) throw new RefusedException($"The {what} has {text.Length} characters: at most {LongestName}.");
    }
}
