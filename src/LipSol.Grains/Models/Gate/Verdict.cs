namespace LipSol.Grains.Models.Gate;

/// <summary>What one policy says, in words for the people who read the decision.</summary>
internal readonly record struct Verdict(bool Passes, string Reason);
