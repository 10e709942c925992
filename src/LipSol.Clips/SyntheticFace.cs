namespace LipSol.Clips;

/// <summary>How a synthetic speaker looks. All shares are of the face's height or width unless said otherwise; colours are RGB, 0 to 255.</summary>
public sealed record SyntheticFace
{
    /// <summary>Face width over face height, about 0.68 to 0.82.</summary>
    public double Aspect { get; init; } = 0.75;
    /// <summary>Skin colour.</summary>
    public (byte R, byte G, byte B) Skin { get; init; } = (205, 160, 130);
    /// <summary>Lip colour.</summary>
    public (byte R, byte G, byte B) Lips { get; init; } = (165, 85, 85);
    /// <summary>Hair and brow colour.</summary>
    public (byte R, byte G, byte B) Hair { get; init; } = (40, 30, 25);
    /// <summary>Background colour.</summary>
    public (byte R, byte G, byte B) Background { get; init; } = (110, 120, 130);
    /// <summary>Distance between the eyes' centres as a share of the face's width, about 0.40 to 0.48.</summary>
    public double EyeDistance { get; init; } = 0.44;
    /// <summary>Length of the nose as a share of the face's height.</summary>
    public double NoseLength { get; init; } = 0.22;
    /// <summary>Width of the resting mouth as a share of the face's width, about 0.30 to 0.42.</summary>
    public double MouthWidth { get; init; } = 0.36;
    /// <summary>Fullness of the lips, 1 = average.</summary>
    public double LipFullness { get; init; } = 1.0;
    /// <summary>Height of the mouth below the face's centre as a share of its height.</summary>
    public double MouthHeight { get; init; } = 0.24;
    /// <summary>Beard or moustache, 0 none to 1 dense.</summary>
    public double Beard { get; init; }
    /// <summary>How much of the picture's height the face fills, about 0.5 to 0.75.</summary>
    public double Scale { get; init; } = 0.62;
}

/// <summary>What a synthetic face does in one frame. Driven by the corpus, drawn by the vision project.</summary>
public sealed record SyntheticFaceFrame
{
    /// <summary>Gap between the inner lips, 0 closed to 1 as wide as this mouth opens.</summary>
    public double Opening { get; init; }
    /// <summary>Width of the mouth: 0 at rest, 1 fully spread, -1 fully rounded.</summary>
    public double Spread { get; init; }
    /// <summary>How far the lips are pushed forward, 0 to 1 (ش, او); drawn as fuller, narrower lips.</summary>
    public double Protrusion { get; init; }
    /// <summary>The lower lip tucked under the upper teeth, 0 to 1 (ف, و).</summary>
    public double LipBite { get; init; }
    /// <summary>The lips pressed together, 0 to 1 (ب, پ, م).</summary>
    public double Press { get; init; }
    /// <summary>Upper teeth in sight, 0 to 1.</summary>
    public double Teeth { get; init; }
    /// <summary>Tongue tip in sight behind the teeth, 0 to 1 (ت, د, ن, ل).</summary>
    public double Tongue { get; init; }
    /// <summary>How far the jaw has dropped, 0 to 1: lengthens the lower face.</summary>
    public double Jaw { get; init; }
    /// <summary>Position of the face's centre in the picture, shares of width and height.</summary>
    public (double X, double Y) Centre { get; init; } = (0.5, 0.5);
    /// <summary>Size relative to <see cref="SyntheticFace.Scale"/>: moving towards the camera.</summary>
    public double Zoom { get; init; } = 1;
    /// <summary>Roll of the head in degrees, positive clockwise in the picture.</summary>
    public double Roll { get; init; }
    /// <summary>Turn of the head, -1 to 1 (about ±15°): features shift sideways.</summary>
    public double Yaw { get; init; }
    /// <summary>Nod of the head, -1 to 1.</summary>
    public double Pitch { get; init; }
    /// <summary>Eyelids: 1 open, 0 closed.</summary>
    public double EyesOpen { get; init; } = 1;
    /// <summary>Brightness factor, about 0.7 to 1.25.</summary>
    public double Light { get; init; } = 1;
    /// <summary>Where the light comes from: -1 left to 1 right.</summary>
    public double LightSide { get; init; }
    /// <summary>Standard deviation of the sensor noise, grey levels.</summary>
    public double Noise { get; init; } = 2;
}
