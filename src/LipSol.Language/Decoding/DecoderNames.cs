using System.Diagnostics.CodeAnalysis;

namespace LipSol.Language.Decoding;

/// <summary>The kinds of decoder by name: <c>greedy</c>, <c>beam</c>, <c>lexicon</c>, <c>grammar</c>.</summary>
public static class DecoderNames
{
    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<DecoderKind>().Select(Of)];

    /// <summary>The name of a kind.</summary>
    public static string Of(DecoderKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>The kind of a name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out DecoderKind kind)
    {
        foreach (var known in Enum.GetValues<DecoderKind>())
        {
            kind = known;
            if (Of(known) == name) return true;
        }
        kind = default;
        return false;
    }
}
