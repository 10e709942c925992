namespace LipSol.Pipelines;

/// <summary>Which notices a run that is over sends, and how often each is tried.</summary>
public static class NoticeRules
{
    /// <summary>Attempts after which a notice is given up.</summary>
    public const int MostAttempts = 6;

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(10);

    internal static IEnumerable<NoticeState> Of(PipelineRunState run, PipelineDefinition definition, DateTimeOffset now)
    {
        NoticeKind end = run.Status switch { PipelineStatus.Succeeded => NoticeKind.Succeeded, PipelineStatus.Cancelled => NoticeKind.Cancelled, _ => NoticeKind.Failed };
        var told = new List<(NoticeKind Kind, string? Step)> { (end, null) };
        foreach (StepState step in run.Steps)
        {
            if (step.Refused) told.Add((NoticeKind.Refused, step.Name));
            if (step.Status == StepStatus.Done && definition.Step(step.Name).Kind == "promote" && step.Left.GetValueOrDefault("promoted") == "true") told.Add((NoticeKind.Promoted, step.Name));
        }
        for (int i = 0; i < definition.Notices.Count; i++)
        {
            foreach ((NoticeKind kind, string? step) in told.Where(t => definition.Notices[i].On.Contains(t.Kind)))
            {
                // What happened in an earlier round was told then.
                string id = step is null ? $"{run.Pipeline}/{run.Number}/{run.Round}/{Kind(kind)}/{i}" : $"{run.Pipeline}/{run.Number}/{step}/{Kind(kind)}/{i}";
                if (run.Notices.All(n => n.Id != id)) yield return new NoticeState { Id = id, Kind = kind, Url = definition.Notices[i].Url, Step = step, NextAt = now };
            }
        }
    }

    internal static NoticeState AfterFailure(NoticeState notice, NoticeFailed failure, DateTimeOffset now, double jitter)
    {
        int attempts = notice.Attempts + 1;
        bool again = failure.Again && attempts < MostAttempts;
        return notice with { Attempts = attempts, Failure = failure.Reason, NextAt = again ? now + PipelineMachine.Backoff(FirstWait, attempts, jitter) : null };
    }

    /// <summary>A kind as notices and files name it.</summary>
    public static string Kind(NoticeKind kind) => kind.ToString().ToLowerInvariant();
}
