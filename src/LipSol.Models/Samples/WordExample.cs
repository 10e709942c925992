using LipSol.Clips;

namespace LipSol.Models.Samples;

/// <summary>One word to learn or to read: its clip, and where in the clip it is said.</summary>
/// <param name="Id">Clip id, with <c>#n</c> for the n-th word of a clip.</param>
/// <param name="Speaker">Who speaks.</param>
/// <param name="Word">What is said.</param>
/// <param name="Clip">The clip, pooled to the network's <see cref="InputSpec.Resize"/>.</param>
/// <param name="Span">Where the word is; null: the clip is the word.</param>
/// <param name="Seen">Whether the speaker is in <c>train</c>.</param>
/// <param name="EstimatedTimes">The times were estimated, not given.</param>
public sealed record WordExample(string Id, string Speaker, string Word, PooledClip Clip, WordSpan? Span, bool Seen, bool EstimatedTimes = false)
{
    /// <summary>Where serving finds the word when nobody gives its times (<see cref="WordSpotting"/>); null where the clip has several words or no times, or nothing is found.</summary>
    public WordSpan? Spotted { get; init; }

    /// <summary>MD5 of the recording's bytes; null where there is none.</summary>
    public string? Recording { get; init; }
}
