namespace LipSol.Client;

/// <summary>How far a transcription is.</summary>
public enum TranscriptionState
{
    /// <summary>It waits for its turn.</summary>
    Queued,
    /// <summary>Its frames are decoded, tracked and cropped.</summary>
    Cropping,
    /// <summary>The model reads it.</summary>
    Reading,
    /// <summary>It was read.</summary>
    Done,
    /// <summary>It can't be read, or something broke; the problem says which.</summary>
    Failed,
    /// <summary>It was cancelled.</summary>
    Cancelled,
}

/// <summary>A transcription by its id: how far it is and, once it has ended, what came of it.</summary>
public sealed record TranscriptionJob
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }
    /// <summary>How far it is.</summary>
    public required TranscriptionState State { get; init; }
    /// <summary>The share of the clip's frames that are cropped, 0 to 1; 1 once it has ended.</summary>
    public required double Progress { get; init; }
    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>Until when it can be fetched; null while it's worked on.</summary>
    public DateTimeOffset? KeptUntil { get; init; }
    /// <summary>The node that works, or worked, on it.</summary>
    public required string Node { get; init; }
    /// <summary>The batch that it belongs to; null where it came alone.</summary>
    public string? Batch { get; init; }
    /// <summary>What was read, once it's done.</summary>
    public Transcription? Transcription { get; init; }
    /// <summary>Why it failed; <see cref="Problem.Status"/> is what the answer would have had.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Whether it has ended, one way or another.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool HasEnded => State is TranscriptionState.Done or TranscriptionState.Failed or TranscriptionState.Cancelled;
}

/// <summary>Several clips that were sent at once.</summary>
public sealed record TranscriptionBatch
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }
    /// <summary>Clips that have ended, one way or another.</summary>
    public required int Ended { get; init; }
    /// <summary>Of those, the ones that couldn't be read.</summary>
    public required int Failed { get; init; }
    /// <summary>The share that is done, 0 to 1.</summary>
    public required double Progress { get; init; }
    /// <summary>Each clip, in the order in which they were sent; those that were deleted are missing.</summary>
    public required IReadOnlyList<TranscriptionJob> Transcriptions { get; init; }

    /// <summary>Whether all have ended.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool HasEnded => Ended == Transcriptions.Count;
}
