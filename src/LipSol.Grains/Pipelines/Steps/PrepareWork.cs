using System.Globalization;
using LipSol.Grains.Ports;
using LipSol.Pipelines;

namespace LipSol.Grains.Pipelines.Steps;

/// <summary><c>prepare</c>: an import. A folder that hasn't changed isn't read again.</summary>
internal sealed class PrepareWork(ICorpusSources corpora) : IStepWork
{
    public string Kind => "prepare";

    public async Task<Dictionary<string, string>> InputsAsync(StepContext context) => new() { ["recordings"] = await corpora.LookAsync(context.Step.Text("folder")!, context.Cancelled) };

    public async Task<string?> WhyGoneAsync(StepContext context, IReadOnlyDictionary<string, string> left)
    {
        string corpus = left[Outputs.Corpus];
        string? now = await corpora.FindAsync(corpus, context.Cancelled);
        return now is null ? $"there's no corpus {corpus} any more" : now != left[Outputs.Data] ? $"{corpus} is another version by now" : null;
    }

    public async Task<Dictionary<string, string>> DoAsync(StepContext context)
    {
        StepDefinition step = context.Step;
        ImportedCorpus imported = await corpora.ImportAsync(new CorpusImport(step.Text("corpus")!, step.Text("layout")!, step.Text("folder")!, step.Table("options"),
            step.Text("jobs") is { } jobs ? int.Parse(jobs, CultureInfo.InvariantCulture) : null), context.Tell, context.Cancelled);
        return new Dictionary<string, string>
        {
            [Outputs.Corpus] = step.Text("corpus")!,
            [Outputs.Data] = imported.DataHash,
            [Outputs.Note] = string.Create(CultureInfo.InvariantCulture, $"{imported.Clips} clips, {imported.Prepared} of them new{(imported.Refused > 0 ? $", {imported.Refused} unusable" : "")}."),
        };
    }
}
