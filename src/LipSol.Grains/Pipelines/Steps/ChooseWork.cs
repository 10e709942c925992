using System.Globalization;
using LipSol.Contracts.Runs;
using LipSol.Pipelines;

namespace LipSol.Grains.Pipelines.Steps;

/// <summary><c>choose</c>: the run whose metric was best at some step of its training. Where two are as good, the one named first.</summary>
internal sealed class ChooseWork : IStepWork
{
    public string Kind => "choose";

    public Task<Dictionary<string, string>> InputsAsync(StepContext context) => Task.FromResult(Runs(context).ToDictionary(r => $"run of {r.Step}", r => r.Run));

    public Task<string?> WhyGoneAsync(StepContext context, IReadOnlyDictionary<string, string> left) => TrainWork.WhyRunIsGoneAsync(context.Grains, left[Outputs.Run]);

    public async Task<Dictionary<string, string>> DoAsync(StepContext context)
    {
        string metric = context.Step.Text("metric")!;
        bool low = ChooseKind.LowIsGood(context.Step);
        var values = new List<(string Step, RunRecord Run, double Value)>();
        var others = new SortedSet<string>(StringComparer.Ordinal);
        foreach ((string step, string id) in Runs(context))
        {
            if (await context.Grains.GetGrain<IRunGrain>(id).GetAsync() is not { } run) continue;
            others.UnionWith(run.Metrics.Keys);
            if (run.Metrics.TryGetValue(metric, out MetricSummary summary) && (low ? summary.Minimum : summary.Maximum) is var value && double.IsFinite(value)) values.Add((step, run, value));
        }
        if (values.Count == 0)
            throw new StepFailedException($"No run has a value of {metric}{(others.Contains(metric) ? " that is a number" : "")}. They have: {string.Join(", ", others)}.", again: false);
        (string chosen, RunRecord best, _) = low ? values.MinBy(v => v.Value) : values.MaxBy(v => v.Value);
        string compared = string.Join(", ", values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Step} {v.Value:0.####}")));
        return new Dictionary<string, string>
        {
            [Outputs.Run] = best.Id,
            [Outputs.Data] = best.Spec.DataHash,
            [Outputs.Corpus] = best.Spec.Corpus,
            ["chosen"] = chosen,
            [Outputs.Note] = $"{chosen} is chosen: {metric} is {compared}.",
        };
    }

    private static IEnumerable<(string Step, string Run)> Runs(StepContext context) =>
        context.Step.List("from").Select(context.Run().Step).Where(s => s.IsGood).Select(s => (s.Name, s.Left[Outputs.Run]));
}
