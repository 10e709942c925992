using System.Globalization;
using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>A pipeline, its runs and what happened, in a notebook. While a run goes on, show it again with each that <see cref="PipelinesClient.FollowAsync"/> gives.</summary>
internal static class PipelineHtml
{
    public static string Of(Pipeline pipeline) =>
        $"<div><strong>{Markup.Encode(pipeline.Name)}</strong> <span class=\"soft\">{Markup.Encode(pipeline.About)}</span></div>"
        + $"<div>{Markup.Encode(pipeline.Paused ? "Its schedule is paused." : pipeline.NextTold is { } next ? $"Next run {next} ({pipeline.Cron})." : "It runs by hand only.")} <span class=\"soft\">definition {pipeline.DefinitionVersion}, by {Markup.Encode(pipeline.By)}</span></div>"
        + pipeline.Picture.Svg;

    public static string Of(PipelineRun run)
    {
        var html = new StringBuilder(Markup.Invariant($"<div><strong>{Markup.Encode(run.Pipeline)}, run {run.Number}</strong> for {Markup.Encode(run.Day)}: {Markup.Encode(Word(run.Status.ToString()))}"));
        if (run.NewerDefinition is { } newer) html.Append(Markup.Invariant($" <span class=\"soft\">by definition {run.DefinitionVersion}; the next run begins with {newer}</span>"));
        html.Append("</div>").Append(run.Picture.Svg).Append("<table><tr><th>Step</th><th></th><th>Took</th><th>Why, and what came out</th></tr>");
        foreach (var step in run.Steps)
        {
            var took = step.EndedAt - step.StartedAt is { TotalSeconds: >= 0 } duration && step.Status != PipelineStepStatus.Cached ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.#} s") : "";
            var said = string.Join(' ', new[] { step.Progress, step.Failure, step.Left.GetValueOrDefault("note"), step.Why }.Where(t => !string.IsNullOrEmpty(t)));
            html.Append($"<tr><td><bdi>{Markup.Encode(step.Title ?? step.Name)}</bdi></td><td>{Markup.Encode(Word(step.Status.ToString()))}</td><td>{took}</td><td class=\"soft\">{Markup.Encode(said)}</td></tr>");
        }
        return html.Append("</table>").ToString();
    }

    public static string Of(PipelineHistory history)
    {
        var html = new StringBuilder("<table><tr><th>Run</th><th>For</th><th></th><th>Took</th><th>Done</th><th>As before</th><th>What came out</th></tr>");
        foreach (var run in history.Entries)
            html.Append(Markup.Invariant($"<tr><td>{(run.Number == 0 ? "–" : run.Number.ToString(CultureInfo.InvariantCulture))}</td><td>{Markup.Encode(run.ForTold ?? Markup.Invariant($"{run.For:yyyy-MM-dd HH:mm} UTC"))}</td><td>{Markup.Encode(Word(run.Status.ToString()))}</td><td>{(run.Duration is { } took && run.Number > 0 ? Markup.Invariant($"{took.TotalSeconds:0} s") : "")}</td><td>{run.Done}</td><td>{run.Cached}</td><td class=\"soft\">{Markup.Encode(run.Note)}</td></tr>"));
        return html.Append("</table>").ToString();
    }

    private static string Word(string status) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(status).Replace('-', ' ');
}
