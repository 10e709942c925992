using LipSol.Grains.Ports;

namespace LipSol.Testing.HeldNode;

/// <summary>Holds the step <c>clips</c> in its import: some of it is done, and it will never be told.</summary>
internal sealed class HeldCorpora(ICorpusSources corpora, Hold hold) : ICorpusSources
{
    public const string Step = "clips";

    public Task<string?> FindAsync(string corpus, CancellationToken cancellationToken) => corpora.FindAsync(corpus, cancellationToken);

    public Task<string> LookAsync(string folder, CancellationToken cancellationToken) => corpora.LookAsync(folder, cancellationToken);

    // From the second word on: by then its worker has begun, and goes on until it dies with the node.
    public async Task<ImportedCorpus> ImportAsync(CorpusImport import, Action<string> progress, CancellationToken cancellationToken)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int told = 0;
        Task<ImportedCorpus> imported = corpora.ImportAsync(import, text =>
        {
            progress(text);
            if (Interlocked.Increment(ref told) > 1) begun.TrySetResult();
        }, cancellationToken);
        await Task.WhenAny(begun.Task, imported);
        await hold.Reached();
        return await imported;
    }
}
