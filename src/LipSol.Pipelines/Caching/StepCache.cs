namespace LipSol.Pipelines;

/// <summary>What a step left earlier.</summary>
/// <param name="Step">The step.</param>
/// <param name="Key">What decided it.</param>
/// <param name="Left">What it left.</param>
/// <param name="Run">The number of the pipeline's run in which it did.</param>
/// <param name="At">When.</param>
public sealed record CachedStep(string Step, StepKey Key, IReadOnlyDictionary<string, string> Left, int Run, DateTimeOffset At);

/// <summary>Whether a step is done or what it left earlier is taken, and why.</summary>
/// <param name="Taken">What is taken; null: it's done.</param>
/// <param name="Why">Why, in words.</param>
public sealed record CacheDecision(CachedStep? Taken, string Why);

/// <summary>What the steps of a pipeline left, as a pure function of what is remembered.</summary>
public static class StepCache
{
    /// <summary>Results that are remembered of each step.</summary>
    public const int KeptOfEach = 30;

    /// <summary>Decides. <paramref name="usable"/> says whether what was left is still there; null where it is, else what became of it.</summary>
    public static CacheDecision Decide(StepDefinition step, StepKey key, IReadOnlyList<CachedStep> remembered, Func<CachedStep, string?> usable)
    {
        if (!StepKinds.Of(step).MayBeCached) return new CacheDecision(null, $"A {step.Kind} step is done each time: its answer depends on what is in production.");
        if (!step.Cache) return new CacheDecision(null, "It's done each time: cache is false.");
        CachedStep[] own = [.. remembered.Where(c => c.Step == step.Name).OrderByDescending(c => c.Run)];
        if (own.Length == 0) return new CacheDecision(null, "It wasn't done before.");
        string hash = key.Hash;
        if (Array.Find(own, c => c.Key.Hash == hash) is not { } same) return new CacheDecision(null, $"Since run {own[0].Run}: {string.Join("; ", key.Differences(own[0].Key))}.");
        return usable(same) is { } gone
            ? new CacheDecision(null, $"Nothing has changed since run {same.Run}, but {gone}.")
            : new CacheDecision(same, $"Inputs, settings and code are those of run {same.Run}: what it left is taken.");
    }

    /// <summary>What is remembered with one more result; the oldest of a step go.</summary>
    public static IReadOnlyList<CachedStep> With(IReadOnlyList<CachedStep> remembered, CachedStep result) =>
        [.. remembered.Where(c => c.Step != result.Step), .. remembered.Where(c => c.Step == result.Step && c.Key.Hash != result.Key.Hash).OrderBy(c => c.Run).TakeLast(KeptOfEach - 1), result];
}
