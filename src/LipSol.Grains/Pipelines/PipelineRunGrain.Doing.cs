using System.Text.Json;
using LipSol.Contracts.Runs;
using LipSol.Grains.Nodes;
using LipSol.Grains.Pipelines.Steps;
using LipSol.Grains.Ports;
using LipSol.Pipelines;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Pipelines;

internal sealed partial class PipelineRunGrain
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(500);

    // Nothing here is waited for: who calls the run gets an answer once it's written down.
    private void Do(PipelineCommand command)
    {
        Task done = command switch
        {
            PlanStep plan => UnderWayAsync(plan.Step, plan.Try, PlanAsync),
            StartStep start => UnderWayAsync(start.Step, start.Try, WorkAsync),
            AbortStep abort => AbortAsync(abort),
            Remember remember => PassingAsync(() => Pipeline.RememberAsync(JsonSerializer.Serialize(remember.Result))),
            Deliver deliver => DeliverAsync(deliver.Id),
            TellOver => PassingAsync(() => Pipeline.OverAsync(_run!.Number)),
            _ => Task.CompletedTask,
        };
        _ = WatchAsync(done, command);
    }

    private async Task WatchAsync(Task done, PipelineCommand command)
    {
        try
        {
            await done;
        }
        catch (Exception e)
        {
            // What isn't answered is asked for again when the run is next woken from what is written down.
            if (!_deactivated.IsCancellationRequested) logger.LogWarning(e, "{Command} of run {Run} of {Pipeline} came to nothing; it's tried again.", command, _run?.Number, _run?.Pipeline);
            DeactivateOnIdle();
        }
    }

    private async Task UnderWayAsync(string step, int number, Func<StepContext, IStepWork, Task<PipelineEvent?>> work)
    {
        if (_underWay.ContainsKey((step, number))) return;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(_deactivated.Token);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _underWay[(step, number)] = (cancel, ended);
        PipelineEvent? told;
        try
        {
            told = await AnswerAsync(Context(step, number, cancel.Token), work);
        }
        finally
        {
            _underWay.Remove((step, number));
            _progress.Remove(step);
            ended.SetResult();
        }
        if (told is not null) await TellAsync(told);
    }

    private async Task<PipelineEvent?> AnswerAsync(StepContext context, Func<StepContext, IStepWork, Task<PipelineEvent?>> work)
    {
        IStepWork own = works.Single(w => w.Kind == context.Step.Kind);
        long begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await work(context, own);
            }
            catch (OperationCanceledException) when (context.Cancelled.IsCancellationRequested)
            {
                return null;
            }
            catch (StepFailedException e)
            {
                return new TryFailed(context.Step.Name, context.Try, e.Message, e.Again);
            }
            catch (CorpusFailedException e)
            {
                return new TryFailed(context.Step.Name, context.Try, e.Message, e.Again);
            }
            catch (RefusedException e)
            {
                return new TryFailed(context.Step.Name, context.Try, e.Message, Again: false);
            }
            catch (Exception e) when (ClusterErrors.IsPassing(e) && TimeProvider.System.GetElapsedTime(begun) < options.Patience)
            {
                // A silo went away under a call: whatever a step does may be asked for again.
                logger.LogInformation("Step {Step} of run {Run} of {Pipeline} waits: {Reason}", context.Step.Name, _run!.Number, _run.Pipeline, e.Message);
                await Task.Delay(Again, context.Cancelled).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "Step {Step} of run {Run} of {Pipeline} failed.", context.Step.Name, _run!.Number, _run.Pipeline);
                return new TryFailed(context.Step.Name, context.Try, e.Message, Again: true);
            }
        }
    }

    private async Task<PipelineEvent?> PlanAsync(StepContext context, IStepWork work)
    {
        StepKey key = StepKey.Of(context.Step, await work.InputsAsync(context), options.CodeVersion);
        List<CachedStep> remembered = JsonSerializer.Deserialize<List<CachedStep>>(await Pipeline.RecallAsync(context.Step.Name)) ?? [];
        // What would be taken is looked at first; whether it's there still can't be asked from within the decision.
        string? gone = remembered.Find(c => c.Key.Hash == key.Hash) is { } same ? await work.WhyGoneAsync(context, same.Left) : null;
        CacheDecision decision = StepCache.Decide(context.Step, key, remembered, _ => gone);
        return new Planned(context.Step.Name, context.Try, key, decision.Why, decision.Taken is null ? work.Named(context, key) : null) { Taken = decision.Taken };
    }

    private static async Task<PipelineEvent?> WorkAsync(StepContext context, IStepWork work) => new Finished(context.Step.Name, context.Try, await work.DoAsync(context));

    private async Task AbortAsync(AbortStep abort)
    {
        if (_underWay.TryGetValue((abort.Step, abort.Try), out (CancellationTokenSource Cancel, TaskCompletionSource Ended) own))
        {
            await own.Cancel.CancelAsync();
            // What it was just about to begin has begun by then, and can be ended.
            await own.Ended.Task;
        }
        StepContext context = Context(abort.Step, abort.Try, _deactivated.Token);
        await PassingAsync(() => works.Single(w => w.Kind == context.Step.Kind).AbortAsync(context, abort.Reason));
        await TellAsync(new Aborted(abort.Step, abort.Try));
    }

    private async Task DeliverAsync(string id)
    {
        if (_run!.Notices.FirstOrDefault(n => n.Id == id) is not { NextAt: not null } notice || !_sending.Add(id)) return;
        PipelineEvent told;
        try
        {
            await notices.SendAsync(id, notice.Url, RunNotes.Body(_run, notice), _deactivated.Token);
            told = new NoticeDelivered(id);
        }
        catch (NoticeFailedException e)
        {
            told = new NoticeFailed(id, e.Message, e.Again);
        }
        finally
        {
            _sending.Remove(id);
        }
        await TellAsync(told);
    }

    private async Task PassingAsync(Func<Task> call)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (Exception e) when (ClusterErrors.IsPassing(e) && TimeProvider.System.GetElapsedTime(begun) < options.Patience && !_deactivated.IsCancellationRequested)
            {
                await Task.Delay(Again);
            }
        }
    }

    private StepContext Context(string step, int number, CancellationToken cancelled) => new()
    {
        Run = () => _run!,
        Definition = _definition,
        Step = RunValues.PutInto(_definition.Step(step), _run!),
        Try = number,
        Grains = GrainFactory,
        Poll = options.Poll,
        CodeVersion = options.CodeVersion,
        Cancelled = cancelled,
        Tell = text => _progress[step] = text,
        Mark = mark => TellAsync(new Marked(step, number, mark)),
    };
}
