using LipSol.Artifacts.Remotes;

namespace LipSol.Artifacts.Dvc;

/// <summary>What versions consist of: a file's content, or a folder's listing and the contents of its files.</summary>
internal static class VersionContents
{
    /// <summary>The contents of a folder's files.</summary>
    public static IEnumerable<DvcObject> Of(DvcObject folder, FolderListing listing) => listing.Entries.Select(e => folder with { Hash = e.Md5 });

    /// <summary>Runs for each of them, so many at once. The first error stops the rest, and is thrown as it is.</summary>
    public static Task EachAsync<T>(IEnumerable<T> items, int jobs, Func<T, CancellationToken, Task> body, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, jobs), CancellationToken = cancellationToken }, async (item, cancelled) => await body(item, cancelled));

    /// <summary>Outputs by the remote they belong to: their own one, else the one that is asked for or the default.</summary>
    public static IEnumerable<(IObjectRemote Remote, IReadOnlyList<TrackedOutput> Outputs)> ByRemote(DvcRepository repository, string? remote, IEnumerable<TrackedOutput> outputs)
    {
        foreach (var group in outputs.GroupBy(o => remote ?? o.Output.Remote))
        {
            using var opened = RemoteSelection.Open(repository, group.Key);
            yield return (opened, [.. group]);
        }
    }
}
