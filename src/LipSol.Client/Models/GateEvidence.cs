namespace LipSol.Client;

/// <summary>What the gate found. <see cref="PromotionDecision.Candidate"/>, <see cref="PromotionDecision.Production"/> and <see cref="PromotionDecision.ProbabilityBetter"/> belong to its comparison.</summary>
/// <param name="Passes">Whether the version passes. One that does and isn't promoted couldn't be loaded.</param>
/// <param name="Checks">Every threshold with the version's figure.</param>
/// <param name="DataHash">MD5 of the manifest of the corpus that it was measured on.</param>
/// <param name="TestHash">MD5 over the test samples and what is said in them.</param>
/// <param name="Evaluation">Its results clip by clip: the artifact's MD5.</param>
/// <param name="Comparison">The comparison with the version in production; null where nothing was.</param>
public sealed record GateEvidence(bool Passes, IReadOnlyList<GateCheck> Checks, string DataHash, string TestHash, string Evaluation, GateComparison? Comparison);

/// <summary>A threshold and the figure that reaches it or doesn't.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Threshold">What it must reach.</param>
/// <param name="Figure">The version's, with its 95 % interval.</param>
/// <param name="Passes">Whether it does.</param>
public sealed record GateCheck(string Metric, double Threshold, Estimate Figure, bool Passes);

/// <summary>The candidate against the version in production on the same test clips (paired bootstrap).</summary>
/// <param name="Passes">Whether the candidate is better at the confidence asked for.</param>
/// <param name="Difference">The candidate's figure minus that of production, with its 95 % interval.</param>
/// <param name="Clips">Test clips drawn from.</param>
/// <param name="Resamples">Draws.</param>
/// <param name="Evaluation">Production's results on these clips: the artifact's MD5.</param>
/// <param name="MeasuredForThis">Production had no results on these clips and was measured on them for this.</param>
public sealed record GateComparison(bool Passes, Estimate Difference, int Clips, int Resamples, string Evaluation, bool MeasuredForThis);
