namespace LipSol.Client;

/// <summary>Corpora, their clips and pictures of mouth clips.</summary>
/// <example>
/// <code>
/// var corpus = await client.Corpora.GetAsync("urdu-synthetic");
/// var page = await client.Corpora.ListClipsAsync("urdu-synthetic", new ClipFilter { Split = "test", Seen = false, Take = 5 });
/// File.WriteAllBytes("mouths.png", await client.Corpora.GetStripAsync("urdu-synthetic", page.Clips[0].Id));
/// </code>
/// </example>
public sealed class CorporaClient
{
    private readonly NodeConnection connection;

    internal CorporaClient(NodeConnection connection) => this.connection = connection;

    /// <summary>All corpora of the node, by name.</summary>
    public Task<IReadOnlyList<CorpusSummary>> ListAsync(CancellationToken cancellationToken = default) =>
        connection.GetAsync<IReadOnlyList<CorpusSummary>>("api/v1/corpora", cancellationToken);

    /// <summary>A corpus with its statistics.</summary>
    /// <exception cref="LipSolNotFoundException">No such corpus.</exception>
    public Task<CorpusDetails> GetAsync(string name, CancellationToken cancellationToken = default) =>
        connection.GetAsync<CorpusDetails>($"api/v1/corpora/{Uri.EscapeDataString(name)}", cancellationToken);

    /// <summary>Finds where the words of a corpus' sentences are said, with a model that reads sentences. Takes as long as reading all clips takes.</summary>
    /// <exception cref="LipSolNotFoundException">No such corpus, model or version.</exception>
    /// <exception cref="LipSolRefusedException">The model reads words, or can't read this corpus' mouth clips.</exception>
    public Task<CorpusAlignment> AlignAsync(string name, AlignCorpus request, CancellationToken cancellationToken = default) =>
        connection.PostAsync<CorpusAlignment>($"api/v1/corpora/{Uri.EscapeDataString(name)}/alignments", request, cancellationToken);

    /// <summary>Clips of a corpus by id, a page at a time.</summary>
    /// <exception cref="LipSolNotFoundException">No such corpus.</exception>
    public Task<ClipPage> ListClipsAsync(string name, ClipFilter? filter = null, CancellationToken cancellationToken = default)
    {
        var f = filter ?? new ClipFilter();
        return connection.GetAsync<ClipPage>($"api/v1/corpora/{Uri.EscapeDataString(name)}/clips" + QueryText.Of(
            ("split", f.Split), ("speaker", f.Speaker), ("seen", f.Seen), ("text", f.Text), ("refused", f.Refused), ("skip", f.Skip), ("take", f.Take)), cancellationToken);
    }

    /// <summary>A PNG of a mouth clip's frames, side by side from left to right.</summary>
    /// <param name="name">The corpus.</param>
    /// <param name="clipId">The clip; or a sample of it (<c>clip#n</c>), whose word's frames alone are shown where its times are known.</param>
    /// <param name="frames">How many frames, evenly spread over the clip; null for all (for an animation).</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="LipSolNotFoundException">No such corpus or clip, or the clip was refused and has no mouth clip.</exception>
    public Task<byte[]> GetStripAsync(string name, string clipId, int? frames = null, CancellationToken cancellationToken = default) =>
        connection.GetBytesAsync($"api/v1/corpora/{Uri.EscapeDataString(name)}/strip.png" + QueryText.Of(("clip", clipId), ("frames", frames)), cancellationToken);

    /// <summary>A clip's mouth clip file (.npz, opens with <c>numpy.load</c>).</summary>
    /// <exception cref="LipSolNotFoundException">No such corpus or clip, or the clip was refused and has no mouth clip.</exception>
    public Task<byte[]> GetMouthClipAsync(string name, string clipId, CancellationToken cancellationToken = default) =>
        connection.GetBytesAsync($"api/v1/corpora/{Uri.EscapeDataString(name)}/mouth.npz" + QueryText.Of(("clip", clipId)), cancellationToken);
}

/// <summary>Which clips to list; what is null doesn't filter.</summary>
public sealed record ClipFilter
{
    /// <summary><c>train</c>, <c>val</c> or <c>test</c>.</summary>
    public string? Split { get; init; }
    /// <summary>The speaker.</summary>
    public string? Speaker { get; init; }
    /// <summary>Whether the speaker is in <c>train</c>.</summary>
    public bool? Seen { get; init; }
    /// <summary>The whole transcript.</summary>
    public string? Text { get; init; }
    /// <summary>Refused clips only, or usable ones only.</summary>
    public bool? Refused { get; init; }
    /// <summary>How many to pass over.</summary>
    public int Skip { get; init; }
    /// <summary>How many at most, up to 1000.</summary>
    public int Take { get; init; } = 100;
}

/// <summary>A page of clips.</summary>
/// <param name="Total">Clips that match, on all pages.</param>
/// <param name="Clips">Those of this page.</param>
public sealed record ClipPage(int Total, IReadOnlyList<ClipEntry> Clips);
