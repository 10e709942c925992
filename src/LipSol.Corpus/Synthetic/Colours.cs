namespace LipSol.Corpus.Synthetic;

/// <summary>Colours of speakers, along a line from one end to the other.</summary>
internal static class Colours
{
    public static (byte R, byte G, byte B) Skin(double share) => Mix((232, 192, 165), (148, 102, 76), share);

    // Lips are redder and darker than the skin around them, by a degree of their own.
    public static (byte R, byte G, byte B) Lips(double skin, double share)
    {
        var around = Skin(skin);
        return Mix(((byte)(around.R * 0.86), (byte)(around.G * 0.60), (byte)(around.B * 0.62)), ((byte)(around.R * 0.76), (byte)(around.G * 0.46), (byte)(around.B * 0.50)), share);
    }

    public static (byte R, byte G, byte B) Hair(double share) => Mix((22, 18, 18), (92, 66, 48), share);

    public static (byte R, byte G, byte B) Background(double share) => Mix((82, 98, 120), (172, 164, 150), share);

    private static (byte R, byte G, byte B) Mix((byte R, byte G, byte B) a, (byte R, byte G, byte B) b, double share)
    {
        byte Channel(byte from, byte to) => (byte)Math.Round(from + (to - from) * share);
        return (Channel(a.R, b.R), Channel(a.G, b.G), Channel(a.B, b.B));
    }
}
