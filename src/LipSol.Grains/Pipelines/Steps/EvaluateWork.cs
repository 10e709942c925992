using System.Globalization;
using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Grains.Models;
using LipSol.Grains.Ports;
using LipSol.Language.Evaluation;
using LipSol.Pipelines;

namespace LipSol.Grains.Pipelines.Steps;

/// <summary><c>evaluate</c>: figures over the test split. On a run's own data they are what the run measured at its end; else the model reads the split now.</summary>
internal sealed class EvaluateWork(ICorpusSources corpora, IModelRuntime runtime) : IStepWork
{
    private static readonly string[] Told = ["word_accuracy", "sentence_accuracy", "wer", "cer"];

    public string Kind => "evaluate";

    public async Task<Dictionary<string, string>> InputsAsync(StepContext context)
    {
        (string what, _, RunOutcome outcome, string own) = await ModelAsync(context);
        return new() { ["model"] = $"{what} ({outcome.ModelArtifact})", ["data"] = await DataAsync(context, own) };
    }

    // Figures are kept in the step itself.
    public Task<string?> WhyGoneAsync(StepContext context, IReadOnlyDictionary<string, string> left) => Task.FromResult<string?>(null);

    public async Task<Dictionary<string, string>> DoAsync(StepContext context)
    {
        (string what, string run, RunOutcome outcome, string own) = await ModelAsync(context);
        string data = await DataAsync(context, own);
        Dictionary<string, Estimate> figures = data == own ? outcome.Figures : await MeasureAsync(outcome.ModelArtifact, data, context.Cancelled);
        var left = new Dictionary<string, string> { ["run of model"] = run, ["test data"] = data };
        foreach ((string name, Estimate figure) in figures.Where(f => !f.Key.Contains("speaker:", StringComparison.Ordinal)))
            left[name] = string.Create(CultureInfo.InvariantCulture, $"{figure.Value:0.####} [{figure.Low:0.####}, {figure.High:0.####}] of {figure.Count}");
        IEnumerable<string> brief = Told.Where(figures.ContainsKey).Select(name => string.Create(CultureInfo.InvariantCulture, $"{name} {figures[name].Value:0.###}"));
        left[Outputs.Note] = $"{what}: {string.Join(", ", brief)}.";
        return left;
    }

    private async Task<Dictionary<string, Estimate>> MeasureAsync(string artifact, string data, CancellationToken cancellationToken)
    {
        Evaluation evaluation = await runtime.EvaluateAsync(artifact, data, decoder: null, cancellationToken);
        EvaluationReport report = await Task.Run(() => EvaluationReport.From(evaluation), cancellationToken);
        return report.Figures.ToDictionary(f => f.Key, f => new Estimate(f.Value.Value, f.Value.Low, f.Value.High, f.Value.Count));
    }

    private static async Task<(string What, string Run, RunOutcome Outcome, string Data)> ModelAsync(StepContext context)
    {
        if (context.Left("of") is { } left)
        {
            string id = left[Outputs.Run];
            RunRecord record = await context.Grains.GetGrain<IRunGrain>(id).GetAsync() ?? throw new StepFailedException($"There's no run {id} any more.", again: false);
            return ($"run {id}", id, record.Outcome ?? throw new StepFailedException($"Run {id} is {PipelineGrain.Word(record.Status)}: only a completed run left a model.", again: false), record.Spec.DataHash);
        }
        string[] named = context.Step.Text("model")!.Split('@', 2);
        ModelRecord model = await context.Grains.GetGrain<IModelGrain>(named[0]).GetAsync() ?? throw new StepFailedException($"There's no model {named[0]}. `lipsol models list` names them all.", again: false);
        string alias = named.Length > 1 ? named[1] : ModelNames.Production;
        int number = int.TryParse(alias, NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given
            : model.Aliases.TryGetValue(alias, out int aliased) ? aliased : throw new StepFailedException($"{named[0]} has nothing at '{alias}'. Promote a version, or name one, as {named[0]}@1.", again: false);
        ModelVersion version = model.Versions.Find(v => v.Version == number) ?? throw new StepFailedException($"{named[0]} has no version {number}.", again: false);
        return ($"{named[0]} version {number}", version.RunId, version.Outcome, version.DataHash);
    }

    private async Task<string> DataAsync(StepContext context, string own) => context.Left("data") is { } prepared ? prepared[Outputs.Data]
        : context.Step.Text("corpus") is { } corpus ? await corpora.FindAsync(corpus, context.Cancelled) ?? throw TrainWork.NoCorpus(corpus) : own;
}
