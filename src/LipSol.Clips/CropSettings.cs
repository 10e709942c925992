using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LipSol.Clips;

/// <summary>Everything that decides the pixels of a mouth clip. Two clips with equal settings can be read by the same model.</summary>
public sealed record CropSettings
{
    /// <summary>Edge of the square crop in pixels.</summary>
    public int Size { get; init; } = 96;

    /// <summary>Frames a second after resampling.</summary>
    public double FramesPerSecond { get; init; } = 25;

    /// <summary>Edge of the crop in mean-face units: 1 is the distance between the eyes.</summary>
    public double Extent { get; init; } = 1.1;

    /// <summary>Half-width in frames of the Gaussian that smooths the landmarks over time (0 = none).</summary>
    public double Smoothing { get; init; } = 1.0;

    /// <summary>A clip with fewer tracked frames than this share is refused.</summary>
    public double MinimumTrackedShare { get; init; } = 0.8;

    /// <summary>MD5 of the detector and the landmark model together; empty for crops that came from elsewhere (<c>--mouth-crops</c>).</summary>
    public string LandmarkModels { get; init; } = "";

    /// <summary>Raised when the code that crops changes its pixels.</summary>
    public int Revision { get; init; } = 1;

    /// <summary>MD5 over all fields: equal if and only if the settings are equal.</summary>
    public string Fingerprint()
    {
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{Size}|{FramesPerSecond:R}|{Extent:R}|{Smoothing:R}|{MinimumTrackedShare:R}|{LandmarkModels}|{Revision}");
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
