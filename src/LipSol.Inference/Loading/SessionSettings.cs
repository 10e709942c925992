namespace LipSol.Inference;

/// <summary>How a model is computed.</summary>
public sealed record SessionSettings
{
    /// <summary><c>auto</c> (a GPU where one works, else the CPU), <c>cpu</c>, or <c>cuda:n</c>.</summary>
    public string Device { get; init; } = "auto";
    /// <summary>Threads of one session.</summary>
    public int Threads { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);
}
