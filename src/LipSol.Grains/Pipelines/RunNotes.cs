using System.Text.Encodings.Web;
using System.Text.Json;
using LipSol.Pipelines;

namespace LipSol.Grains.Pipelines;

/// <summary>What is said of a run in a line, and in a notice.</summary>
internal static class RunNotes
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What failed, was promoted or refused.</summary>
    public static string Of(PipelineRunState run)
    {
        IEnumerable<string> failed = run.Steps.Where(s => s.Status == StepStatus.Failed).Select(s => $"{s.Name} failed: {s.Failure}");
        IEnumerable<string> decided = run.Steps.Where(s => s.IsGood && (s.Refused || s.Left.ContainsKey("promoted"))).Select(s => s.Left.GetValueOrDefault(Outputs.Note) ?? "");
        return string.Join(' ', new[] { run.Status == PipelineStatus.Cancelled ? $"Cancelled: {run.Reason}" : run.Status == PipelineStatus.Failed ? run.Reason ?? "" : "" }.Concat(failed).Concat(decided).Where(t => t.Length > 0));
    }

    /// <summary>A notice, as it's sent.</summary>
    public static string Body(PipelineRunState run, NoticeState notice)
    {
        StepState? step = notice.Step is { } name ? run.Step(name) : null;
        return JsonSerializer.Serialize(new
        {
            notice.Id,
            Kind = NoticeRules.Kind(notice.Kind),
            run.Pipeline,
            Run = run.Number,
            run.Day,
            Status = PipelineGrain.Word(run.Status),
            Step = notice.Step,
            Model = step?.Left.GetValueOrDefault(Outputs.Model),
            Version = step?.Left.GetValueOrDefault(Outputs.Version),
            Note = step is null ? Of(run) : step.Left.GetValueOrDefault(Outputs.Note),
            run.CreatedAt,
            run.EndedAt,
        }, Options);
    }
}
