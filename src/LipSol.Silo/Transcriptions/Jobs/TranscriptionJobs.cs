using System.Collections.Concurrent;
using System.Threading.Channels;
using LipSol.Client;
using LipSol.Silo.Http;
using LipSol.Silo.Node;
using LipSol.Silo.Workers;

namespace LipSol.Silo.Transcriptions;

/// <summary>
/// Reads the clips whose answers are fetched later: as many at a time as there are processes that crop, behind everything that somebody waits for. Whoever asks, on whichever node, is told from
/// the database; there this node also hears that one is to be cancelled, and says every second that it still works. What it has under way when it stops ends as failed, and what it had when it
/// was killed is ended so by the others, or by its next start.
/// </summary>
internal sealed class TranscriptionJobs(TranscriptionKeeper keeper, ClipTranscriber transcriber, NodeOptions options, WorkersOptions workers, TimeProvider time, ILogger<TranscriptionJobs> log) : BackgroundService
{
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);
    private const int Attempts = 8;
    private readonly Channel<TranscriptionWork> queue = Channel.CreateUnbounded<TranscriptionWork>();
    private readonly ConcurrentDictionary<string, TranscriptionWork> underWay = new();
    private readonly JobPlaces places = new(options.Uploads.Jobs, options.TokenLimits.Jobs);

    /// <summary>Takes clips over, and disposes of them.</summary>
    /// <param name="upload">The clips.</param>
    /// <param name="wish">How to read them.</param>
    /// <param name="received">How long they took to arrive.</param>
    /// <param name="since">How long ago their request came.</param>
    /// <param name="batch">The batch that they are; null: none.</param>
    /// <param name="cancellationToken">Ends it; what was taken over goes on.</param>
    /// <exception cref="ApiException">This node keeps no answers, or it or the token has too many clips under way; the clips are left to the caller.</exception>
    public async Task<IReadOnlyList<TranscriptionJob>> EnterAsync(ClipUpload upload, ReadingWish wish, TimeSpan received, TimeSpan since, string? batch, CancellationToken cancellationToken)
    {
        if (!keeper.Keeps) throw new ApiException(StatusCodes.Status409Conflict, "not-kept", "This node keeps no answers (--keep-answers 0), so there would be nothing to come back for. Send each clip by itself, and wait for its answer.");
        var count = upload.Clips.Count;
        places.Take(wish.Owner, count);
        IReadOnlyList<TranscriptionJob> jobs;
        try
        {
            jobs = await keeper.EnterAsync([.. upload.Clips.Select(_ => TranscriptionKeeper.NewId())], batch, wish.Owner, cancellationToken);
        }
        catch
        {
            places.Free(wish.Owner, count);
            throw;
        }
        foreach (var (clip, job) in upload.Take().Zip(jobs))
        {
            var work = new TranscriptionWork(job.Id, clip, wish, received, since, time);
            underWay[job.Id] = work;
            queue.Writer.TryWrite(work);
        }
        return jobs;
    }

    /// <summary>Cancels one that is under way here. What waits for its turn has ended then, and its place is free; what is worked on stops in a moment.</summary>
    public Task CancelAsync(string id) => underWay.TryGetValue(id, out var work) ? CancelAsync(work) : Task.CompletedTask;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await keeper.GiveUpAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var stopped = new Problem("about:blank", "Service Unavailable", StatusCodes.Status503ServiceUnavailable, $"Node {options.Name} was stopped before it had read the clip. Send it again.", "node-gone");
        await Task.WhenAll(underWay.Values.Select(work => EndAsync(work, () => keeper.FailAsync(work.Id, stopped, CancellationToken.None))));
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll([RenewAsync(stoppingToken), SweepAsync(stoppingToken), .. Enumerable.Range(0, workers.Croppers).Select(_ => WorkAsync(stoppingToken))]);

    private async Task WorkAsync(CancellationToken stopping)
    {
        await foreach (var work in queue.Reader.ReadAllAsync(stopping)) await DoAsync(work, stopping);
    }

    private Task CancelAsync(TranscriptionWork work) => work.Cancel() ? EndAsync(work, () => keeper.CancelledAsync(work.Id, CancellationToken.None)) : Task.CompletedTask;

    private async Task DoAsync(TranscriptionWork work, CancellationToken stopping)
    {
        // What was cancelled while it waited has ended already.
        if (!work.TryBegin()) return;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, work.Cancelled);
        try
        {
            var answer = await ReadAsync(work, ending.Token);
            await EndAsync(work, () => keeper.FinishAsync(work.Id, answer with { KeptUntil = keeper.Expiry }, CancellationToken.None));
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // StopAsync says what becomes of it.
        }
        catch (Exception) when (work.Cancelled.IsCancellationRequested)
        {
            await EndAsync(work, () => keeper.CancelledAsync(work.Id, CancellationToken.None));
        }
        catch (Exception e)
        {
            var problem = Problems.Of(e);
            if (problem.Status == StatusCodes.Status500InternalServerError) log.LogError(e, "The clip of transcription {Id} could not be read", work.Id);
            await EndAsync(work, () => keeper.FailAsync(work.Id, problem, CancellationToken.None));
        }
    }

    private async Task<Transcription> ReadAsync(TranscriptionWork work, CancellationToken cancellationToken)
    {
        // Cropping is what takes long: it's done once, however often the network has no time for what came of it.
        var cropped = await PersistAsync(work.Deadline, () => transcriber.OpenAsync(work.Clip, work.Wish, work.Deadline, work.Tell, cancellationToken), cancellationToken);
        return await PersistAsync(work.Deadline, () => transcriber.ReadAsync(work.Id, cropped, work.Wish, work.Deadline, work.Received, work.Waited, work.Tell, cancellationToken), cancellationToken);
    }

    private async Task<T> PersistAsync<T>(AnswerDeadline deadline, Func<Task<T>> attemptAsync, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return await attemptAsync();
            }
            catch (Exception e) when (attempt < Attempts && !deadline.IsOver && !cancellationToken.IsCancellationRequested && Problems.Of(e).Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout)
            {
                // Nobody waits for it: it comes back when there is less to do.
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(30, Math.Pow(2, attempt - 1))), time, cancellationToken);
            }
        }
    }

    // Whatever becomes of writing it down, the clip is gone and its place is free.
    private async Task EndAsync(TranscriptionWork work, Func<Task<bool>> write)
    {
        if (!underWay.TryRemove(work.Id, out _)) return;
        places.Free(work.Wish.Owner, 1);
        try
        {
            work.Clip.Dispose();
            await write().WaitAsync(LongestStop);
        }
        catch (Exception e)
        {
            // Not renewed any more, it's given up by whoever looks at it in half a minute.
            log.LogWarning("What became of transcription {Id} could not be written down: {Reason}", work.Id, e.Message.Split('\n')[0]);
        }
    }

    private async Task RenewAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Renewal, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            if (underWay.IsEmpty) continue;
            try
            {
                TranscriptionWork[] known = [.. underWay.Values];
                var there = await keeper.RenewAsync([.. known.Select(w => w.Id)], stopping);
                // Deleted, or given up by another node: nobody waits for it any more.
                var left = known.Where(w => !there.TryGetValue(w.Id, out var endAsked) || endAsked).ToHashSet();
                await Task.WhenAll(left.Select(CancelAsync));
                foreach (var work in known)
                    if (!left.Contains(work) && work.TakeNews() is { } news) await keeper.AdvanceAsync(work.Id, news.State, news.Progress, stopping);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                log.LogWarning("It could not be written down that transcriptions are under way: {Reason}", e.Message.Split('\n')[0]);
            }
        }
    }

    private async Task SweepAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Sweep, time);
        do
        {
            try
            {
                await keeper.GiveUpAsync(stopping);
                await keeper.SweepAsync(stopping);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                log.LogWarning("Transcriptions that have expired could not be deleted yet: {Reason}", e.Message.Split('\n')[0]);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }
}
