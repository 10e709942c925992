namespace LipSol.Inference;

/// <summary>On which terms a clip waits for its turn.</summary>
/// <param name="Bulk">Nobody waits for this one in particular: live clips go first.</param>
/// <param name="Within">The answer is worth nothing later than this, counted from now; null, and at most: the reader's <see cref="BatchingSettings.Patience"/>.</param>
public readonly record struct ReadTerms(bool Bulk = false, TimeSpan? Within = null);
