namespace LipSol.Storage;

/// <summary>Transcriptions by id, for every node of the cluster: answers for as long as they are kept, and how far those are that a node works on.</summary>
/// <remarks>
/// A transcription that has ended stays as it ended: a node that comes back after it was given up changes nothing. What has expired is never told, and is deleted by the next
/// <see cref="SweepAsync"/>. A write survives a killed process; the last ones before a power cut may be lost.
/// </remarks>
public interface ITranscriptionStore
{
    /// <summary>Keeps new ones: under way, or ended already. All or none.</summary>
    Task AddAsync(IReadOnlyList<StoredTranscription> transcriptions, CancellationToken cancellationToken = default);

    /// <summary>One by its id; null where there is none, or it has expired.</summary>
    Task<StoredTranscription?> FindAsync(string id, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Those of a batch, in order; empty where there is none, or all have expired.</summary>
    Task<IReadOnlyList<StoredTranscription>> ListAsync(string batch, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Says that these are still worked on.</summary>
    /// <returns>Those that are under way, and whether someone asks for their end; what was deleted or given up isn't among them.</returns>
    Task<IReadOnlyDictionary<string, bool>> RenewAsync(IReadOnlyCollection<string> ids, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Tells how far one is.</summary>
    /// <returns>False where it has ended, or is gone.</returns>
    Task<bool> AdvanceAsync(string id, string state, double progress, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Ends one.</summary>
    /// <returns>False where it had ended before, or is gone.</returns>
    Task<bool> EndAsync(string id, string state, string document, DateTimeOffset expiresAt, CancellationToken cancellationToken = default);

    /// <summary>Asks whichever node works on it to stop.</summary>
    Task AskForEndAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Deletes one.</summary>
    /// <returns>False where there is none.</returns>
    Task<bool> DeleteAsync(string id, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Ends what nobody works on any more: what wasn't renewed since <paramref name="renewedBefore"/>, and what earlier processes of <paramref name="node"/> had under way.</summary>
    /// <param name="document">How each of them ends.</param>
    /// <param name="state">The state in which they end.</param>
    /// <param name="renewedBefore">Older signs of life are none.</param>
    /// <param name="expiresAt">Until when they are kept.</param>
    /// <param name="node">This node.</param>
    /// <param name="incarnation">This process of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Their number.</returns>
    Task<int> GiveUpAsync(string document, string state, DateTimeOffset renewedBefore, DateTimeOffset expiresAt, string node, string incarnation, CancellationToken cancellationToken = default);

    /// <summary>Deletes what has expired.</summary>
    /// <returns>Their number.</returns>
    Task<int> SweepAsync(DateTimeOffset now, CancellationToken cancellationToken = default);
}

/// <summary>A transcription as it's kept.</summary>
public sealed record StoredTranscription
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }
    /// <summary>The batch it belongs to.</summary>
    public string? Batch { get; init; }
    /// <summary>Its place in the batch, from 0.</summary>
    public int Place { get; init; }
    /// <summary>How far it is, in the caller's words.</summary>
    public required string State { get; init; }
    /// <summary>0 to 1.</summary>
    public double Progress { get; init; }
    /// <summary>The node that works, or worked, on it.</summary>
    public required string Node { get; init; }
    /// <summary>The process of that node.</summary>
    public required string Incarnation { get; init; }
    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>The node's last sign of life.</summary>
    public required DateTimeOffset RenewedAt { get; init; }
    /// <summary>Until when it's kept; null while it's worked on.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
    /// <summary>Whether someone asked for its end.</summary>
    public bool EndAsked { get; init; }
    /// <summary>Whose it is; null: of whoever knows its id, as all were once.</summary>
    public string? Owner { get; init; }
    /// <summary>How it ended, in the caller's form; null before.</summary>
    public string? Document { get; init; }
}
