using LipSol.Artifacts.Remotes;

namespace LipSol.Artifacts.Dvc;

/// <summary>What a push did.</summary>
/// <param name="Remotes">Where it went.</param>
/// <param name="Sent">Contents that were sent: files and listings.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Present">Contents that were there already.</param>
/// <param name="NotInCache">What couldn't be sent, since the cache hasn't got all of it.</param>
public sealed record PushedVersions(IReadOnlyList<string> Remotes, int Sent, long Bytes, int Present, IReadOnlyList<string> NotInCache)
{
    /// <summary>What wasn't sent, since it holds what a person withdrew from the remote.</summary>
    public IReadOnlyList<string> Withdrawn { get; init; } = [];
}

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
    /// <param name="verify">Read what the remote has as well, and send again what is damaged there.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DvcException">No remote, one that can't be reached, a damaged content.</exception>
    public static async Task<PushedVersions> RunAsync(DvcRepository repository, IReadOnlyCollection<string>? paths = null, string? remote = null, int? jobs = null, IProgress<TransferProgress>? progress = null, bool verify = false, CancellationToken cancellationToken = default)
    {
        await using var held = repository.Lock();
        int sent = 0, present = 0;
        long bytes = 0;
        var names = new List<string>();
        List<string> lacking = [], refused = [];
        var outputs = repository.Outputs(paths).Where(o => o.Output is { IsCached: true, IsPushed: true, Object: not null } && !o.File.IsImport).ToArray();
        if (outputs.Length == 0) RemoteSelection.Open(repository, remote).Dispose();
        foreach (var (opened, group) in VersionContents.ByRemote(repository, remote, outputs))
        {
            names.Add(opened.Name);
            var withdrawn = await WithdrawnContents.ReadAsync(opened, cancellationToken);
            var files = new HashSet<DvcObject>();
            var listings = new HashSet<DvcObject>();
            var taken = new List<TrackedOutput>();
            foreach (var output in group)
            {
                var content = output.Output.Object!.Value;
                if (!repository.Cache.Has(content))
                {
                    lacking.Add(repository.Relative(output.Path));
                    continue;
                }
                DvcObject[] parts = content.IsFolder ? [.. VersionContents.Of(content, repository.Cache.Listing(content))] : [];
                if (withdrawn.Count > 0 && parts.Append(content).Any(p => withdrawn.Contains(p.Hash)))
                {
                    refused.Add(repository.Relative(output.Path));
                    continue;
                }
                if (!content.IsFolder)
                {
                    taken.Add(output);
                    files.Add(content);
                    continue;
                }
                files.UnionWith(parts.Where(repository.Cache.Has));
                if (!repository.Cache.HasAll(parts))
                {
                    lacking.Add(repository.Relative(output.Path));
                    continue;
                }
                taken.Add(output);
                listings.Add(content);
            }
            if (files.Count + listings.Count == 0) continue;
            // Whoever cleans the remote from a clone that hasn't got these versions yet keeps what they need.
            PushRecord[] word = taken.Count > 0 ? [PushRecord.OfVersions([.. taken.Select(o => repository.Relative(o.Path))], [.. taken.Select(o => o.Output.Object!.Value.Hash)], repository.Time.GetUtcNow())] : [];
            var done = await opened.SendAsync([.. files, .. listings], repository.Cache.PathOf, word, verify, jobs, progress, cancellationToken);
            sent += done.Count;
            bytes += done.Values.Sum();
            present += files.Count + listings.Count - done.Count;
        }
        repository.Index.Save();
        return new PushedVersions(names, sent, bytes, present, lacking) { Withdrawn = refused };
    }

    internal static int DefaultJobs => Math.Clamp(4 * Environment.ProcessorCount, 4, 32);
}
