using LipSol.Clips;

namespace LipSol.Corpus.Synthetic;

/// <summary>A drawn speaker: how they look, and how they speak.</summary>
public sealed record SyntheticSpeaker
{
    /// <summary>The name in the corpus.</summary>
    public required string Name { get; init; }
    /// <summary>Whether they are in <c>train</c>.</summary>
    public required bool Seen { get; init; }
    /// <summary>How they look.</summary>
    public required SyntheticFace Face { get; init; }
    /// <summary>Length of their words, 1 = average.</summary>
    public required double Tempo { get; init; }
    /// <summary>How far they open the mouth, 1 = fully.</summary>
    public required double Opening { get; init; }
    /// <summary>How far they spread and round the lips.</summary>
    public required double Rounding { get; init; }
    /// <summary>How much of the teeth shows.</summary>
    public required double Teeth { get; init; }
    /// <summary>How far gestures reach into their neighbours, 1 = average.</summary>
    public required double Coarticulation { get; init; }
    /// <summary>Lips at rest: slightly apart in some people.</summary>
    public required double RestOpening { get; init; }
    /// <summary>How much the head moves, 1 = average.</summary>
    public required double Restlessness { get; init; }
    /// <summary>The light they sit in.</summary>
    public required double Light { get; init; }
    /// <summary>Where it comes from, −1 left to 1 right.</summary>
    public required double LightSide { get; init; }
    /// <summary>Their camera's noise, grey levels.</summary>
    public required double Noise { get; init; }

    /// <summary>The corpus' speakers. Each trait is spread evenly over its range among them (Latin hypercube), so that a few speakers differ in everything.</summary>
    public static IReadOnlyList<SyntheticSpeaker> Cast(SyntheticCorpusOptions options)
    {
        var count = options.SeenSpeakers + options.UnseenSpeakers;
        double[] Trait(string name, double low, double high)
        {
            var random = SeededRandom.For(options.Seed, "trait/" + name);
            var values = Enumerable.Range(0, count).Select(i => Math.Round(low + (high - low) * (i + random.Next()) / count, 4)).ToArray();
            random.Shuffle(values);
            return values;
        }
        double[] aspect = Trait("aspect", 0.70, 0.80), eyes = Trait("eyes", 0.41, 0.47), nose = Trait("nose", 0.20, 0.24), width = Trait("width", 0.32, 0.40),
            fullness = Trait("fullness", 0.8, 1.25), height = Trait("height", 0.225, 0.255), beard = Trait("beard", -0.5, 0.5), scale = Trait("scale", 0.56, 0.68),
            skin = Trait("skin", 0, 1), lips = Trait("lips", 0, 1), hair = Trait("hair", 0, 1), ground = Trait("background", 0, 1),
            tempo = Trait("tempo", 0.9, 1.1), opening = Trait("opening", 0.75, 1.0), rounding = Trait("rounding", 0.78, 1.0), teeth = Trait("teeth", 0.6, 1.0),
            coarticulation = Trait("coarticulation", 0.85, 1.15), rest = Trait("rest", 0, 0.05), restless = Trait("restlessness", 0.5, 1.3),
            light = Trait("light", 0.85, 1.12), side = Trait("side", -0.6, 0.6), noise = Trait("noise", 1.5, 3.5);
        return [.. Enumerable.Range(0, count).Select(i => new SyntheticSpeaker
        {
            Name = i < options.SeenSpeakers ? $"seen-{i + 1}" : $"unseen-{i - options.SeenSpeakers + 1}",
            Seen = i < options.SeenSpeakers,
            Face = new SyntheticFace
            {
                Aspect = aspect[i],
                Skin = Colours.Skin(skin[i]),
                Lips = Colours.Lips(skin[i], lips[i]),
                Hair = Colours.Hair(hair[i]),
                Background = Colours.Background(ground[i]),
                EyeDistance = eyes[i],
                NoseLength = nose[i],
                MouthWidth = width[i],
                LipFullness = fullness[i],
                MouthHeight = height[i],
                Beard = Math.Max(0, beard[i]),
                Scale = scale[i],
            },
            Tempo = tempo[i],
            Opening = opening[i],
            Rounding = rounding[i],
            Teeth = teeth[i],
            Coarticulation = coarticulation[i],
            RestOpening = rest[i],
            Restlessness = restless[i],
            Light = light[i],
            LightSide = side[i],
            Noise = noise[i],
        })];
    }
}
