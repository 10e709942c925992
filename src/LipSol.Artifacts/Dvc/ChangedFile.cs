namespace LipSol.Artifacts.Dvc;

/// <summary>What became of a file from one version to another.</summary>
public enum FileChange
{
    /// <summary>It's new.</summary>
    Added,

    /// <summary>Its content changed.</summary>
    Modified,

    /// <summary>It's gone.</summary>
    Deleted,

    /// <summary>Its content is the same, under another name.</summary>
    Renamed,
}

/// <summary>A file that differs between two versions of a folder.</summary>
/// <param name="Path">Its path in the folder.</param>
/// <param name="Change">What became of it.</param>
/// <param name="OldHash">Its content before.</param>
/// <param name="NewHash">Its content after.</param>
/// <param name="OldPath">What a renamed file was called.</param>
public sealed record ChangedFile(string Path, FileChange Change, string? OldHash, string? NewHash, string? OldPath = null)
{
    /// <summary>The files that differ, in the order of their paths.</summary>
    public static IReadOnlyList<ChangedFile> Between(FolderListing old, FolderListing now)
    {
        var before = old.Entries.ToDictionary(e => e.RelativePath, e => e.Md5, StringComparer.Ordinal);
        var after = now.Entries.ToDictionary(e => e.RelativePath, e => e.Md5, StringComparer.Ordinal);
        var gone = before.Where(b => !after.ContainsKey(b.Key)).GroupBy(b => b.Value).ToDictionary(g => g.Key, g => new Queue<string>(g.Select(b => b.Key).Order(StringComparer.Ordinal)));
        var changes = new List<ChangedFile>();
        foreach (var (path, hash) in after)
        {
            if (before.TryGetValue(path, out var was))
            {
                if (was != hash) changes.Add(new ChangedFile(path, FileChange.Modified, was, hash));
            }
            else if (gone.TryGetValue(hash, out var names) && names.TryDequeue(out var name))
            {
                changes.Add(new ChangedFile(path, FileChange.Renamed, hash, hash, name));
            }
            else
            {
                changes.Add(new ChangedFile(path, FileChange.Added, null, hash));
            }
        }
        changes.AddRange(gone.SelectMany(g => g.Value.Select(path => new ChangedFile(path, FileChange.Deleted, g.Key, null))));
        changes.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return changes;
    }
}
