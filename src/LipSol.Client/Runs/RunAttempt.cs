namespace LipSol.Client;

/// <summary>One hold of a run on a slot: from the start of a worker to its end.</summary>
/// <param name="Epoch">The lease's number; only the highest may write.</param>
/// <param name="Node">Where it ran.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null while it runs.</param>
/// <param name="Ended">How and why it ended.</param>
/// <param name="FromStep">The step of the checkpoint it went on from; null where it began anew.</param>
public sealed record RunAttempt(long Epoch, string Node, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string? Ended, long? FromStep);
