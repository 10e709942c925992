using LipSol.Pipelines;

namespace LipSol.Grains.Pipelines.Steps;

/// <summary>What does the steps of one kind. Each call may be made again with the same step and try, after a death in the middle of it, and is to have no further effect then.</summary>
internal interface IStepWork
{
    /// <summary>The kind.</summary>
    string Kind { get; }

    /// <summary>What the step takes from elsewhere, by name: with its settings and the code, what decides what it leaves.</summary>
    Task<Dictionary<string, string>> InputsAsync(StepContext context);

    /// <summary>What became of something that the step left earlier; null where it's still there.</summary>
    Task<string?> WhyGoneAsync(StepContext context, IReadOnlyDictionary<string, string> left);

    /// <summary>Under which name it's done outside, decided before it's begun; null where nothing outside has a name.</summary>
    string? Named(StepContext context, StepKey key) => null;

    /// <summary>Does it, and returns what it leaves.</summary>
    /// <exception cref="StepFailedException">It can't be done.</exception>
    Task<Dictionary<string, string>> DoAsync(StepContext context);

    /// <summary>Ends what goes on outside.</summary>
    Task AbortAsync(StepContext context, string reason) => Task.CompletedTask;
}

/// <summary>A step that is to be done, in its run.</summary>
internal sealed class StepContext
{
    public required Func<PipelineRunState> Run { get; init; }
    public required PipelineDefinition Definition { get; init; }
    /// <summary>The step, with the run's values put into its settings.</summary>
    public required StepDefinition Step { get; init; }
    public required int Try { get; init; }
    public required IGrainFactory Grains { get; init; }
    public required TimeSpan Poll { get; init; }
    public required string CodeVersion { get; init; }
    public required CancellationToken Cancelled { get; init; }
    /// <summary>Tells how far it is.</summary>
    public required Action<string> Tell { get; init; }
    /// <summary>Writes down how far it is, where that must survive a death.</summary>
    public required Func<string, Task> Mark { get; init; }

    /// <summary>The step's own state.</summary>
    public StepState Own => Run().Step(Step.Name);

    /// <summary>What the step that a setting names left.</summary>
    public IReadOnlyDictionary<string, string>? Left(string setting) => Step.Text(setting) is { } other ? Run().Step(other).Left : null;
}

/// <summary>A step can't be done; the message says why and what to do. <paramref name="again"/>: it may be another time.</summary>
internal sealed class StepFailedException(string message, bool again) : Exception(message)
{
    public bool Again => again;
}
