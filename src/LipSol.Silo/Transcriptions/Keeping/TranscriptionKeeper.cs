using System.Text.Json;
using LipSol.Client;
using LipSol.Contracts.Access;
using LipSol.Silo.Access;
using LipSol.Silo.Http;
using LipSol.Silo.Node;
using LipSol.Storage;

namespace LipSol.Silo.Transcriptions;

/// <summary>Answers by their id, for as long as the node keeps them, and what is under way, on whichever node.</summary>
internal sealed class TranscriptionKeeper(ITranscriptionStore store, NodeOptions options, TimeProvider time, ILogger<TranscriptionKeeper> log)
{
    /// <summary>A node that says nothing of its work for so long is given up. Nodes' clocks are at most ten seconds apart.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // A database that is away doesn't hold up an answer that is there.
    private static readonly TimeSpan LongestKeeping = TimeSpan.FromSeconds(3);

    /// <summary>This process of the node.</summary>
    public string Incarnation { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Whether anything is kept at all.</summary>
    public bool Keeps => options.Uploads.KeepAnswers > TimeSpan.Zero;

    /// <summary>Until when something that ends now is kept, in whole milliseconds: as the database has it.</summary>
    public DateTimeOffset Expiry => DateTimeOffset.FromUnixTimeMilliseconds((time.GetUtcNow() + options.Uploads.KeepAnswers).ToUnixTimeMilliseconds());

    /// <summary>An id that nobody can guess.</summary>
    public static string NewId() => Guid.CreateVersion7().ToString("N");

    /// <summary>Keeps an answer for its owner. Where that fails the answer isn't lost for it: it says that it isn't kept.</summary>
    /// <returns>The answer, with the time until which it's kept.</returns>
    public async Task<Transcription> KeepAsync(Transcription answer, string owner, CancellationToken cancellationToken)
    {
        if (!Keeps) return answer;
        var (now, kept) = (time.GetUtcNow(), answer with { KeptUntil = Expiry });
        try
        {
            await store.AddAsync([new StoredTranscription
            {
                Id = answer.Id, State = Word(TranscriptionState.Done), Progress = 1, Node = options.Name, Incarnation = Incarnation, CreatedAt = now, RenewedAt = now, ExpiresAt = kept.KeptUntil, Document = Write(kept), Owner = owner,
            }], cancellationToken).WaitAsync(LongestKeeping, cancellationToken);
            return kept;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning("The answer {Id} could not be kept: {Reason}", answer.Id, e.Message.Split('\n')[0]);
            return answer with { Notes = [.. answer.Notes, "This answer could not be kept: it can't be fetched by its id later."] };
        }
    }

    /// <summary>Enters work that is yet to be done, for its owner.</summary>
    public async Task<IReadOnlyList<TranscriptionJob>> EnterAsync(IReadOnlyList<string> ids, string? batch, string owner, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        StoredTranscription[] entered = [.. ids.Select((id, place) => new StoredTranscription
        {
            Id = id, Batch = batch, Place = place, State = Word(TranscriptionState.Queued), Node = options.Name, Incarnation = Incarnation, CreatedAt = now, RenewedAt = now, Owner = owner,
        })];
        await store.AddAsync(entered, cancellationToken);
        return [.. entered.Select(Read)];
    }

    /// <summary>One by its id.</summary>
    /// <exception cref="ApiException">There is none, or no more, or it's someone else's.</exception>
    public async Task<TranscriptionJob> GetAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var found = await FindAsync(id, caller, cancellationToken);
        if (!IsLeft(found)) return Read(found);
        await GiveUpAsync(cancellationToken);
        return Read(await FindAsync(id, caller, cancellationToken));
    }

    /// <summary>A batch by its id.</summary>
    /// <exception cref="ApiException">There is none, or no more, or it's someone else's.</exception>
    public async Task<TranscriptionBatch> GetBatchAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var found = IsId(id) ? await store.ListAsync(id, time.GetUtcNow(), cancellationToken) : [];
        if (found.Any(IsLeft))
        {
            await GiveUpAsync(cancellationToken);
            found = await store.ListAsync(id, time.GetUtcNow(), cancellationToken);
        }
        return found.Count > 0 && found.All(one => IsFor(caller, one)) ? Batch(id, [.. found.Select(Read)]) : throw Gone(id);
    }

    /// <summary>Asks for the end of one that may be under way on any node, which hears of it within a second or two.</summary>
    public Task AskForEndAsync(string id, CancellationToken cancellationToken) => store.AskForEndAsync(id, cancellationToken);

    /// <summary>Deletes one. Where it's under way, its node stops working on it.</summary>
    /// <exception cref="ApiException">There is none, or no more, or it's someone else's.</exception>
    public async Task DeleteAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        await FindAsync(id, caller, cancellationToken);
        if (!await store.DeleteAsync(id, time.GetUtcNow(), cancellationToken)) throw Gone(id);
    }

    /// <summary>Says that these are still worked on. Told are those that are under way, and whether someone asks for their end.</summary>
    public Task<IReadOnlyDictionary<string, bool>> RenewAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => store.RenewAsync(ids, time.GetUtcNow(), cancellationToken);

    public Task<bool> AdvanceAsync(string id, TranscriptionState state, double progress, CancellationToken cancellationToken) =>
        store.AdvanceAsync(id, Word(state), progress, time.GetUtcNow(), cancellationToken);

    public Task<bool> FinishAsync(string id, Transcription answer, CancellationToken cancellationToken) =>
        store.EndAsync(id, Word(TranscriptionState.Done), Write(answer), answer.KeptUntil!.Value, cancellationToken);

    public Task<bool> FailAsync(string id, Problem problem, CancellationToken cancellationToken) => store.EndAsync(id, Word(TranscriptionState.Failed), Write(problem), Expiry, cancellationToken);

    public Task<bool> CancelledAsync(string id, CancellationToken cancellationToken) => store.EndAsync(id, Word(TranscriptionState.Cancelled), "", Expiry, cancellationToken);

    /// <summary>Ends what nodes that are gone had under way, and what earlier processes of this node had.</summary>
    public Task<int> GiveUpAsync(CancellationToken cancellationToken) => store.GiveUpAsync(
        Write(new Problem("about:blank", "Service Unavailable", StatusCodes.Status503ServiceUnavailable, "The node that worked on it stopped or is gone, and the clip with it. Send the clip again.", "node-gone")),
        Word(TranscriptionState.Failed), time.GetUtcNow() - Patience, Expiry, options.Name, Incarnation, cancellationToken);

    /// <summary>Deletes what has expired.</summary>
    public Task<int> SweepAsync(CancellationToken cancellationToken) => store.SweepAsync(time.GetUtcNow(), cancellationToken);

    public static TranscriptionBatch Batch(string id, IReadOnlyList<TranscriptionJob> jobs) => new()
    {
        Id = id,
        Ended = jobs.Count(j => j.HasEnded),
        Failed = jobs.Count(j => j.State == TranscriptionState.Failed),
        Progress = jobs.Average(j => j.HasEnded ? 1 : 0.95 * j.Progress),
        Transcriptions = jobs,
    };

    private async Task<StoredTranscription> FindAsync(string id, Caller caller, CancellationToken cancellationToken) =>
        IsId(id) && await store.FindAsync(id, time.GetUtcNow(), cancellationToken) is { } found && IsFor(caller, found) ? found : throw Gone(id);

    // To anyone else it's as if it weren't there.
    private static bool IsFor(Caller caller, StoredTranscription found) => found.Owner is null || found.Owner == caller.Name || caller.Role == AccessRole.Admin;

    private static ApiException Gone(string id) => ApiException.NotFound($"There is no transcription {(IsId(id) ? id : "of this id")}: it was never there, was deleted, was kept for as long as this node keeps answers (--keep-answers), or came with another token.");

    private static bool IsId(string id) => id.Length == 32 && id.All(char.IsAsciiHexDigitLower);

    private bool IsLeft(StoredTranscription found) => found.ExpiresAt is null && found.RenewedAt < time.GetUtcNow() - Patience;

    private static TranscriptionJob Read(StoredTranscription row)
    {
        var state = Enum.Parse<TranscriptionState>(row.State, ignoreCase: true);
        return new TranscriptionJob
        {
            Id = row.Id,
            State = state,
            Progress = row.Progress,
            CreatedAt = row.CreatedAt,
            KeptUntil = row.ExpiresAt,
            Node = row.Node,
            Batch = row.Batch,
            Transcription = state == TranscriptionState.Done ? JsonSerializer.Deserialize<Transcription>(row.Document!, LipSolJson.Options) : null,
            Problem = state == TranscriptionState.Failed ? JsonSerializer.Deserialize<Problem>(row.Document!, LipSolJson.Options) : null,
        };
    }

    private static string Word(TranscriptionState state) => JsonNamingPolicy.CamelCase.ConvertName(state.ToString());

    private static string Write<T>(T document) => JsonSerializer.Serialize(document, LipSolJson.Options);
}
