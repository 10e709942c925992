using System.Collections.Concurrent;
using LipSol.Grains.Ports;

namespace LipSol.Grains.Tests.Cluster;

/// <summary>Folders with a number of clips in them, and corpora that are imported from them.</summary>
internal sealed class FakeCorpora : ICorpusSources
{
    private readonly ConcurrentDictionary<string, string> _corpora = new();

    /// <summary>Clips in each folder.</summary>
    public ConcurrentDictionary<string, int> Folders { get; } = new();

    /// <summary>What an import waits for.</summary>
    public Func<CorpusImport, Task> Importing { get; set; } = _ => Task.CompletedTask;

    public ConcurrentQueue<CorpusImport> Imported { get; } = new();

    /// <summary>Someone brings a corpus.</summary>
    public void Bring(string corpus, string hash) => _corpora[corpus] = hash;

    /// <summary>Someone takes a corpus away.</summary>
    public void Forget(string corpus) => _corpora.TryRemove(corpus, out _);

    public Task<string?> FindAsync(string corpus, CancellationToken cancellationToken) => Task.FromResult(_corpora.GetValueOrDefault(corpus));

    public Task<string> LookAsync(string folder, CancellationToken cancellationToken) => Task.FromResult($"{ClipsIn(folder)} files");

    public async Task<ImportedCorpus> ImportAsync(CorpusImport import, Action<string> progress, CancellationToken cancellationToken)
    {
        progress("reading");
        await Importing(import).WaitAsync(cancellationToken);
        int clips = ClipsIn(import.Folder);
        string hash = $"data-of-{clips}";
        _corpora[import.Corpus] = hash;
        Imported.Enqueue(import);
        return new ImportedCorpus(hash, clips, 0, clips);
    }

    private int ClipsIn(string folder) => Folders.TryGetValue(folder, out int clips) ? clips : throw new CorpusFailedException($"There's no folder {folder}.", again: false);
}

/// <summary>Takes notices down.</summary>
internal sealed class FakeNotices : INoticeSender
{
    public string? CannotSend { get; set; }

    public ConcurrentQueue<(string Id, string Url, string Body)> Sent { get; } = new();

    /// <summary>What sending throws; null where it arrives.</summary>
    public Func<string, Exception?> Failing { get; set; } = _ => null;

    public Task SendAsync(string id, string url, string body, CancellationToken cancellationToken)
    {
        if (Failing(id) is { } failure) return Task.FromException(failure);
        Sent.Enqueue((id, url, body));
        return Task.CompletedTask;
    }
}
