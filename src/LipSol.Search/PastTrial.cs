namespace LipSol.Search;

/// <summary>A trial that was proposed before, with what is known of it.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Parameters">What it tries.</param>
/// <param name="Result">Its result; null where none is known (it runs, or failed).</param>
public sealed record PastTrial(int Number, IReadOnlyDictionary<string, string> Parameters, TrialResult? Result);

/// <summary>What came out of a trial.</summary>
/// <param name="Objective">The best of the metric.</param>
/// <param name="Completed">It was trained to its end; otherwise it was stopped early.</param>
/// <param name="Values">How many values of the metric there were, so how far it was trained.</param>
public readonly record struct TrialResult(double Objective, bool Completed, int Values);
