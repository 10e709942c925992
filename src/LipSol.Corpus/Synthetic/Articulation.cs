using LipSol.Language.Lips;

namespace LipSol.Corpus.Synthetic;

/// <summary>
/// The lips' course through a word or a sentence: Cohen and Massaro's dominance model (Modeling coarticulation in synthetic visual speech, 1993). Each segment pulls
/// every gesture towards its target with a weight that decays from the segment's middle; a gesture is the weighted mean of all targets. So vowels
/// round early before a rounded neighbour, a short vowel between closures never opens fully, and ک takes the shape of what surrounds it.
/// </summary>
internal sealed class Articulation
{
    /// <summary>Seconds before a word's start and after its end within which the lips are on their way; beyond, they are at rest.</summary>
    public const double Reach = 0.10;

    private readonly Segment[] _segments;
    private readonly double _reach;

    private Articulation(Segment[] segments, double reach) => (_segments, _reach) = (segments, reach);

    /// <param name="words">What is said, and when. Words that follow each other without a pause run into each other.</param>
    /// <param name="speaker">Whose mouth.</param>
    /// <param name="random">Of the take: no two takes are alike.</param>
    public static Articulation Of(IReadOnlyList<WordTime> words, SyntheticSpeaker speaker, SeededRandom random)
    {
        var segments = new List<Segment> { Rest(double.NegativeInfinity, words[0].Start) };
        foreach (var word in words)
        {
            if (segments[^1].End < word.Start) segments.Add(Rest(segments[^1].End, word.Start));
            Say(UrduLexicon.Pronounce(word.Word).Visemes, word.Start, word.End, segments, random);
        }
        segments.Add(Rest(words[^1].End, double.PositiveInfinity));
        return new Articulation([.. segments], 0.045 * speaker.Coarticulation * (1 + random.Bell(0.06)));
    }

    private static void Say(IReadOnlyList<Viseme> visemes, double start, double end, List<Segment> segments, SeededRandom random)
    {
        var lengths = visemes.Select(v => Timing(v) * (1 + random.Bell(0.10))).ToArray();
        var unit = (end - start) / lengths.Sum();
        var from = start;
        for (var i = 0; i < visemes.Count; i++)
        {
            var to = i == visemes.Count - 1 ? end : from + lengths[i] * unit;
            segments.Add(new Segment(from, to, Varied(VisemeTable.Shape(visemes[i]), random), Weights(visemes[i])));
            from = to;
        }
    }

    /// <summary>The mouth at a time, before the speaker's own habits.</summary>
    public LipShape At(double time)
    {
        double opening = 0, jaw = 0, spread = 0, protrusion = 0, press = 0, bite = 0, teeth = 0, tongue = 0;
        double aperture = 0, rounding = 0, closure = 0, inner = 0;
        var near = NearWord(time);
        foreach (var s in _segments)
        {
            // Anticipation reaches further than carry-over (the lips are free before they are needed).
            var outside = time < s.CoreStart ? (s.CoreStart - time) / (_reach * 1.15) : time > s.CoreEnd ? (time - s.CoreEnd) / _reach : 0;
            var pull = Math.Exp(-outside) * (s.IsRest ? 1 : near);
            // A closure is short and complete: it decays faster than it rises above its neighbours.
            var sharp = Math.Exp(-1.6 * outside) * (s.IsRest ? 1 : near);
            opening += pull * s.Weights.Aperture * s.Shape.Opening;
            jaw += pull * s.Weights.Aperture * s.Shape.Jaw;
            aperture += pull * s.Weights.Aperture;
            spread += pull * s.Weights.Rounding * s.Shape.Spread;
            protrusion += pull * s.Weights.Rounding * s.Shape.Protrusion;
            rounding += pull * s.Weights.Rounding;
            press += sharp * s.Weights.Closure * s.Shape.Press;
            bite += sharp * s.Weights.Closure * s.Shape.LipBite;
            closure += sharp * s.Weights.Closure;
            teeth += sharp * s.Weights.Inner * s.Shape.Teeth;
            tongue += sharp * s.Weights.Inner * s.Shape.Tongue;
            inner += sharp * s.Weights.Inner;
        }
        return new LipShape(opening / aperture, spread / rounding, protrusion / rounding, press / closure, bite / closure, teeth / inner, tongue / inner, jaw / aperture);
    }

    // An exponential never ends, lips do come to rest: 1 while something is said, 0 beyond its reach.
    private double NearWord(double time)
    {
        var (start, end) = (_segments[0].End, _segments[^1].Start);
        return Math.Clamp(1 - Math.Max(start - time, time - end) / Reach, 0, 1);
    }

    private static Segment Rest(double from, double to) => new(from, to, default, new Dominance(1.0, 0.8, 1, 1));

    private static LipShape Varied(LipShape s, SeededRandom random) => s with
    {
        Opening = s.Opening * (1 + random.Bell(0.09)),
        Spread = s.Spread * (1 + random.Bell(0.09)) + random.Bell(0.03),
        Protrusion = s.Protrusion * (1 + random.Bell(0.09)),
        Teeth = s.Teeth * (1 + random.Bell(0.10)),
        Tongue = s.Tongue * (1 + random.Bell(0.12)),
        Jaw = s.Jaw * (1 + random.Bell(0.09)),
    };

    /// <summary>Relative lengths of segments: long vowels about twice as long as short ones.</summary>
    internal static double Timing(Viseme viseme) => viseme switch
    {
        Viseme.Open => 1.7,
        Viseme.MidFront or Viseme.MidBack or Viseme.OpenBack => 1.5,
        Viseme.CloseFront or Viseme.CloseBack => 1.35,
        Viseme.Central => 0.9,
        Viseme.Postalveolar or Viseme.Sibilant => 1.1,
        Viseme.Bilabial or Viseme.Labiodental => 0.8,
        Viseme.Back => 0.7,
        _ => 0.9,
    };

    // How strongly a viseme insists on: opening and jaw; spread and protrusion; closure of the lips; what shows between them.
    private static Dominance Weights(Viseme viseme) => viseme switch
    {
        Viseme.Bilabial => new(3.0, 0.25, 4, 2),
        Viseme.Labiodental => new(2.0, 0.35, 4, 2),
        Viseme.Dental => new(1.3, 0.3, 1, 3),
        Viseme.Sibilant => new(1.8, 0.9, 1, 3),
        Viseme.Postalveolar => new(1.5, 1.6, 1, 2),
        Viseme.Retroflex => new(0.7, 0.3, 1, 1),
        Viseme.Back => new(0.3, 0.1, 1, 0.4),
        Viseme.CloseFront or Viseme.CloseBack => new(1.2, 1.8, 1, 1.2),
        Viseme.MidFront or Viseme.MidBack or Viseme.OpenBack => new(1.5, 1.6, 1, 1.2),
        Viseme.Open => new(2.0, 0.8, 1, 1.2),
        _ => new(0.9, 0.4, 1, 0.8),
    };

    private readonly record struct Dominance(double Aperture, double Rounding, double Closure, double Inner);

    private readonly record struct Segment(double Start, double End, LipShape Shape, Dominance Weights)
    {
        public bool IsRest => double.IsInfinity(Start) || double.IsInfinity(End);

        // The middle half of a segment is its core; rest has its whole length.
        public double CoreStart => double.IsInfinity(Start) ? Start : double.IsInfinity(End) ? Start + 0.03 : Start + 0.25 * (End - Start);
        public double CoreEnd => double.IsInfinity(End) ? End : double.IsInfinity(Start) ? End - 0.03 : End - 0.25 * (End - Start);
    }
}
