using LipSol.Artifacts.Remotes;

namespace LipSol.Artifacts.Dvc;

/// <summary>What a push did.</summary>
/// <param name="Remotes">Where it went.</param>
/// <param name="Sent">Contents that were sent: files and listings.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Present">Contents that were there already.</param>
/// <param name="NotInCache">What couldn't be sent, since the cache hasn't got all of it.</param>
public sealed record PushedVersions(IReadOnlyList<string> Remotes, int Sent, long Bytes, int Present, IReadOnlyList<string> NotInCache);

/// <summary>Sends versions to a remote.</summary>
public static class DvcPush
{
    /// <summary>
    /// Sends what the remote hasn't got. A folder's listing goes last, so a folder that is there is complete. Interrupted, it goes on where it stopped; two at once do no harm; a damaged content isn't sent.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="paths">What to send; everything where it's empty.</param>
    /// <param name="remote">A remote's name, folder or address; null: the default one.</param>
    /// <param name="jobs">Transfers at once.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DvcException">No remote, one that can't be reached, a damaged content.</exception>
    public static async Task<PushedVersions> RunAsync(DvcRepository repository, IReadOnlyCollection<string>? paths = null, string? remote = null, int? jobs = null, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        await using var held = repository.Lock();
        int sent = 0, present = 0;
        long bytes = 0;
        var names = new List<string>();
        var lacking = new List<string>();
        var outputs = repository.Outputs(paths).Where(o => o.Output is { IsCached: true, IsPushed: true, Object: not null } && !o.File.IsImport).ToArray();
        if (outputs.Length == 0) RemoteSelection.Open(repository, remote).Dispose();
        foreach (var (opened, group) in VersionContents.ByRemote(repository, remote, outputs))
        {
            names.Add(opened.Name);
            var files = new HashSet<DvcObject>();
            var listings = new HashSet<DvcObject>();
            foreach (var output in group)
            {
                var content = output.Output.Object!.Value;
                if (!repository.Cache.Has(content))
                {
                    lacking.Add(repository.Relative(output.Path));
                    continue;
                }
                if (!content.IsFolder)
                {
                    files.Add(content);
                    continue;
                }
                var parts = VersionContents.Of(content, repository.Cache.Listing(content)).ToArray();
                files.UnionWith(parts.Where(repository.Cache.Has));
                if (repository.Cache.HasAll(parts)) listings.Add(content);
                else lacking.Add(repository.Relative(output.Path));
            }
            var missing = await opened.MissingAsync([.. files, .. listings], cancellationToken);
            present += files.Count + listings.Count - missing.Count;
            var sizes = missing.ToDictionary(m => m, m => new FileInfo(repository.Cache.PathOf(m)).Length);
            var count = new TransferCount(progress, missing.Count, sizes.Values.Sum());
            foreach (var stage in new[] { missing.Where(m => !m.IsFolder), missing.Where(m => m.IsFolder) })
            {
                try
                {
                    await VersionContents.EachAsync(stage, jobs ?? DefaultJobs, async (content, cancelled) =>
                    {
                        await opened.PutAsync(content, repository.Cache.PathOf(content), count, cancelled);
                        Interlocked.Increment(ref sent);
                        Interlocked.Add(ref bytes, sizes[content]);
                        count.Finished(sizes[content]);
                    }, cancellationToken);
                }
                finally
                {
                    // What was sent whole needn't be sent again, whatever stopped the rest.
                    await opened.FlushAsync(CancellationToken.None);
                }
            }
        }
        repository.Index.Save();
        return new PushedVersions(names, sent, bytes, present, lacking);
    }

    internal static int DefaultJobs => Math.Clamp(4 * Environment.ProcessorCount, 4, 32);
}
