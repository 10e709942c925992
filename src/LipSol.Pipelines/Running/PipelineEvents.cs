namespace LipSol.Pipelines;

/// <summary>Something that happened to a run.</summary>
public abstract record PipelineEvent;

/// <summary>The run begins.</summary>
public sealed record Begun : PipelineEvent;

/// <summary>It's known whether a step has to be done.</summary>
/// <param name="Step">The step.</param>
/// <param name="Try">Of which try.</param>
/// <param name="Key">What decides what it leaves.</param>
/// <param name="Why">Why it's done, or not.</param>
/// <param name="Work">Under which name it's done outside.</param>
public sealed record Planned(string Step, int Try, StepKey Key, string Why, string? Work) : PipelineEvent
{
    /// <summary>What it left earlier, which is taken.</summary>
    public CachedStep? Taken { get; init; }
}

/// <summary>How far a try has come.</summary>
/// <param name="Step">The step.</param>
/// <param name="Try">Of which try.</param>
/// <param name="Mark">In the words of its kind.</param>
public sealed record Marked(string Step, int Try, string Mark) : PipelineEvent;

/// <summary>A step is done.</summary>
/// <param name="Step">The step.</param>
/// <param name="Try">Of which try.</param>
/// <param name="Left">What it leaves.</param>
public sealed record Finished(string Step, int Try, IReadOnlyDictionary<string, string> Left) : PipelineEvent;

/// <summary>A try failed.</summary>
/// <param name="Step">The step.</param>
/// <param name="Try">Which try.</param>
/// <param name="Reason">Why, and what to do.</param>
/// <param name="Again">It may succeed another time.</param>
public sealed record TryFailed(string Step, int Try, string Reason, bool Again) : PipelineEvent;

/// <summary>A try that was given up has ended outside, too.</summary>
/// <param name="Step">The step.</param>
/// <param name="Try">Which try.</param>
public sealed record Aborted(string Step, int Try) : PipelineEvent;

/// <summary>Time has passed.</summary>
public sealed record Ticked : PipelineEvent;

/// <summary>Someone, or the next run, cancels it.</summary>
/// <param name="Reason">Why.</param>
public sealed record CancelAsked(string Reason) : PipelineEvent;

/// <summary>Someone goes on with it: what failed, was blocked or cancelled is done again, what is done stays.</summary>
public sealed record ResumeAsked : PipelineEvent;

/// <summary>Whoever saw to the run died, and another does now. What was asked for and not answered is asked for again.</summary>
public sealed record Recovered : PipelineEvent;

/// <summary>A notice arrived.</summary>
/// <param name="Id">The notice.</param>
public sealed record NoticeDelivered(string Id) : PipelineEvent;

/// <summary>A notice couldn't be delivered.</summary>
/// <param name="Id">The notice.</param>
/// <param name="Reason">Why.</param>
/// <param name="Again">It may arrive another time.</param>
public sealed record NoticeFailed(string Id, string Reason, bool Again) : PipelineEvent;

/// <summary>Something to do. Each may be asked for again, and is to have no further effect then.</summary>
public abstract record PipelineCommand;

/// <summary>Find out whether a step has to be done: answered by <see cref="Planned"/> or <see cref="TryFailed"/>.</summary>
public sealed record PlanStep(string Step, int Try) : PipelineCommand;

/// <summary>Do a step, under the name that is written down: answered by <see cref="Finished"/> or <see cref="TryFailed"/>.</summary>
public sealed record StartStep(string Step, int Try) : PipelineCommand;

/// <summary>Give a try up: answered by <see cref="Aborted"/>. Until then the step isn't begun again, so that what is ended can't be the next try.</summary>
public sealed record AbortStep(string Step, int Try, string Reason) : PipelineCommand;

/// <summary>Remember what a step left.</summary>
public sealed record Remember(CachedStep Result) : PipelineCommand;

/// <summary>Send a notice: answered by <see cref="NoticeDelivered"/> or <see cref="NoticeFailed"/>.</summary>
public sealed record Deliver(string Id) : PipelineCommand;

/// <summary>Tell the pipeline that the run is over.</summary>
public sealed record TellOver : PipelineCommand;

/// <summary>The state after an event, and what is to be done once it is written down.</summary>
public sealed record Transition(PipelineRunState Run, IReadOnlyList<PipelineCommand> Commands);
