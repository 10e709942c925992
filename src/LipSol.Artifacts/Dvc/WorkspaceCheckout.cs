using LipSol.Artifacts.Files;

namespace LipSol.Artifacts.Dvc;

/// <summary>Makes the workspace hold the version that a <c>.dvc</c> file names, from the cache.</summary>
internal static class WorkspaceCheckout
{
    /// <exception cref="DvcException">Changes would be lost that no version holds; nothing was touched. Or a content in the cache is missing or damaged.</exception>
    public static (int Written, int Removed) Run(DvcRepository repository, TrackedOutput output, bool force, CancellationToken cancellationToken)
    {
        var content = output.Output.Object!.Value;
        var wanted = content.IsFolder ? repository.Cache.Listing(content).Entries.ToDictionary(e => e.RelativePath, e => e.Md5, StringComparer.Ordinal) : null;
        if (wanted?.Keys.FirstOrDefault(p => p.Split('/').Any(part => part.Equals(".git", StringComparison.OrdinalIgnoreCase))) is { } hostile)
            throw new DvcException($"The version of {repository.Relative(output.Path)} holds {hostile}: settings and hooks of git are no data, and aren't written.");
        var now = WorkspaceState.Read(repository, output.Path, content.Legacy, null, cancellationToken);
        if (now is not null && now.IsFolder != content.IsFolder)
        {
            if (!force) throw new DvcException($"{repository.Relative(output.Path)} is a {(now.IsFolder ? "folder" : "file")} here and a {(content.IsFolder ? "folder" : "file")} in that version. Move it away, or give --force to have it replaced.");
            if (now.IsFolder) Directory.Delete(output.Path, recursive: true);
            else File.Delete(output.Path);
            now = null;
        }
        var here = now?.Files.Select((f, i) => (f, Hash: now.Hashes[i])).ToDictionary(f => now.IsFolder ? f.f.RelativePath : "", f => (f.f.Path, f.Hash), StringComparer.Ordinal) ?? [];
        wanted ??= new Dictionary<string, string>(StringComparer.Ordinal) { [""] = content.Hash };

        var lost = here.Where(h => (!wanted.TryGetValue(h.Key, out var hash) || hash != h.Value.Hash) && !repository.Cache.HasWhole(content with { Hash = h.Value.Hash }, cancellationToken)).ToArray();
        if (lost.Length > 0 && !force)
            throw new DvcException($"{repository.Relative(lost[0].Value.Path)}{(lost.Length > 1 ? $" and {lost.Length - 1} more files" : "")} would be overwritten, and no version holds what is in {(lost.Length > 1 ? "them" : "it")}. Run `lipsol data add {repository.Relative(output.Path)}` to keep it, or give --force to lose it.");

        // First: a file may be in the way of a folder of the same name, or the other way round.
        var extra = here.Where(h => !wanted.ContainsKey(h.Key)).ToArray();
        foreach (var file in extra) Remove(file.Value.Path, output.Path);
        if (content.IsFolder && !Directory.Exists(output.Path)) Directory.CreateDirectory(output.Path);
        using var writer = new WorkspaceWriter(repository);
        var written = 0;
        InParallel.ForEach(wanted.Where(w => !here.TryGetValue(w.Key, out var file) || file.Hash != w.Value), file =>
        {
            writer.Write(content with { Hash = file.Value }, file.Key.Length == 0 ? output.Path : Path.GetFullPath(file.Key, output.Path), output.Output.IsExecutable, cancellationToken);
            Interlocked.Increment(ref written);
        }, cancellationToken);
        writer.Flush();
        return (written, extra.Length);
    }

    // Folders that nothing is left in go too: a version knows none that are empty.
    private static void Remove(string file, string top)
    {
        File.Delete(file);
        for (var folder = Path.GetDirectoryName(file)!; folder != top && DvcRepository.IsBelow(folder, top) && !Directory.EnumerateFileSystemEntries(folder).Any(); folder = Path.GetDirectoryName(folder)!) Directory.Delete(folder);
    }
}
