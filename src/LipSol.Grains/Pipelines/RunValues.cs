using System.Globalization;
using LipSol.Pipelines;

namespace LipSol.Grains.Pipelines;

/// <summary>What stands for something of the run in a step's settings: <c>${day}</c>, the day it runs for, as <c>2026-11-30</c>; <c>${number}</c>, its number.</summary>
internal static class RunValues
{
    public static StepDefinition PutInto(StepDefinition step, PipelineRunState run) => step with
    {
        Settings = step.Settings.ToDictionary(s => s.Key, s => new StepSetting
        {
            Text = s.Value.Text is { } text ? Put(text, run) : null,
            List = s.Value.List,
            Table = s.Value.Table?.ToDictionary(t => t.Key, t => Put(t.Value, run)),
        }),
    };

    private static string Put(string text, PipelineRunState run) => text
        .Replace("${day}", run.Day, StringComparison.Ordinal)
        .Replace("${number}", run.Number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
