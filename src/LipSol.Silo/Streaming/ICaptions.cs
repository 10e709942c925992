using LipSol.Clips;
using LipSol.Contracts.Serving;

namespace LipSol.Silo.Streaming;

/// <summary>Reads a part of a stream with its model.</summary>
internal delegate Task<Reading> ReadClip(MouthClip clip, double? start, double? end);

/// <summary>From the newest crops of a stream to captions.</summary>
internal interface ICaptions
{
    /// <summary>Crops between two readings: a reading costs time, and a word is seldom shorter than three of them.</summary>
    const int Hop = 3;

    /// <summary>Reads what has come.</summary>
    /// <param name="window">The crops.</param>
    /// <param name="read">Reads a part of them.</param>
    /// <param name="last">Nothing comes any more: all is final.</param>
    /// <returns>What changed, and up to which time was read; null where there is nothing to read yet.</returns>
    Task<(CaptionChange Change, double Time)?> ReadAsync(CropWindow window, ReadClip read, bool last);

    /// <summary>What comes next has nothing to do with what came: what isn't final is so as it stands.</summary>
    CaptionChange Break();
}
