using LipSol.Client;
using LipSol.Contracts.Models;
using LipSol.Language.Evaluation;
using LipSol.Silo.Http;

namespace LipSol.Silo.Models;

/// <summary>What is asked of a version, from the request for its promotion.</summary>
internal static class GatePolicies
{
    private const double UsualThreshold = 0.8;
    private const int LongestKey = 200, LongestNote = 2000;

    /// <exception cref="ApiException">It makes no sense: 400.</exception>
    public static GatePolicy Of(Promote promote)
    {
        RequireMetric(promote.Metric);
        if (!(promote.Confidence is > 0 and < 1)) throw ApiException.BadRequest($"confidence is {promote.Confidence}. Give a number between 0 and 1, e.g. 0.95.");
        if (promote.Threshold is { } own && !double.IsFinite(own)) throw ApiException.BadRequest($"threshold is {own}. Give a number, e.g. 0.8.");
        var others = promote.Thresholds ?? new Dictionary<string, double>();
        foreach (var (metric, threshold) in others)
        {
            RequireMetric(metric);
            if (!double.IsFinite(threshold)) throw ApiException.BadRequest($"The threshold of {metric} is {threshold}. Give a number, e.g. 0.2.");
        }
        if (promote.Key?.Length > LongestKey) throw ApiException.BadRequest($"key has {promote.Key.Length} characters. Give one of at most {LongestKey}.");
        if (promote.Note?.Length > LongestNote) throw ApiException.BadRequest($"note has {promote.Note.Length} characters. Give one of at most {LongestNote}.");
        return new GatePolicy
        {
            Metric = promote.Metric,
            Threshold = promote.Threshold ?? (others.Count == 0 ? UsualThreshold : null),
            Thresholds = new Dictionary<string, double>(others),
            Confidence = promote.Confidence,
        };
    }

    private static void RequireMetric(string metric)
    {
        try
        {
            Metric.Parse(metric);
        }
        catch (ArgumentException e)
        {
            throw ApiException.BadRequest(e.Message);
        }
    }
}
