using LipSol.Contracts.Runs;

namespace LipSol.Grains.Runs.Checkpoints;

/// <summary>Which checkpoints a run keeps.</summary>
internal static class CheckpointChoice
{
    /// <summary>Those of <paramref name="checkpoints"/> (oldest first) that are kept, in the same order; the last is always among them.</summary>
    public static List<Checkpoint> Kept(CheckpointRetention? retention, IReadOnlyList<Checkpoint> checkpoints)
    {
        if (checkpoints.Count == 0) return [];
        CheckpointRetention keep = retention ?? CheckpointRetention.Default;
        var kept = new HashSet<Checkpoint>(ReferenceEqualityComparer.Instance) { checkpoints[^1] };
        if (keep.Best && Best(checkpoints) is { } best) kept.Add(best);
        if (keep.Every > 0)
            foreach (Checkpoint checkpoint in checkpoints.Reverse().Where(c => c.Number % keep.Every == 0).TakeWhile(_ => kept.Count < CheckpointRetention.Most)) kept.Add(checkpoint);
        return [.. checkpoints.Where(kept.Contains)];
    }

    // Those that go aren't better than one that stays, so the best of those that are left is the best of all there were.
    private static Checkpoint? Best(IEnumerable<Checkpoint> checkpoints)
    {
        Checkpoint? best = null;
        foreach (Checkpoint checkpoint in checkpoints)
            if (checkpoint.Score is { } score && !double.IsNaN(score) && (best is null || score > best.Score)) best = checkpoint;
        return best;
    }
}
