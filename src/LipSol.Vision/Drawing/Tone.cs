using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>A colour in OpenCV's channel order, 0 to 255.</summary>
internal readonly record struct Tone(float B, float G, float R)
{
    public static Tone From((byte R, byte G, byte B) colour) => new(colour.B, colour.G, colour.R);

    public static Tone operator *(Tone tone, float factor) => new(tone.B * factor, tone.G * factor, tone.R * factor);

    public Tone Towards(Tone other, float share) => new(B + share * (other.B - B), G + share * (other.G - G), R + share * (other.R - R));

    public Scalar ToScalar() => new(B, G, R);
}
