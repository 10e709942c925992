using System.Runtime.CompilerServices;

namespace LipSol.Client;

public sealed partial class TranscriptionsClient
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200), LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>Sends a clip and returns once it has arrived; the node reads it behind what others wait for. <see cref="GetAsync"/> tells how far it is, on any node of the cluster.</summary>
    /// <exception cref="LipSolRefusedException">What was sent isn't a clip, is too large, or the node keeps no answers.</exception>
    /// <exception cref="LipSolNotFoundException">No such model, or none is in production.</exception>
    /// <exception cref="LipSolOverloadedException">Too many clips are under way.</exception>
    public async Task<TranscriptionJob> StartAsync(string path, TranscriptionOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var file = Open(path);
        return await connection.ReceiveAsync<TranscriptionJob>(Request(Address + "?async=true", file, Path.GetFileName(path), options, null), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends several clips at once. Each is answered by itself: one that can't be read fails alone.</summary>
    /// <inheritdoc cref="StartAsync" path="/exception"/>
    public Task<TranscriptionBatch> StartBatchAsync(IReadOnlyList<string> paths, TranscriptionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        // Before anything is sent: that one is missing is known here.
        foreach (var path in paths) Open(path).Dispose();
        var form = Form(options, null);
        foreach (var path in paths) form.Add(new FileContent(path), PartOf(path), Path.GetFileName(path));
        return connection.ReceiveAsync<TranscriptionBatch>(new HttpRequestMessage(HttpMethod.Post, Address + "/batches") { Content = form }, cancellationToken);
    }

    /// <summary>A transcription by its id: how far it is and, once it has ended, what came of it. Also one that was answered at once, for as long as the node keeps it.</summary>
    /// <exception cref="LipSolNotFoundException">There is none, or no more.</exception>
    public Task<TranscriptionJob> GetAsync(string id, CancellationToken cancellationToken = default) => connection.GetAsync<TranscriptionJob>(AddressOf(id), cancellationToken);

    /// <summary>A transcription that is done, as <c>text</c>, <c>srt</c> or <c>vtt</c>.</summary>
    /// <exception cref="LipSolNotFoundException">There is none, or no more.</exception>
    /// <exception cref="LipSolRefusedException">It isn't done.</exception>
    public Task<string> GetSubtitlesAsync(string id, string format, CancellationToken cancellationToken = default) =>
        connection.GetTextAsync(new HttpRequestMessage(HttpMethod.Get, AddressOf(id) + QueryText.Of(("format", format))), cancellationToken);

    /// <summary>How far the clips of a batch are.</summary>
    /// <exception cref="LipSolNotFoundException">There is none, or no more.</exception>
    public Task<TranscriptionBatch> GetBatchAsync(string id, CancellationToken cancellationToken = default) => connection.GetAsync<TranscriptionBatch>(BatchAddressOf(id), cancellationToken);

    /// <summary>Ends one that is under way; one that has ended stays as it is.</summary>
    /// <exception cref="LipSolNotFoundException">There is none, or no more.</exception>
    public Task<TranscriptionJob> CancelAsync(string id, CancellationToken cancellationToken = default) => connection.PostAsync<TranscriptionJob>(AddressOf(id) + "/cancel", null, cancellationToken);

    /// <summary>Ends what of a batch is under way.</summary>
    /// <exception cref="LipSolNotFoundException">There is none, or no more.</exception>
    public Task<TranscriptionBatch> CancelBatchAsync(string id, CancellationToken cancellationToken = default) => connection.PostAsync<TranscriptionBatch>(BatchAddressOf(id) + "/cancel", null, cancellationToken);

    /// <summary>Deletes one.</summary>
    /// <exception cref="LipSolNotFoundException">There is none, or no more.</exception>
    public async Task DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        (await connection.SendAsync(new HttpRequestMessage(HttpMethod.Delete, AddressOf(id)), cancellationToken).ConfigureAwait(false)).Dispose();

    /// <summary>Waits until a transcription has ended, one way or another.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="progress">Is told how far it is, each time it was asked.</param>
    /// <param name="cancellationToken">Stops waiting; the transcription goes on.</param>
    /// <exception cref="LipSolNotFoundException">There is none, or no more.</exception>
    public async Task<TranscriptionJob> WaitAsync(string id, IProgress<TranscriptionJob>? progress = null, CancellationToken cancellationToken = default)
    {
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            var job = await GetAsync(id, cancellationToken).ConfigureAwait(false);
            progress?.Report(job);
            if (job.HasEnded) return job;
            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends several clips and gives each as it ends, in whatever order that is. Where the enumeration is left before its end, what is under way is cancelled.</summary>
    /// <param name="paths">The clips.</param>
    /// <param name="options">How to read them.</param>
    /// <param name="progress">Is told the share that is done, 0 to 1.</param>
    /// <param name="cancellationToken">Cancels them.</param>
    /// <inheritdoc cref="StartAsync" path="/exception"/>
    public async IAsyncEnumerable<ReadClip> TranscribeAllAsync(IReadOnlyList<string> paths, TranscriptionOptions? options = null, IProgress<double>? progress = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0) yield break;
        var batch = await StartBatchAsync(paths, options, cancellationToken).ConfigureAwait(false);
        var places = batch.Transcriptions.Select((job, place) => (job.Id, place)).ToDictionary(j => j.Id, j => j.place, StringComparer.Ordinal);
        var ended = false;
        try
        {
            for (var pause = FirstPause; ; pause = Longer(pause))
            {
                batch = await GetBatchAsync(batch.Id, cancellationToken).ConfigureAwait(false);
                progress?.Report(batch.Progress);
                foreach (var job in batch.Transcriptions)
                    if (job.HasEnded && places.Remove(job.Id, out var place)) yield return new ReadClip(paths[place], place, job);
                ended = batch.HasEnded;
                if (ended) yield break;
                await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            if (!ended) await CancelBatchAsync(batch.Id, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 1.5 is var longer && longer < LongestPause ? longer : LongestPause;

    private static string AddressOf(string id) => $"{Address}/{Uri.EscapeDataString(id)}";

    private static string BatchAddressOf(string id) => $"{Address}/batches/{Uri.EscapeDataString(id)}";
}

/// <summary>One of several clips that has ended.</summary>
/// <param name="Path">The file that was sent.</param>
/// <param name="Place">Its place among those that were sent, from 0.</param>
/// <param name="Job">What came of it.</param>
public sealed record ReadClip(string Path, int Place, TranscriptionJob Job);
