using LipSol.Client;
using LipSol.Contracts.Pipelines;
using LipSol.Pipelines;
using PipelineHistory = LipSol.Client.PipelineHistory;

namespace LipSol.Silo.Pipelines;

/// <summary>From what the grains keep to what is answered.</summary>
internal static class PipelineMapping
{
    public static Pipeline ToMessage(this PipelineRecord record)
    {
        var definition = Read(record.Definition, out var problem);
        var schedule = definition?.Schedule is { } declared ? PipelineSchedule.Of(declared) : null;
        return new Pipeline
        {
            Name = record.Name,
            About = definition?.About,
            DefinitionVersion = record.DefinitionVersion,
            Definition = record.Definition,
            RegisteredAt = record.RegisteredAt,
            By = record.By,
            Paused = record.Paused,
            Cron = definition?.Schedule?.Cron,
            Zone = definition?.Schedule?.Zone,
            Problem = problem,
            Next = record.Next,
            NextTold = record.Next is { } next ? schedule?.Tell(next) : null,
            Running = record.Running,
            Waiting = record.Waiting,
            LastNumber = record.LastNumber,
            Last = record.Last?.ToMessage(schedule),
            Picture = Draw(definition is null ? Unread(record.Name, problem) : PictureStep.Of(definition), record.Name),
        };
    }

    private static PipelineRunEntry ToMessage(this PipelineRunSummary run, PipelineSchedule? schedule) => new()
    {
        Number = run.Number,
        Status = run.Status == "left-out" ? PipelineRunStatus.LeftOut : Enum.Parse<PipelineRunStatus>(run.Status, ignoreCase: true),
        Trigger = run.Trigger,
        For = run.For,
        ForTold = schedule?.Tell(run.For),
        StartedAt = run.StartedAt,
        EndedAt = run.EndedAt,
        DefinitionVersion = run.DefinitionVersion,
        Note = run.Note,
        By = run.By,
        Done = run.Done,
        Cached = run.Cached,
        Failed = run.Failed,
    };

    /// <summary>What happened to a pipeline, told on the clocks on which it runs now.</summary>
    public static PipelineHistory ToMessage(this Contracts.Pipelines.PipelineHistory history, PipelineRecord pipeline)
    {
        var schedule = Read(pipeline.Definition, out _)?.Schedule is { } declared ? PipelineSchedule.Of(declared) : null;
        return new([.. history.Entries.Select(e => e.ToMessage(schedule))], history.Total);
    }

    public static PipelineRun ToMessage(this PipelineRunRecord record, int? newestDefinition, DateTimeOffset now)
    {
        var run = PipelineRunState.FromJson(record.State);
        var definition = Read(run.Definition, out _) ?? PipelineDefinition.Remains(run);
        return new PipelineRun
        {
            Pipeline = run.Pipeline,
            Number = run.Number,
            DefinitionVersion = run.DefinitionVersion,
            NewerDefinition = newestDefinition > run.DefinitionVersion ? newestDefinition : null,
            Status = Enum.Parse<PipelineRunStatus>(run.Status.ToString()),
            Reason = run.Reason,
            Trigger = run.Trigger.ToString().ToLowerInvariant(),
            By = run.By,
            For = run.For,
            Day = run.Day,
            StartedAt = run.CreatedAt,
            EndedAt = run.EndedAt,
            Steps = [.. run.Steps.Select(s => Step(s, definition.Step(s.Name), record.Progress.GetValueOrDefault(s.Name)))],
            Notices = [.. run.Notices.Select(n => new PipelineNotice(n.Id, NoticeRules.Kind(n.Kind), n.Url, n.Attempts, n.DeliveredAt, n.Failure))],
            Picture = Draw([.. PictureStep.Of(definition, run, now)], FormattableString.Invariant($"{run.Pipeline}, run {run.Number}")),
        };
    }

    /// <summary>A run that waits for others.</summary>
    public static PipelineRun NotBegun(PipelineRecord pipeline, int number)
    {
        var definition = Read(pipeline.Definition, out var problem);
        return new PipelineRun
        {
            Pipeline = pipeline.Name,
            Number = number,
            DefinitionVersion = pipeline.DefinitionVersion,
            Status = PipelineRunStatus.Waiting,
            Trigger = "",
            Steps = definition is null ? [] : [.. StepGraph.InOrder(definition.Steps).Select(s => Step(new StepState { Name = s.Name }, s, null))],
            Picture = Draw(definition is null ? Unread(pipeline.Name, problem) : PictureStep.Of(definition), FormattableString.Invariant($"{pipeline.Name}, run {number}")),
        };
    }

    // One that an earlier LipSol took, or whose time zone this node doesn't know, is shown all the same.
    private static PipelineDefinition? Read(string definition, out string? problem)
    {
        try
        {
            problem = null;
            return PipelineFile.Read(definition);
        }
        catch (PipelineFileException e)
        {
            problem = e.Message;
            return null;
        }
    }

    private static PictureStep[] Unread(string name, string? problem) => [new PictureStep(name, "", null, [], problem, null)];

    private static PipelineStep Step(StepState state, StepDefinition definition, string? progress) => new()
    {
        Name = state.Name,
        Title = definition.Title,
        Kind = definition.Kind,
        Status = Enum.Parse<PipelineStepStatus>(state.Status.ToString()),
        Needs = [.. StepGraph.Needs(definition)],
        Why = state.Why,
        Failure = state.Failure,
        Tries = state.Try,
        Progress = state.Status == StepStatus.Running ? progress : null,
        Left = state.Left.ToDictionary(),
        TakenFrom = state.TakenFrom,
        StartedAt = state.StartedAt,
        EndedAt = state.EndedAt,
        NextTryAt = state.NextTryAt,
    };

    private static PipelinePicture Draw(IReadOnlyList<PictureStep> steps, string title) => new(TextPicture.Draw(steps), SvgPicture.Draw(steps, title));
}
