using System.Collections.Concurrent;
using LipSol.Artifacts.Files;
using LipSol.Artifacts.Remotes;

namespace LipSol.Artifacts.Dvc;

/// <summary>Brings into the cache what it lacks of versions, verified.</summary>
internal sealed class VersionFetch(DvcRepository repository, int jobs, IProgress<TransferProgress>? progress)
{
    private int _received;
    private long _bytes;

    public int Received => _received;

    public long Bytes => _bytes;

    /// <summary>Fetches; returns what failed. A remote is opened only where something is missing.</summary>
    public async Task<IReadOnlyList<FailedPull>> RunAsync(IReadOnlyList<TrackedOutput> outputs, string? remote, CancellationToken cancellationToken)
    {
        var failed = new List<FailedPull>();
        foreach (var group in outputs.GroupBy(o => remote ?? o.Output.Remote))
        {
            IObjectRemote? opened = null;
            try
            {
                failed.AddRange(await FetchAsync([.. group], () => opened ??= RemoteSelection.Open(repository, group.Key), cancellationToken));
            }
            finally
            {
                opened?.Dispose();
            }
        }
        return failed;
    }

    private async Task<List<FailedPull>> FetchAsync(List<TrackedOutput> outputs, Func<IObjectRemote> open, CancellationToken cancellationToken)
    {
        var problems = new ConcurrentDictionary<DvcObject, string>();
        // Listings first: they say which files there are.
        await ReceiveAsync(Lacking(outputs.Select(o => o.Output.Object!.Value).Where(c => c.IsFolder), cancellationToken), _ => 0, open, problems, cancellationToken);
        var sizes = new Dictionary<DvcObject, long>();
        var parts = new Dictionary<TrackedOutput, DvcObject[]>();
        foreach (var output in outputs)
        {
            var content = output.Output.Object!.Value;
            if (problems.ContainsKey(content)) continue;
            try
            {
                parts[output] = content.IsFolder ? [.. VersionContents.Of(content, repository.Cache.Listing(content)).Distinct()] : [content];
            }
            catch (DvcException e)
            {
                problems[content] = e.Message;
                continue;
            }
            if (!content.IsFolder) sizes[content] = output.Output.Size ?? 0;
        }
        await ReceiveAsync(Lacking(parts.Values.SelectMany(p => p), cancellationToken), c => sizes.GetValueOrDefault(c), open, problems, cancellationToken);
        return [.. outputs.Select(o => (o, Problem(o, parts.GetValueOrDefault(o) ?? [], problems))).Where(p => p.Item2 is not null).Select(p => new FailedPull(repository.Relative(p.o.Path), p.Item2!))];
    }

    private static string? Problem(TrackedOutput output, DvcObject[] parts, ConcurrentDictionary<DvcObject, string> problems)
    {
        if (problems.TryGetValue(output.Output.Object!.Value, out var own)) return own;
        var found = parts.Where(problems.ContainsKey).ToArray();
        return found.Length == 0 ? null : found.Length == 1 ? problems[found[0]] : $"{problems[found[0]]} ({found.Length - 1} more of its files are missing too.)";
    }

    private List<DvcObject> Lacking(IEnumerable<DvcObject> contents, CancellationToken cancellationToken) =>
        InParallel.Where(contents.Distinct(), c => !repository.Cache.HasWhole(c, cancellationToken), cancellationToken);

    private async Task ReceiveAsync(List<DvcObject> contents, Func<DvcObject, long> sizeOf, Func<IObjectRemote> open, ConcurrentDictionary<DvcObject, string> problems, CancellationToken cancellationToken)
    {
        if (contents.Count == 0) return;
        var remote = open();
        var count = new TransferCount(progress, contents.Count, contents.Sum(sizeOf));
        using var batch = repository.Cache.Batch();
        try
        {
            await VersionContents.EachAsync(contents, jobs, (content, cancelled) => ReceiveAsync(content, sizeOf(content), remote, batch, count, problems, cancelled), cancellationToken);
        }
        finally
        {
            // What came whole needn't come again, whatever stopped the rest.
            batch.Flush();
        }
    }

    private async Task ReceiveAsync(DvcObject content, long expected, IObjectRemote remote, FileBatch batch, TransferCount count, ConcurrentDictionary<DvcObject, string> problems, CancellationToken cancellationToken)
    {
        try
        {
            var size = new Counter(count);
            await repository.Cache.ReceiveAsync(content, target => remote.GetAsync(content, target, size, cancellationToken), remote.Name, batch);
            Interlocked.Increment(ref _received);
            Interlocked.Add(ref _bytes, size.Total);
            count.Finished(expected);
        }
        catch (DvcException e) when (!e.IsBadInput)
        {
            problems[content] = e.Message;
        }
    }

    private sealed class Counter(IProgress<long> next) : IProgress<long>
    {
        public long Total { get; private set; }

        public void Report(long value)
        {
            Total += value;
            next.Report(value);
        }
    }
}
