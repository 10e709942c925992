using LipSol.Language.Scoring;

namespace LipSol.Language.Decoding;

/// <summary>Settings tried on clips of <c>val</c>.</summary>
/// <param name="Settings">The settings.</param>
/// <param name="Words">The word error rate, by clip: errors and words said.</param>
/// <param name="Losses">−log probability of what was said among the texts that the decoder held, by clip; clips whose text it can't write are left out.</param>
internal sealed record DecoderTrial(DecoderSettings Settings, IReadOnlyList<(double Errors, double Words)> Words, IReadOnlyList<double> Losses)
{
    private double Wer => Words.Sum(c => c.Errors) / WordsSaid;

    private double Loss => Losses.DefaultIfEmpty(0).Average();

    private double WordsSaid => Math.Max(1, Words.Sum(c => c.Words));

    // The standard error of a ratio, by linearisation (Cochran 1977, 6.4). One word more or less is always luck.
    private double HighestWer => Wer + Math.Max(1 / WordsSaid, StandardError([.. Words.Select(c => (c.Errors - Wer * c.Words) * Words.Count / WordsSaid)]));

    // One clip more or less that is in doubt between two texts is luck too.
    private double HighestLoss => Loss + Math.Max(Math.Log(2) / Math.Max(1, Losses.Count), StandardError(Losses));

    /// <summary>Reads the clips with settings.</summary>
    public static DecoderTrial Of(DecoderSet set, DecoderSettings settings, IReadOnlyList<SaidText> clips, int threads)
    {
        // All that the beam held, not the best few alone.
        var readings = DecoderTuning.Read(set.Create(settings with { NBest = settings.BeamWidth }), [.. clips.Select(c => c.Clip)], threads);
        return new DecoderTrial(settings, [.. readings.Zip(clips, (reading, clip) => Counted(clip.Clip.Said, reading.Text))],
            [.. readings.Zip(clips).Where(p => p.Second.Writable(settings.Kind, set)).Select(p => p.Second.Loss(p.First, settings))]);
    }

    /// <summary>The settings to take: of those whose WER is within one standard error of the lowest, and of these those whose loss is, the ones that lean least on language model and bonus (see <see cref="DecoderTuning"/>).</summary>
    public static DecoderSettings Choose(IReadOnlyList<DecoderTrial> trials)
    {
        var best = trials.MinBy(t => t.Wer)!;
        DecoderTrial[] reading = [.. trials.Where(t => t.Wer <= best.HighestWer)];
        var likeliest = reading.MinBy(t => t.Loss)!;
        return reading.Where(t => t.Loss <= likeliest.HighestLoss)
            .OrderBy(t => t.Settings.LanguageModelWeight).ThenBy(t => Math.Abs(t.Settings.LetterBonus)).First().Settings;
    }

    private static (double, double) Counted(string said, string read)
    {
        var counts = ErrorCounts.Of(said, read);
        return (counts.WordErrors, counts.Words);
    }

    private static double StandardError(IReadOnlyList<double> values)
    {
        if (values.Count < 2) return 0;
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1) / values.Count);
    }
}
