namespace LipSol.Pipelines;

/// <summary>A pipeline as someone wrote it down: steps that depend on each other, and when they run. Read with <see cref="PipelineFile.Read"/>, which lets only sound ones through.</summary>
public sealed record PipelineDefinition
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }
    /// <summary>What it's for, for people.</summary>
    public string? About { get; init; }
    /// <summary>When it runs; null: by hand only.</summary>
    public ScheduleDefinition? Schedule { get; init; }
    /// <summary>What becomes of a run that is due while the one before still runs.</summary>
    public OverlapRule Overlap { get; init; } = OverlapRule.Skip;
    /// <summary>Who is told what.</summary>
    public IReadOnlyList<NoticeDefinition> Notices { get; init; } = [];
    /// <summary>The steps, as they were written; see <see cref="StepGraph.InOrder"/> for the order in which they run.</summary>
    public required IReadOnlyList<StepDefinition> Steps { get; init; }

    /// <summary>The step of this name.</summary>
    public StepDefinition Step(string name) => Steps.Single(s => s.Name == name);

    /// <summary>What a run's own record says of its definition, where that can't be read: the steps' names, and the kinds of those that had begun.</summary>
    public static PipelineDefinition Remains(PipelineRunState run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new PipelineDefinition { Name = run.Pipeline, Steps = [.. run.Steps.Select(s => new StepDefinition { Name = s.Name, Kind = s.Key is { } key && StepKinds.Find(key.Kind) is not null ? key.Kind : "train" })] };
    }
}

/// <summary>When a pipeline runs.</summary>
/// <param name="Cron">Minute, hour, day of the month, month, day of the week.</param>
/// <param name="Zone">The time zone (IANA) in which that is read.</param>
/// <param name="Missed">What becomes of a run that was due while no node was up.</param>
public sealed record ScheduleDefinition(string Cron, string Zone, MissedRule Missed);

/// <summary>What becomes of runs that were due while no node was up.</summary>
public enum MissedRule
{
    /// <summary>One run makes up for all of them, for the latest of the times.</summary>
    Once,
    /// <summary>They are left out.</summary>
    Skip,
}

/// <summary>What becomes of a run that is due while the one before still runs.</summary>
public enum OverlapRule
{
    /// <summary>It's left out.</summary>
    Skip,
    /// <summary>It waits until the one before is over.</summary>
    Queue,
    /// <summary>The one before is cancelled, and it begins once that is over.</summary>
    Cancel,
}

/// <summary>A webhook: where a notice goes, and of what.</summary>
/// <param name="Url">The address.</param>
/// <param name="On">Of what.</param>
public sealed record NoticeDefinition(string Url, IReadOnlyList<NoticeKind> On)
{
    /// <inheritdoc/>
    public bool Equals(NoticeDefinition? other) => other is not null && Url == other.Url && On.SequenceEqual(other.On);

    /// <inheritdoc/>
    public override int GetHashCode() => Url.GetHashCode(StringComparison.Ordinal);
}

/// <summary>What a notice can be about.</summary>
public enum NoticeKind
{
    /// <summary>A run is over and nothing in it failed.</summary>
    Succeeded,
    /// <summary>A run is over and a step failed.</summary>
    Failed,
    /// <summary>A run was cancelled.</summary>
    Cancelled,
    /// <summary>A version was put into production.</summary>
    Promoted,
    /// <summary>A gate refused a version.</summary>
    Refused,
}

/// <summary>One step.</summary>
public sealed record StepDefinition
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }
    /// <summary>What it does: <see cref="StepKinds.All"/>.</summary>
    public required string Kind { get; init; }
    /// <summary>What people call it; null: its name.</summary>
    public string? Title { get; init; }
    /// <summary>The settings of its kind.</summary>
    public IReadOnlyDictionary<string, StepSetting> Settings { get; init; } = new Dictionary<string, StepSetting>();
    /// <summary>Steps that it waits for beside those that its settings name.</summary>
    public IReadOnlyList<string> After { get; init; } = [];
    /// <summary>How often it's tried again.</summary>
    public int Retries { get; init; }
    /// <summary>The wait before the first repetition; doubled for each further one.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>How long one try may take; null: as long as it takes.</summary>
    public TimeSpan? Timeout { get; init; }
    /// <summary>Whether what it left earlier is taken where nothing has changed.</summary>
    public bool Cache { get; init; } = true;

    /// <summary>A setting's text; null where it isn't set.</summary>
    public string? Text(string setting) => Settings.GetValueOrDefault(setting)?.Text;

    /// <summary>A setting that is a list; empty where it isn't set.</summary>
    public IReadOnlyList<string> List(string setting) => Settings.GetValueOrDefault(setting)?.List ?? [];

    /// <summary>A setting that is a table; empty where it isn't set.</summary>
    public IReadOnlyDictionary<string, string> Table(string setting) => Settings.GetValueOrDefault(setting)?.Table ?? new Dictionary<string, string>();
}

/// <summary>A setting's value: one of the three.</summary>
public sealed record StepSetting
{
    /// <summary>A single value.</summary>
    public string? Text { get; init; }
    /// <summary>Several.</summary>
    public IReadOnlyList<string>? List { get; init; }
    /// <summary>Names with values.</summary>
    public IReadOnlyDictionary<string, string>? Table { get; init; }
}
