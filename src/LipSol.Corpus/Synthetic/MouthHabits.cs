using LipSol.Clips;
using LipSol.Language.Lips;

namespace LipSol.Corpus.Synthetic;

/// <summary>What a speaker makes of a lip shape: how far this mouth goes, and that living lips never keep quite still.</summary>
internal sealed class MouthHabits(SyntheticSpeaker speaker, SeededRandom random)
{
    private readonly double _opening = speaker.Opening * (1 + random.Bell(0.05));
    private readonly double _rounding = speaker.Rounding * (1 + random.Bell(0.05));
    private readonly double _rest = Math.Max(0, speaker.RestOpening + random.Bell(0.012));
    private readonly double _smile = random.Bell(0.05);
    private readonly double _phase = random.Between(0, 2 * Math.PI);

    public SyntheticFaceFrame Apply(LipShape shape, double time, SyntheticFaceFrame head)
    {
        var stir = 0.012 * Math.Sin(2 * Math.PI * 0.9 * time + _phase);
        var press = Math.Clamp(shape.Press * 1.15, 0, 1);
        var bite = Math.Clamp(shape.LipBite * 1.15, 0, 1);
        var opening = Math.Clamp((shape.Opening * _opening + _rest + stir) * (1 - press) * (1 - 0.6 * bite), 0, 1);
        // Teeth and tongue show through the gap, so they need one.
        var seen = Math.Clamp(opening / 0.12, 0, 1);
        return head with
        {
            Opening = HeadMotion.Tidy(opening),
            Spread = HeadMotion.Tidy(Math.Clamp(shape.Spread * _rounding + _smile + stir, -1, 1)),
            Protrusion = HeadMotion.Tidy(Math.Clamp(shape.Protrusion * _rounding, 0, 1)),
            LipBite = HeadMotion.Tidy(bite),
            Press = HeadMotion.Tidy(press),
            Teeth = HeadMotion.Tidy(Math.Clamp(shape.Teeth * speaker.Teeth * Math.Max(seen, bite), 0, 1)),
            Tongue = HeadMotion.Tidy(Math.Clamp(shape.Tongue * seen, 0, 1)),
            Jaw = HeadMotion.Tidy(Math.Clamp(shape.Jaw * _opening, 0, 1)),
        };
    }
}
