using LipSol.Contracts.Runs;

namespace LipSol.Grains.Models;

/// <summary>The aliases that LipSol itself sets, and what a model or an alias may be called.</summary>
internal static class ModelNames
{
    /// <summary>The version that answers; moved by promotion and rollback alone.</summary>
    public const string Production = "production";

    /// <summary>The version registered last.</summary>
    public const string Candidate = "candidate";

    private const int LongestName = 100;

    /// <exception cref="RefusedException">The name can't be used: <c>/</c> and <c>@</c> part the keys of versions and replicas.</exception>
    public static void Check(string name, string what)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > LongestName || name.Any(c => c is '/' or '@' or '\\' || char.IsControl(c)))
            throw new RefusedException($"'{name}' can't be the name of {what}: use 1 to {LongestName} characters without /, \\ and @.");
    }
}
