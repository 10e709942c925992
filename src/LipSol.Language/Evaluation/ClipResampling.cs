using LipSol.Language.Scoring;

namespace LipSol.Language.Evaluation;

/// <summary>Draws clips with replacement within speakers (the stratified cluster bootstrap: Davison and Hinkley 1997, 3.2 and 3.8).</summary>
/// <remarks>
/// Samples of one clip stay together, since they share speaker, light and crop. A speaker with fewer than <see cref="FewClips"/> clips would
/// hardly vary on its own: all such speakers are drawn from together.
/// </remarks>
internal sealed class ClipResampling
{
    public const int FewClips = 5;
    private readonly int[][] _strata;

    private ClipResampling(int[][] strata, int clips) => (_strata, Clips) = (strata, clips);

    public int Clips { get; }

    /// <summary>Groups samples by clip. <paramref name="clipOf"/> gets each sample's clip, by position.</summary>
    public static ClipResampling Of(IReadOnlyList<EvaluatedSample> samples, out int[] clipOf)
    {
        var index = new Dictionary<(string Speaker, string Clip), int>();
        clipOf = new int[samples.Count];
        for (var i = 0; i < samples.Count; i++)
        {
            var key = (samples[i].Speaker, ClipId(samples[i].Id));
            if (!index.TryGetValue(key, out var clip)) index[key] = clip = index.Count;
            clipOf[i] = clip;
        }
        var strata = index.GroupBy(p => p.Key.Speaker, p => p.Value).Select(g => g.ToArray()).ToList();
        var few = strata.Where(s => s.Length < FewClips).ToArray();
        return new ClipResampling([.. strata.Except(few), .. few.Length == 0 ? Array.Empty<int[]>() : [few.SelectMany(s => s).ToArray()]], index.Count);
    }

    /// <summary>One draw: how often each clip was taken.</summary>
    public void Draw(Random random, int[] timesTaken)
    {
        Array.Clear(timesTaken);
        foreach (var stratum in _strata)
            for (var n = 0; n < stratum.Length; n++)
                timesTaken[stratum[random.Next(stratum.Length)]]++;
    }

    public static ErrorCounts[] Sum(IReadOnlyList<EvaluatedSample> samples, int[] clipOf, int clips)
    {
        var sums = new ErrorCounts[clips];
        for (var i = 0; i < samples.Count; i++) sums[clipOf[i]] += ErrorCounts.Of(samples[i].Expected, samples[i].Text);
        return sums;
    }

    public static ErrorCounts Weighted(ErrorCounts[] perClip, int[] timesTaken)
    {
        var sum = new ErrorCounts();
        for (var c = 0; c < perClip.Length; c++)
        {
            var (n, x) = (timesTaken[c], perClip[c]);
            if (n > 0) sum += new ErrorCounts(n * x.WordErrors, n * x.Words, n * x.CharacterErrors, n * x.Characters, n * x.Correct, n * x.Samples);
        }
        return sum;
    }

    private static string ClipId(string sampleId)
    {
        var hash = sampleId.LastIndexOf('#');
        return hash > 0 && hash < sampleId.Length - 1 && sampleId.AsSpan(hash + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? sampleId[..hash] : sampleId;
    }
}
