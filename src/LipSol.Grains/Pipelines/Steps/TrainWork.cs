using System.Globalization;
using LipSol.Contracts.Networks;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Grains.Runs;
using LipSol.Pipelines;

namespace LipSol.Grains.Pipelines.Steps;

/// <summary><c>train</c>: an ordinary run. Its id follows from the pipeline's run and what decides the numbers, and is written down before it's started: a death in between starts none twice, and another try goes on from the last checkpoint.</summary>
internal sealed class TrainWork(ICorpusSources corpora) : IStepWork
{
    private const string Resumed = " resumed", Network = "network";

    public string Kind => "train";

    // A name says what a network of LipSol's is (with the version, which is in every key), and not what a person's is.
    public async Task<Dictionary<string, string>> InputsAsync(StepContext context)
    {
        var inputs = new Dictionary<string, string> { ["data"] = (await DataAsync(context)).Hash };
        if (await context.Grains.GetGrain<INetworkCatalogGrain>(0).FindAsync(context.Step.Text("network")!) is { } written) inputs[Network] = written.Source;
        return inputs;
    }

    public Task<string?> WhyGoneAsync(StepContext context, IReadOnlyDictionary<string, string> left) => WhyRunIsGoneAsync(context.Grains, left[Outputs.Run]);

    public string Named(StepContext context, StepKey key) => RunIds.Of(Experiment(context), Request(context, key));

    public async Task<Dictionary<string, string>> DoAsync(StepContext context)
    {
        string id = context.Own.Work ?? throw new InvalidOperationException("The run has no id.");
        IRunGrain run = context.Grains.GetGrain<IRunGrain>(id);
        if (await run.GetAsync() is null)
        {
            string started = await context.Grains.GetGrain<IExperimentGrain>(Experiment(context)).StartRunAsync(await SpecAsync(context), Request(context, context.Own.Key!));
            if (started != id) throw new InvalidOperationException($"Run {started} was started instead of {id}.");
        }
        while (true)
        {
            RunRecord record = await run.GetAsync() ?? throw new StepFailedException($"Run {id} was purged.", again: true);
            if (record.DeletedAt is not null) throw new StepFailedException($"Run {id} was deleted. Restore it (`lipsol runs restore {id}`) and go on with this run.", again: false);
            if (record is { Status: RunStatus.Completed, Outcome: not null }) return Left(record);
            if (record.Status is not (RunStatus.Queued or RunStatus.Running) && !await GoOnAsync(context, run, record)) throw Failure(record);
            context.Tell(record.Status == RunStatus.Queued ? $"run {id} waits for a slot" : Told(record));
            await Task.Delay(context.Poll, context.Cancelled);
        }
    }

    public async Task AbortAsync(StepContext context, string reason)
    {
        if (context.Own.Work is { } id && await context.Grains.GetGrain<IRunGrain>(id).GetAsync() is { Status: RunStatus.Queued or RunStatus.Running }) await context.Grains.GetGrain<IRunGrain>(id).StopAsync(reason);
    }

    /// <summary>What became of a run that is to be there; null where it is.</summary>
    public static async Task<string?> WhyRunIsGoneAsync(IGrainFactory grains, string id) => await grains.GetGrain<IRunGrain>(id).GetAsync() switch
    {
        null => $"run {id} is gone",
        { DeletedAt: not null } => $"run {id} was deleted",
        { Status: RunStatus.Completed } => null,
        { Status: var status } => $"run {id} is {PipelineGrain.Word(status)}",
    };

    // A later try goes on with the run that an earlier one left, once: how many attempts it had then is written down before it's resumed, and behind it that it was. Whoever stops it then, also while it waits for a slot, has stopped it.
    private static async Task<bool> GoOnAsync(StepContext context, IRunGrain run, RunRecord record)
    {
        if (context.Try == 1) return false;
        string mark = string.Create(CultureInfo.InvariantCulture, $"{context.Try}:{record.Attempts.Count}");
        if (context.Own.Mark is { } made && made.StartsWith($"{context.Try}:", StringComparison.Ordinal) && made != mark) return false;
        if (context.Own.Mark != mark) await context.Mark(mark);
        await run.ResumeAsync();
        await context.Mark(mark + Resumed);
        return true;
    }

    private static StepFailedException Failure(RunRecord record) => record.Status == RunStatus.Stopped
        ? new($"Run {record.Id} was stopped: {record.Reason}", again: false)
        : new($"Run {record.Id} {(record.Status == RunStatus.Failed ? "failed" : "was interrupted")}: {record.Reason} `lipsol runs show {record.Id}` shows more.", again: !record.BadInput);

    private static string Told(RunRecord record) => record.Heartbeat is { } beat ? string.Create(CultureInfo.InvariantCulture, $"run {record.Id} {beat.Phase} {100 * beat.Progress:0} %") : $"run {record.Id} begins";

    private static Dictionary<string, string> Left(RunRecord record) => new()
    {
        [Outputs.Run] = record.Id,
        [Outputs.Data] = record.Spec.DataHash,
        [Outputs.Corpus] = record.Spec.Corpus,
        [Outputs.Note] = $"Run {record.Id}.",
    };

    private async Task<RunSpec> SpecAsync(StepContext context)
    {
        StepDefinition step = context.Step;
        (string corpus, string hash) = await DataAsync(context);
        PipelineRunState run = context.Run();
        return new RunSpec
        {
            Experiment = Experiment(context),
            Name = $"{step.Title ?? step.Name}, run {run.Number} for {run.Day}",
            Network = step.Text("network")!,
            // As the key has it, whatever the name stands for by now.
            NetworkSource = context.Own.Key!.Inputs.GetValueOrDefault(Network),
            Corpus = corpus,
            DataHash = hash,
            Parameters = step.Table("set").ToDictionary(),
            Seed = step.Text("seed") is { } seed ? long.Parse(seed, CultureInfo.InvariantCulture) : 1,
            Threads = step.Text("threads") is { } threads ? int.Parse(threads, CultureInfo.InvariantCulture) : 0,
            CodeVersion = context.CodeVersion,
            Tags = new Dictionary<string, string> { ["pipeline"] = run.Pipeline, ["pipeline-run"] = run.Number.ToString(CultureInfo.InvariantCulture), ["step"] = step.Name },
            Priority = step.Text("priority") is { } priority ? int.Parse(priority, CultureInfo.InvariantCulture) : 0,
            MaximumRestarts = step.Text("restarts") is { } restarts ? int.Parse(restarts, CultureInfo.InvariantCulture) : 3,
        };
    }

    private async Task<(string Corpus, string Hash)> DataAsync(StepContext context) => context.Left("data") is { } prepared
        ? (prepared[Outputs.Corpus], prepared[Outputs.Data])
        : (context.Step.Text("corpus")!, await corpora.FindAsync(context.Step.Text("corpus")!, context.Cancelled) ?? throw NoCorpus(context.Step.Text("corpus")!));

    internal static StepFailedException NoCorpus(string corpus) => new($"There's no corpus {corpus} on this cluster. Import it (`lipsol corpus import`), or add a step that prepares it.", again: true);

    private static string Experiment(StepContext context) => context.Step.Text("experiment") ?? context.Run().Pipeline;

    private static string Request(StepContext context, StepKey key) => $"pipeline {context.Run().Pipeline}/{context.Run().Number}/{context.Step.Name}/{key.Hash[..16]}";
}
