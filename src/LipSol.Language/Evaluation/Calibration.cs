namespace LipSol.Language.Evaluation;

/// <summary>One bar of a reliability diagram: the answers whose confidence is in (<paramref name="Low"/>, <paramref name="High"/>].</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Confidence">Their mean confidence; 0 for none.</param>
/// <param name="Accuracy">The share of them that is right; 0 for none.</param>
/// <param name="Count">How many.</param>
public sealed record ReliabilityBin(double Low, double High, double Confidence, double Accuracy, int Count);

/// <summary>Confidence against accuracy, of answers of any kind: samples, or the words of sentences.</summary>
/// <param name="Bins">Bins of equal width from 0 to 1, empty ones included.</param>
public sealed record ReliabilityDiagram(IReadOnlyList<ReliabilityBin> Bins)
{
    /// <summary>Expected calibration error: the mean distance of confidence and accuracy over the bins, weighted by their answers (Guo et al. 2017).</summary>
    /// <value>0 (confidence means what it says) to 1; 0 for no answers.</value>
    public double ExpectedError => Bins.Sum(b => Math.Abs(b.Accuracy - b.Confidence) * b.Count / Math.Max(1, Bins.Sum(c => c.Count)));
}

/// <summary>How far a model's confidence is from how often it's right.</summary>
public static class Calibration
{
    /// <summary>Expected calibration error of whole samples (<see cref="ReliabilityDiagram.ExpectedError"/>).</summary>
    /// <returns>0 (confidence means what it says) to 1; 0 for no samples.</returns>
    public static double ExpectedError(IReadOnlyCollection<EvaluatedSample> samples, int bins = 15) =>
        Reliability(samples.Select(s => (s.Confidence, s.Expected == s.Text)), bins).ExpectedError;

    /// <summary>The reliability diagram of answers.</summary>
    public static ReliabilityDiagram Reliability(IEnumerable<(double Confidence, bool Correct)> answers, int bins = 15)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        // The bins are (k/bins, (k+1)/bins]; a confidence of 0 belongs to the first.
        var binned = answers.ToLookup(a => Math.Clamp((int)Math.Ceiling(a.Confidence * bins) - 1, 0, bins - 1));
        return new([.. Enumerable.Range(0, bins).Select(k => new ReliabilityBin(k / (double)bins, (k + 1) / (double)bins,
            binned[k].Select(a => a.Confidence).DefaultIfEmpty(0).Average(), binned[k].Select(a => a.Correct ? 1.0 : 0.0).DefaultIfEmpty(0).Average(), binned[k].Count()))]);
    }
}
