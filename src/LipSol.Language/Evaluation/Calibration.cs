namespace LipSol.Language.Evaluation;

/// <summary>How far a model's confidence is from how often it's right.</summary>
public static class Calibration
{
    /// <summary>Expected calibration error: the mean distance of confidence and accuracy over equal-width bins, weighted by their samples (Guo et al. 2017).</summary>
    /// <returns>0 (confidence means what it says) to 1; 0 for no samples.</returns>
    public static double ExpectedError(IReadOnlyCollection<EvaluatedSample> samples, int bins = 15)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        if (samples.Count == 0) return 0;
        // The bins are (k/bins, (k+1)/bins]; a confidence of 0 belongs to the first.
        return samples.GroupBy(s => Math.Clamp((int)Math.Ceiling(s.Confidence * bins) - 1, 0, bins - 1)).Sum(bin =>
            Math.Abs(bin.Average(s => s.Expected == s.Text ? 1.0 : 0.0) - bin.Average(s => s.Confidence)) * bin.Count() / samples.Count);
    }
}
