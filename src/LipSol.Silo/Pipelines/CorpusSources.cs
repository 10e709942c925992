using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LipSol.Corpus;
using LipSol.Grains.Ports;
using LipSol.Silo.Node;
using LipSol.Silo.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Silo.Pipelines;

/// <summary>Imports corpora for pipelines, each in a worker process of its own: one at a time on a node, since an import takes all its processors.</summary>
internal sealed class CorpusSources(CorpusCatalog catalog, NodeOptions options, WorkersOptions workers, ILogger<CorpusSources> log) : ICorpusSources
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim turns = new(1);

    public Task<string?> FindAsync(string corpus, CancellationToken cancellationToken) => Task.Run(() => catalog.Find(corpus)?.Manifest, cancellationToken);

    // Names, sizes and times tell what changed without reading terabytes; the import itself goes by the bytes.
    public Task<string> LookAsync(string folder, CancellationToken cancellationToken) => Task.Run(() =>
    {
        try
        {
            var root = new DirectoryInfo(folder);
            if (!root.Exists) throw new CorpusFailedException($"There is no folder {folder} on node {options.Name}. Mount it, or correct the step's folder.", again: true);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var (files, bytes) = (0, 0L);
            foreach (var file in root.EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(f => f.FullName, StringComparer.Ordinal))
            {
                cancellationToken.ThrowIfCancellationRequested();
                (files, bytes) = (files + 1, bytes + file.Length);
                hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(folder, file.FullName)}\0{file.Length}\0{file.LastWriteTimeUtc.Ticks}\n")));
            }
            if (files == 0) throw new CorpusFailedException($"The folder {folder} on node {options.Name} is empty. Mount what belongs there, or correct the step's folder.", again: true);
            return string.Create(CultureInfo.InvariantCulture, $"{files} files, {bytes} bytes, {Convert.ToHexStringLower(hash.GetHashAndReset())[..12]}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusFailedException($"The folder {folder} can't be read on node {options.Name}: {e.Message}", again: true);
        }
    }, cancellationToken);

    public async Task<ImportedCorpus> ImportAsync(CorpusImport import, Action<string> progress, CancellationToken cancellationToken)
    {
        progress("waits for another import");
        await turns.WaitAsync(cancellationToken);
        try
        {
            var job = new CorpusJob
            {
                DataFolder = options.CommonFolder,
                Name = import.Corpus,
                Source = import.Layout,
                Folder = import.Folder,
                Options = import.Options,
                Parallelism = import.Jobs ?? Environment.ProcessorCount,
            };
            await using var worker = await WorkerProcess.StartAsync(job, workers.Process, new Sink(progress, log), cancellationToken);
            using var passOn = cancellationToken.Register(() => _ = worker.StopAsync("the step was cancelled", StopGrace));
            var exit = await worker.Ended;
            cancellationToken.ThrowIfCancellationRequested();
            return exit is { End: WorkerEnd.Completed, Result: CorpusResult result }
                ? new ImportedCorpus(result.DataHash, result.Clips, result.Refused, result.Prepared)
                : throw new CorpusFailedException(exit.Reason ?? "The import ended without a word.", again: !exit.BadInput);
        }
        catch (WorkerStartException e)
        {
            throw new CorpusFailedException(e.Message, again: true);
        }
        finally
        {
            turns.Release();
        }
    }

    private sealed class Sink(Action<string> progress, ILogger log) : IWorkerSink
    {
        public Task OnDataAsync(DataMessage message)
        {
            if (message is Progress p) progress(p.Total > 0 ? string.Create(CultureInfo.InvariantCulture, $"{p.Stage} {p.Done} of {p.Total} {p.Unit}") : p.Stage);
            return Task.CompletedTask;
        }

        public Task OnHeartbeatAsync(Heartbeat heartbeat) => Task.CompletedTask;

        public void OnLog(string line)
        {
            if (line.StartsWith("note: ", StringComparison.Ordinal)) log.LogInformation("Import: {Note}", line[6..]);
        }
    }
}
