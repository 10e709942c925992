namespace LipSol.Artifacts.Dvc;

/// <summary>What a pull did.</summary>
/// <param name="Received">Contents that came from remotes.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Written">Files of the workspace that were written.</param>
/// <param name="Removed">Files of the workspace that the version hasn't got, and were removed.</param>
/// <param name="Failed">What couldn't be pulled, with the reason. Everything else was.</param>
public sealed record PulledVersions(int Received, long Bytes, int Written, int Removed, IReadOnlyList<FailedPull> Failed);

/// <summary>A file or folder that couldn't be pulled.</summary>
/// <param name="Path">It, relative to the repository.</param>
/// <param name="Reason">Why, and what to do.</param>
public sealed record FailedPull(string Path, string Reason);

/// <summary>Fetches versions from a remote and puts them into the workspace.</summary>
public static class DvcPull
{
    /// <summary>
    /// Puts into the workspace what the <c>.dvc</c> files name, from the cache or else a remote. Every content's hash is verified before anything takes its place: a good file is never replaced by a damaged one.
    /// Changes that no version holds aren't overwritten, unless <paramref name="force"/> says so.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="paths">What to fetch; everything where it's empty.</param>
    /// <param name="remote">A remote's name, folder or address; null: the default one. It's only looked for where the cache lacks something.</param>
    /// <param name="jobs">Transfers at once.</param>
    /// <param name="force">Overwrite changes.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DvcException">No remote, or one that can't be reached.</exception>
    public static async Task<PulledVersions> RunAsync(DvcRepository repository, IReadOnlyCollection<string>? paths = null, string? remote = null, int? jobs = null, bool force = false, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        await using var held = repository.Lock();
        var fetch = new VersionFetch(repository, jobs ?? DvcPush.DefaultJobs, progress);
        var failed = new List<FailedPull>();
        int written = 0, removed = 0;
        try
        {
            var outputs = new List<TrackedOutput>();
            foreach (var output in repository.Outputs(paths))
            {
                if (output.Output.Unsupported is { } reason) failed.Add(new FailedPull(repository.Relative(output.Path), reason + ": use dvc for it."));
                else if (output.Output is { IsCached: true, Object: not null }) outputs.Add(output);
            }
            failed.AddRange(await fetch.RunAsync(outputs, remote, cancellationToken));
            foreach (var output in outputs.Where(o => failed.All(f => f.Path != repository.Relative(o.Path))))
            {
                try
                {
                    var checkout = WorkspaceCheckout.Run(repository, output, force, cancellationToken);
                    written += checkout.Written;
                    removed += checkout.Removed;
                }
                catch (DvcException e)
                {
                    failed.Add(new FailedPull(repository.Relative(output.Path), e.Message));
                }
            }
        }
        finally
        {
            repository.Index.Save();
        }
        return new PulledVersions(fetch.Received, fetch.Bytes, written, removed, failed);
    }
}
