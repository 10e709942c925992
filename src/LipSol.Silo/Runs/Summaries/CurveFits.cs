using LipSol.Client;
using LipSol.Language.Evaluation;
using LipSol.Silo.Http;

namespace LipSol.Silo.Runs.Summaries;

/// <summary>Fits curves to groups of runs that grow: each run is a point, so that what seeds and the choice of clips do shows as spread around the curve.</summary>
internal static class CurveFits
{
    private const int FewestSizes = 3;
    private const int Drawn = 25;
    // As far as a picture shows, and a forecast is worth anything.
    private const double Beyond = 4;

    public static Dictionary<string, CurveFit> Of(IReadOnlyList<RunGroupSummary> groups, StudyKind grows, IReadOnlyDictionary<string, double> targets)
    {
        if (grows is not (StudyKind.OverClips or StudyKind.OverSpeakers)) throw ApiException.BadRequest($"curve is {grows}: only {StudyKind.OverClips} and {StudyKind.OverSpeakers} grow.");
        double SizeOf(RunGroupSummary group) => grows == StudyKind.OverClips ? group.TrainClips : group.TrainSpeakers;
        var fits = new Dictionary<string, CurveFit>();
        foreach (var metric in groups.SelectMany(g => g.Figures.Keys).Distinct())
        {
            var rises = Metric.Parse(metric).HigherIsBetter;
            double Turn(double value) => rises ? 1 - value : value;
            LearningPoint[] points = [.. from g in groups where SizeOf(g) > 0 from run in g.Runs where run.Figures.ContainsKey(metric) select new LearningPoint(SizeOf(g), Math.Max(0, Turn(run.Figures[metric])))];
            if (points.Select(p => p.Size).Distinct().Count() < FewestSizes) continue;
            var curve = LearningCurve.Fit(points);
            var (smallest, largest) = (curve.Points[0].Size, curve.Points[^1].Size);
            var present = curve.Points.Where(p => p.Size == largest).Average(p => p.Error);
            var needed = curve.Needed(targets.TryGetValue(metric, out var target) ? Turn(target) : present / 2);
            fits[metric] = new CurveFit(curve.Law.Asymptote, curve.HasAsymptote, curve.Law.Exponent,
                [.. Enumerable.Range(0, Drawn).Select(i => smallest * Math.Pow(largest * Beyond / smallest, i / (Drawn - 1.0))).Select(size => Expected(curve.At(size)))],
                new NeededSize(Turn(needed.Target), needed.Size, needed.More, needed.Low, needed.High, needed.Reaching));

            // An error's upper end is an accuracy's lower one.
            ExpectedValue Expected(ExpectedError e) => rises ? new(e.Size, Turn(e.Error), Turn(e.High), Turn(e.Low), e.Beyond) : new(e.Size, e.Error, e.Low, e.High, e.Beyond);
        }
        return fits;
    }
}
