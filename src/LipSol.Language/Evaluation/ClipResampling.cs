using LipSol.Language.Scoring;

namespace LipSol.Language.Evaluation;

/// <summary>Draws clips with replacement within speakers and, where there are enough of them, the speakers too (Davison and Hinkley 1997, 3.2 and 3.8).</summary>
/// <remarks>
/// Samples of one clip stay together, since they share speaker, light and crop. Speakers seen in training and others are drawn apart: a test set has so many of
/// each by design. Below <see cref="EnoughSpeakers"/> of a kind the speakers stay as they are, and an interval is about these speakers only; then one with
/// fewer than <see cref="FewClips"/> clips, who would hardly vary alone, is drawn from together with others like that.
/// </remarks>
internal sealed class ClipResampling
{
    public const int FewClips = 5;

    // In simulations with 20 clips a speaker, drawing speakers and clips held the truth about speakers in general in 95 % of cases and more from 5 speakers on
    // (91 % with 3), whether or not the speakers differ; drawing clips alone in about 82 % where word accuracy differs by 0.1 between speakers.
    public const int EnoughSpeakers = 5;

    private readonly Group[] groups;

    private ClipResampling(Group[] groups, int clips, int speakers) => (this.groups, Clips, Speakers) = (groups, clips, speakers);

    public int Clips { get; }

    public int Speakers { get; }

    /// <summary>How many of the speakers are drawn rather than kept as they are.</summary>
    public int SpeakersDrawn => groups.Where(g => g.DrawsStrata).Sum(g => g.Strata.Length);

    /// <summary>Groups samples by clip. <paramref name="clipOf"/> gets each sample's clip, by position.</summary>
    public static ClipResampling Of(IReadOnlyList<EvaluatedSample> samples, out int[] clipOf)
    {
        var index = new Dictionary<(string Speaker, string Clip), int>();
        var seen = new Dictionary<string, bool>();
        clipOf = new int[samples.Count];
        for (var i = 0; i < samples.Count; i++)
        {
            var key = (samples[i].Speaker, ClipId(samples[i].Id));
            if (!index.TryGetValue(key, out var clip)) index[key] = clip = index.Count;
            clipOf[i] = clip;
            seen.TryAdd(samples[i].Speaker, samples[i].Seen);
        }
        var speakers = index.GroupBy(p => p.Key.Speaker, p => p.Value).Select(g => (Seen: seen[g.Key], Clips: g.ToArray()));
        return new ClipResampling([.. speakers.GroupBy(s => s.Seen, s => s.Clips).Select(g => Group.Of([.. g]))], index.Count, seen.Count);
    }

    /// <summary>One draw: how often each clip was taken.</summary>
    public void Draw(Random random, int[] timesTaken)
    {
        Array.Clear(timesTaken);
        foreach (var group in groups)
        {
            foreach (var stratum in group.Strata)
            {
                var drawn = group.DrawsStrata ? group.Strata[random.Next(group.Strata.Length)] : stratum;
                for (var n = 0; n < drawn.Length; n++) timesTaken[drawn[random.Next(drawn.Length)]]++;
            }
        }
    }

    public static ErrorCounts[] Sum(IReadOnlyList<EvaluatedSample> samples, int[] clipOf, int clips) =>
        Sum([.. samples.Select(s => ErrorCounts.Of(s.Expected, s.Text))], clipOf, clips);

    public static ErrorCounts[] Sum(IReadOnlyList<ErrorCounts> samples, int[] clipOf, int clips)
    {
        var sums = new ErrorCounts[clips];
        for (var i = 0; i < samples.Count; i++) sums[clipOf[i]] += samples[i];
        return sums;
    }

    public static ErrorCounts Weighted(ErrorCounts[] perClip, int[] timesTaken)
    {
        var sum = new ErrorCounts();
        for (var c = 0; c < perClip.Length; c++)
            if (timesTaken[c] > 0) sum += timesTaken[c] * perClip[c];
        return sum;
    }

    private static string ClipId(string sampleId)
    {
        var hash = sampleId.LastIndexOf('#');
        return hash > 0 && hash < sampleId.Length - 1 && sampleId.AsSpan(hash + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? sampleId[..hash] : sampleId;
    }

    /// <summary>Speakers that were all seen in training, or all not. A stratum holds the clips of one speaker, or of several with few.</summary>
    private sealed record Group(int[][] Strata, bool DrawsStrata)
    {
        public static Group Of(int[][] speakers)
        {
            if (speakers.Length >= EnoughSpeakers) return new Group(speakers, DrawsStrata: true);
            var few = speakers.Where(s => s.Length < FewClips).ToArray();
            return new Group([.. speakers.Except(few), .. few.Length == 0 ? Array.Empty<int[]>() : [few.SelectMany(s => s).ToArray()]], DrawsStrata: false);
        }
    }
}
