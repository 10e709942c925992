namespace LipSol.Language.Lips;

/// <summary>What a mouth does: gestures of the lips, jaw and tongue tip, 0 (rest) to 1 (as far as it goes); spread goes from −1 (rounded) to 1.</summary>
/// <param name="Opening">Gap between the inner lips.</param>
/// <param name="Spread">Width: 1 spread, −1 rounded.</param>
/// <param name="Protrusion">Lips pushed forward.</param>
/// <param name="Press">Lips pressed together.</param>
/// <param name="LipBite">Lower lip under the upper teeth.</param>
/// <param name="Teeth">Upper teeth in sight.</param>
/// <param name="Tongue">Tongue tip in sight.</param>
/// <param name="Jaw">Jaw dropped.</param>
public readonly record struct LipShape(
    double Opening = 0, double Spread = 0, double Protrusion = 0, double Press = 0, double LipBite = 0, double Teeth = 0, double Tongue = 0, double Jaw = 0)
{
    /// <summary>Euclidean distance of two shapes.</summary>
    public static double Distance(LipShape a, LipShape b)
    {
        static double Square(double x) => x * x;
        return Math.Sqrt(Square(a.Opening - b.Opening) + Square(a.Spread - b.Spread) + Square(a.Protrusion - b.Protrusion) + Square(a.Press - b.Press)
            + Square(a.LipBite - b.LipBite) + Square(a.Teeth - b.Teeth) + Square(a.Tongue - b.Tongue) + Square(a.Jaw - b.Jaw));
    }
}

/// <summary>Phoneme → viseme → the shape the lips take for it when nothing around it interferes.</summary>
public static class VisemeTable
{
    private static readonly Dictionary<string, Viseme> Classes = Build(
        (Viseme.Bilabial, "p pʰ b bʱ m"),
        (Viseme.Labiodental, "f ʋ"),
        (Viseme.Dental, "t̪ t̪ʰ d̪ d̪ʱ n l"),
        (Viseme.Sibilant, "s z"),
        (Viseme.Postalveolar, "ʃ ʒ tʃ tʃʰ dʒ dʒʱ"),
        (Viseme.Retroflex, "ʈ ʈʰ ɖ ɖʱ ɽ ɽʱ r"),
        (Viseme.Back, "k kʰ ɡ ɡʱ ŋ x ɣ q ɦ ʔ"),
        (Viseme.CloseFront, "iː ɪ ĩː j"),
        (Viseme.MidFront, "eː ẽː ɛː ɛ̃ː"),
        (Viseme.Open, "aː ãː"),
        (Viseme.Central, "ə ə̃"),
        (Viseme.CloseBack, "uː ʊ ũː"),
        (Viseme.MidBack, "oː õː"),
        (Viseme.OpenBack, "ɔː ɔ̃ː"));

    /// <summary>The phonemes of Urdu, in IPA.</summary>
    public static IReadOnlyCollection<string> Phonemes => Classes.Keys;

    /// <summary>What is seen of a phoneme (IPA).</summary>
    /// <exception cref="ArgumentException">No phoneme of Urdu.</exception>
    public static Viseme Of(string phoneme) => Classes.TryGetValue(phoneme, out var viseme) ? viseme
        : throw new ArgumentException($"'{phoneme}' is not one of the phonemes in the table: {string.Join(' ', Classes.Keys)}.", nameof(phoneme));

    /// <summary>The lips' target for a viseme, relative to what this mouth can do.</summary>
    public static LipShape Shape(Viseme viseme) => viseme switch
    {
        Viseme.Bilabial => new(Press: 1),
        Viseme.Labiodental => new(Opening: 0.10, LipBite: 1, Teeth: 0.5, Jaw: 0.10),
        Viseme.Dental => new(Opening: 0.34, Spread: 0.10, Teeth: 0.6, Tongue: 0.9, Jaw: 0.22),
        Viseme.Sibilant => new(Opening: 0.20, Spread: 0.45, Teeth: 1.0, Jaw: 0.08),
        Viseme.Postalveolar => new(Opening: 0.28, Spread: -0.45, Protrusion: 0.75, Teeth: 0.8, Jaw: 0.10),
        Viseme.Retroflex => new(Opening: 0.35, Teeth: 0.3, Jaw: 0.25),
        Viseme.Back => new(Opening: 0.35, Jaw: 0.30),
        Viseme.CloseFront => new(Opening: 0.32, Spread: 0.95, Teeth: 0.7, Jaw: 0.15),
        Viseme.MidFront => new(Opening: 0.55, Spread: 0.65, Teeth: 0.6, Jaw: 0.45),
        Viseme.Open => new(Opening: 1.0, Spread: 0.10, Teeth: 0.35, Jaw: 1.0),
        Viseme.Central => new(Opening: 0.50, Teeth: 0.4, Jaw: 0.45),
        Viseme.CloseBack => new(Opening: 0.22, Spread: -1.0, Protrusion: 1.0, Jaw: 0.15),
        Viseme.MidBack => new(Opening: 0.55, Spread: -0.75, Protrusion: 0.7, Jaw: 0.45),
        Viseme.OpenBack => new(Opening: 0.80, Spread: -0.65, Protrusion: 0.55, Teeth: 0.2, Jaw: 0.75),
        _ => default,
    };

    private static Dictionary<string, Viseme> Build(params (Viseme Viseme, string Phonemes)[] rows) =>
        rows.SelectMany(row => row.Phonemes.Split(' ').Select(phoneme => (phoneme, row.Viseme))).ToDictionary(x => x.phoneme, x => x.Viseme);
}
